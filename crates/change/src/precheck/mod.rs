//! The precheck: every parameter of a change is looked at before the first is touched.

mod danger;
mod parameter;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use danger::questions;
pub(crate) use parameter::is_overriding;
pub use parameter::{is_shown, kind_of};

use jiff::Timestamp;
use pgdba_snapshot::identity::sha256_hex;

use crate::auto_conf::AutoConf;
use crate::change_set::{Change, DryRun, FormerFile, Outcome, Via};
use crate::facts::{Facts, FileLine};
use crate::refusal::Refusal;
use crate::request::Request;

/// Which way, and how much the user insists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Which way the change takes.
    pub via: Via,
    /// Whether refusals that allow it are passed over.
    pub force: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Precheck {
    /// Every parameter that was asked for, by name.
    pub changes: Vec<Change>,
    /// What speaks against the change; empty where it can be made.
    pub refusals: Vec<Refusal>,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
    /// The file that ALTER SYSTEM writes, before.
    pub former_file: FormerFile,
    /// When the server started.
    pub started_at: Option<Timestamp>,
    /// The role that makes the change.
    pub role: String,
    /// The server's data directory, where the role can see it.
    pub data_directory: Option<String>,
}

/// The first digits of a fingerprint, enough to tell two servers apart.
const DIGITS: usize = 12;

/// Looks at everything that `request` wants.
#[must_use]
pub fn precheck(request: &Request, facts: &Facts, options: Options) -> Precheck {
    let (auto_conf, unreadable) = read_file(facts);
    let command_line = facts.command_line();
    let look = parameter::Look { facts, options, auto_conf: auto_conf.as_ref(), sight: facts.sight(&command_line) };
    let server = of_the_server(request, facts, options, unreadable);
    let mut refusals = server;
    let mut changes = Vec::new();
    for (name, wanted) in &request.parameters {
        let (change, refusal) = look.at(name, wanted.as_deref());
        changes.push(change);
        refusals.extend(refusal);
    }
    let warnings = warnings(facts, options, &changes, auto_conf.as_ref());
    let former_file = former_file(facts, auto_conf.as_ref());
    Precheck {
        changes,
        refusals,
        warnings,
        former_file,
        started_at: facts.started_at,
        role: facts.role.clone(),
        data_directory: facts.setting("data_directory").map(|setting| setting.setting.clone()),
    }
}

/// `postgresql.auto.conf` as far as it can be read; a file that the server cannot read keeps it from every ALTER SYSTEM.
fn read_file(facts: &Facts) -> (Option<AutoConf>, Option<Refusal>) {
    match facts.auto_conf.as_ref().map(|bytes| AutoConf::read(bytes)) {
        Ok(Ok(file)) => (Some(file), None),
        Ok(Err(error)) => {
            let error = error.to_string();
            (None, Some(Refusal::AutoConfBroken { error }))
        }
        Err(_) => (None, None),
    }
}

impl Precheck {
    /// Adds what the server itself refuses.
    pub fn refuse(&mut self, refusals: Vec<Refusal>) {
        for refusal in refusals {
            let change = self.changes.iter_mut().find(|change| refusal.parameter() == Some(change.name.as_str()));
            if let Some(change) = change {
                change.outcome = Outcome::Refused;
                change.notes.insert(0, refusal.to_string());
            }
            self.refusals.push(refusal);
        }
    }

    /// Counts and warnings, as the ChangeSet keeps them.
    #[must_use]
    pub fn dry_run(&self) -> DryRun {
        let count = |wanted| {
            let found = self.changes.iter().filter(|change| change.outcome == wanted).count();
            u32::try_from(found).unwrap_or(u32::MAX)
        };
        DryRun {
            applies: count(Outcome::Applies),
            waits_for_restart: count(Outcome::WaitsForRestart),
            unchanged: count(Outcome::Unchanged),
            refused: count(Outcome::Refused),
            warnings: self.warnings.clone(),
        }
    }
}

/// What stands in the way of any change of this server, all of it.
fn of_the_server(request: &Request, facts: &Facts, options: Options, unreadable: Option<Refusal>) -> Vec<Refusal> {
    let digits = |text: &str| text.chars().take(DIGITS).collect();
    let wanted = request.fingerprint.as_ref().filter(|wanted| **wanted != facts.fingerprint);
    let other = wanted.map(|wanted| Refusal::OtherServer { wanted: digits(wanted), found: digits(&facts.fingerprint) });
    let by_alter_system = options.via == Via::AlterSystem;
    let is_off = by_alter_system && !facts.allows_alter_system;
    let may_not_reload = by_alter_system && !facts.may_reload;
    // A line that ALTER SYSTEM cannot read is among the mistakes too.
    let files = unreadable.or_else(|| facts.blocking_mistakes().first().map(|line| broken(line)));
    [
        other,
        is_off.then_some(Refusal::AlterSystemOff),
        may_not_reload.then(|| Refusal::MayNotReload { role: facts.role.clone() }),
        files,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn broken(line: &FileLine) -> Refusal {
    let error = line.error_with_name();
    Refusal::FilesBroken { file: line.file.clone(), line: line.line, error }
}

fn former_file(facts: &Facts, auto_conf: Option<&AutoConf>) -> FormerFile {
    let (Ok(bytes), Some(auto_conf)) = (&facts.auto_conf, auto_conf) else { return FormerFile::default() };
    FormerFile {
        sha256: Some(sha256_hex(bytes)),
        names: auto_conf.entries().iter().map(|entry| entry.name.clone()).collect(),
        not_exact: (!auto_conf.is_canonical()).then(|| {
            "postgresql.auto.conf was edited by hand: ALTER SYSTEM drops its comments and writes its lines in its own way".to_owned()
        }),
    }
}

/// What the user should know of the whole.
fn warnings(facts: &Facts, options: Options, changes: &[Change], auto_conf: Option<&AutoConf>) -> Vec<String> {
    let mut warnings = Vec::new();
    let steps: Vec<&Change> = changes.iter().filter(|change| change.outcome.is_step()).collect();
    if steps.is_empty() {
        return warnings;
    }
    if facts.in_recovery && options.via == Via::AlterSystem {
        warnings.push("the server is a standby: the change is this server's alone".to_owned());
    }
    if options.via == Via::AlterSystem
        && facts.command_line().len() > 1
        && !matches!(facts.patroni, crate::facts::Patroni::NotManaged)
    {
        warnings.push("Patroni manages this server: the change is this member's alone and may go with it; --via patroni changes all members".to_owned());
    }
    if let Err(reason) = &facts.auto_conf
        && options.via == Via::AlterSystem
    {
        warnings.push(format!(
            "postgresql.auto.conf cannot be read ({reason}): values are put back, but not the file byte for byte"
        ));
    }
    if options.via == Via::AlterSystem && auto_conf.is_some_and(|file| !file.is_canonical()) {
        warnings.extend(former_file(facts, auto_conf).not_exact);
    }
    let told = |line: &FileLine| format!("{} line {}: {}", line.file, line.line, line.error_with_name());
    let named: BTreeSet<String> = facts.mistakes().map(told).collect();
    warnings.extend(named.into_iter().map(|mistake| format!("the configuration files hold a mistake: {mistake}")));
    warnings.extend(danger::of(facts, options.via, &steps));
    warnings
}
