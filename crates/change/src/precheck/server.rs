//! What prevents any change of a server, whichever parameters are concerned.

use crate::change_set::{ChangeSet, Via};
use crate::facts::{AutoConfFile, Facts, FileLine};
use crate::refusal::Refusal;

use super::parameter;

/// The first digits of a fingerprint, enough to tell two servers apart.
const DIGITS: usize = 12;

/// Everything that prevents it. `fingerprint` is that of the server the change was made for, where it names one; mistakes in the
/// files are passed over where they are in lines of the parameters `own`, which the change writes anew.
pub(super) fn refusals(fingerprint: Option<&str>, facts: &Facts, via: Via, own: &[&str]) -> Vec<Refusal> {
    let digits = |text: &str| text.chars().take(DIGITS).collect();
    let wanted = fingerprint.filter(|wanted| *wanted != facts.fingerprint);
    let other = wanted.map(|wanted| Refusal::OtherServer { wanted: digits(wanted), found: digits(&facts.fingerprint) });
    let by_alter_system = via == Via::AlterSystem;
    let is_off = by_alter_system && !facts.allows_alter_system;
    let may_not_reload = by_alter_system && !facts.may_reload;
    [
        other,
        is_off.then_some(Refusal::AlterSystemOff),
        may_not_reload.then(|| Refusal::MayNotReload { role: facts.role.clone() }),
        files(facts, own),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The first mistake in the files that keeps the server from loading them. A line that ALTER SYSTEM cannot read is among those that
/// the server reports too.
fn files(facts: &Facts, own: &[&str]) -> Option<Refusal> {
    match &facts.auto_conf {
        AutoConfFile::Broken(error) => return Some(Refusal::AutoConfBroken { error: error.to_string() }),
        AutoConfFile::Failed(error) => {
            let error = format!("could not read postgresql.auto.conf: {error}");
            return Some(Refusal::AutoConfBroken { error });
        }
        AutoConfFile::Read(_) | AutoConfFile::Unreadable(_) => {}
    }
    let is_own = |line: &FileLine| {
        line.is_auto() && line.name.as_deref().is_some_and(|name| own.iter().any(|own| own.eq_ignore_ascii_case(name)))
    };
    let mistake = facts.blocking_mistakes().into_iter().find(|line| !is_own(line));
    let access = || facts.reload.errors.first();
    mistake.or_else(access).map(|line| Refusal::FilesBroken {
        file: line.file.clone(),
        line: line.line,
        error: line.error_with_name(),
    })
}

/// What prevents a change set from being rolled back or resumed by this role: the same rights that applying it takes.
#[must_use]
pub fn refusals_of(change_set: &ChangeSet, facts: &Facts) -> Vec<Refusal> {
    let names: Vec<&str> = change_set.steps().map(|change| change.name.as_str()).collect();
    let mut refusals = refusals(Some(&change_set.fingerprint), facts, change_set.via, &names);
    if change_set.via == Via::AlterSystem {
        if !facts.is_server_of(change_set) {
            refusals.push(Refusal::OtherNode { wanted: place_of(change_set) });
        }
        refusals.extend(names.iter().filter_map(|name| parameter::permission_refusal(facts, name)));
    }
    refusals
}

/// Where a change set was applied, as people know it.
fn place_of(change_set: &ChangeSet) -> String {
    let address = change_set.address.as_deref().unwrap_or("the local Unix-domain socket");
    let port = change_set.port.map(|port| format!(":{port}")).unwrap_or_default();
    let directory = change_set.data_directory.as_ref().map(|directory| format!(" ({directory})")).unwrap_or_default();
    format!("{address}{port}{directory}")
}
