//! The precheck: every parameter of a change is looked at before the first is touched.

mod danger;
mod parameter;
mod reload;
mod server;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::BTreeSet;

pub use danger::questions;
pub use server::refusals_of;

use jiff::Timestamp;
use pgdba_pg::mask;

use crate::change_set::{Change, ChangeSet, DryRun, FormerFile, Outcome, Via};
use crate::facts::{AutoConfFile, Facts, FileLine};
use crate::refusal::Refusal;
use crate::request::Request;
use crate::restore;

/// Which way, and how much the user insists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How the change reaches the server.
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
    /// What the reload brings into force besides, one sentence each.
    pub reload: Vec<String>,
    /// The file that ALTER SYSTEM writes, before.
    pub former_file: FormerFile,
    /// When the server started.
    pub started_at: Option<Timestamp>,
    /// The role that makes the change.
    pub role: String,
    /// The server's data directory, where the role can see it.
    pub data_directory: Option<String>,
}

/// Looks at everything that `request` wants.
#[must_use]
pub fn precheck(request: &Request, facts: &Facts, options: Options) -> Precheck {
    let auto_conf = facts.auto_conf.read();
    let command_line = facts.command_line();
    let look =
        parameter::Look { facts, options, auto_conf, sight: facts.sight(&command_line), guesses: Cell::default() };
    let mut refusals = server::refusals(request.fingerprint.as_deref(), facts, options.via, &[]);
    let mut changes = Vec::new();
    for (name, wanted) in &request.parameters {
        let (change, refusal) = look.at(name, wanted.as_deref());
        changes.push(change);
        refusals.extend(refusal);
    }
    let steps: Vec<&Change> = changes.iter().filter(|change| change.outcome.is_step()).collect();
    let names: Vec<&str> = steps.iter().map(|change| change.name.as_str()).collect();
    let former_file = if options.via == Via::AlterSystem { former_file(facts, &names) } else { FormerFile::default() };
    let warnings = warnings(facts, options, &steps, &former_file);
    let is_reloaded = options.via == Via::AlterSystem && !steps.is_empty();
    let reload = if is_reloaded { reload::effects(facts, &names) } else { Vec::new() };
    Precheck {
        changes,
        refusals,
        warnings,
        reload,
        former_file,
        started_at: facts.started_at,
        role: facts.role.clone(),
        data_directory: facts.setting("data_directory").map(|setting| setting.setting.clone()),
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
            reload: self.reload.clone(),
        }
    }
}

/// What the reload of a change set that is rolled back or resumed brings into force besides, one sentence each.
#[must_use]
pub fn reload_of(change_set: &ChangeSet, facts: &Facts) -> Vec<String> {
    let names: Vec<&str> = change_set.steps().map(|change| change.name.as_str()).collect();
    reload::effects(facts, &names)
}

/// `postgresql.auto.conf` before a change of these parameters.
fn former_file(facts: &Facts, names: &[&str]) -> FormerFile {
    let Some(file) = facts.auto_conf.read() else { return FormerFile::default() };
    FormerFile {
        names: Some(file.entries().iter().map(|entry| entry.name.clone()).collect()),
        lost: if names.is_empty() { Vec::new() } else { restore::lost(file, names, facts.version.major()) },
    }
}

/// What the user should know of the whole.
fn warnings(facts: &Facts, options: Options, steps: &[&Change], former_file: &FormerFile) -> Vec<String> {
    let mut warnings = Vec::new();
    if steps.is_empty() {
        return warnings;
    }
    if facts.in_recovery && options.via == Via::AlterSystem {
        warnings.push("the server is a standby: the change applies to this server only".to_owned());
    }
    if options.via == Via::AlterSystem
        && facts.command_line().len() > 1
        && !matches!(facts.patroni, crate::facts::Patroni::NotManaged)
    {
        warnings.push(
            "Patroni manages this server: the change applies to this member only and can be lost; --via patroni \
             changes all members"
                .to_owned(),
        );
    }
    if let AutoConfFile::Unreadable(reason) = &facts.auto_conf
        && options.via == Via::AlterSystem
    {
        warnings.push(format!(
            "postgresql.auto.conf cannot be read ({reason}): a rollback restores the values, but not the file byte \
             for byte, and overwrites changes by others that are not loaded yet"
        ));
    }
    let loses = |what: &String| format!("ALTER SYSTEM rewrites postgresql.auto.conf, which permanently loses {what}");
    warnings.extend(former_file.lost.iter().map(loses));
    warnings.extend(secrets(facts, options, steps));
    let describe = |line: &FileLine| format!("{} line {}: {}", line.file, line.line, line.error_with_name());
    let named: BTreeSet<String> = facts.mistakes().map(describe).collect();
    warnings.extend(named.into_iter().map(|mistake| format!("the configuration files contain an error: {mistake}")));
    warnings.extend(danger::of(facts, options.via, steps));
    warnings
}

/// Says where a value that may be a secret is recorded although pgdba keeps its own statements from being recorded.
fn secrets(facts: &Facts, options: Options, steps: &[&Change]) -> Vec<String> {
    let is_secret = |value: &str, name: &str| mask::setting::mask(name, value) != value;
    let is_either = |change: &&&Change| {
        let values = [change.new_value.as_deref(), change.former.value()];
        values.into_iter().flatten().any(|value| is_secret(value, &change.name))
    };
    let secret: Vec<&&Change> = steps.iter().filter(is_either).collect();
    let names = |changes: &[&&Change]| changes.iter().map(|change| change.name.as_str()).collect::<Vec<_>>().join(", ");
    if options.via == Via::Patroni || secret.is_empty() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    if !facts.records.is_empty() {
        let places = facts.records.join(" and ");
        warnings.push(format!(
            "the statement that sets {} contains a secret, and this role cannot keep it out of {places}",
            names(&secret)
        ));
    }
    let reloaded: Vec<&&Change> = secret.into_iter().filter(|change| change.context != "postmaster").collect();
    let is_logged = facts.setting("log_min_messages").is_none_or(|s| !matches!(s.setting.as_str(), "fatal" | "panic"));
    if is_logged && !reloaded.is_empty() {
        warnings.push(format!(
            "at the reload the server logs the new value of {}, which contains a secret",
            names(&reloaded)
        ));
    }
    warnings
}
