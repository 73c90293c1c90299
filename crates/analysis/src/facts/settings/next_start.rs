//! What the next start of the server finds in the configuration files.

use std::collections::BTreeSet;

use pgdba_pg::display;
use pgdba_pg::parameter::file_name;
use pgdba_pg::quote::quote_literal;
use pgdba_pg::start::{Certainty, Host, Problem};
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::{Configured, Settings, Waiting};
use crate::format::{Checked, NotAssessed};

/// Parameters that a query names.
const SHOWN: usize = 20;

/// What the next start of the server changes.
#[derive(Debug)]
pub enum Change<'a> {
    /// A parameter, and its value after a restart if that is known.
    Pending {
        /// The parameter.
        setting: &'a PgSetting,
        /// Its value after a restart, as displayed.
        next: Option<String>,
        /// The conditions for a start that the snapshot does not decide.
        conditions: Vec<String>,
        /// Whether the configuration files were read, so that no invalid line can be among them.
        is_confirmed: bool,
    },
    /// A parameter with whose waiting value the server does not start.
    Prevented {
        /// The parameter.
        setting: &'a PgSetting,
        /// The waiting value, as displayed.
        next: String,
        /// Why the server does not start.
        reason: String,
    },
    /// A line with which the server does not start.
    Fatal(&'a PgFileSetting),
}

impl Configured {
    /// What the next start changes, or what prevents it. `is_managed` is whether a managed service writes the files.
    ///
    /// # Errors
    /// Nothing is known to wait, but the files could not be read: only there invalid lines and changes that were not reloaded
    /// are seen. A managed service keeps its files valid.
    pub fn next_start(&self, host: &Host, is_managed: bool) -> Checked<Vec<Change<'_>>> {
        let unread = self.unread().filter(|_| !is_managed);
        let fatal = self.fatal_lines();
        let is_fatal = |setting: &PgSetting| {
            fatal.iter().any(|line| line.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&setting.name)))
        };
        let problems = self.start_problems(host);
        let changed = self.iter().filter(|setting| !is_fatal(setting));
        let changes = changed.filter_map(|setting| self.change(setting, &problems, unread.is_none()));
        let changes: Vec<Change<'_>> = changes.collect();
        let changes: Vec<Change<'_>> = fatal.into_iter().map(Change::Fatal).chain(changes).collect();
        match unread {
            Some(NotAssessed { reason, .. }) if changes.is_empty() => Err(NotAssessed::because(format!(
                "it is not known whether the configuration files have invalid lines or changes that were not reloaded; \
                 {reason}"
            ))),
            _ => Ok(changes),
        }
    }

    fn change<'a>(&'a self, setting: &'a PgSetting, problems: &[Problem], is_confirmed: bool) -> Option<Change<'a>> {
        let (next, needs_restart) = match self.waiting(setting) {
            Waiting::Restart(next) => (next, true),
            Waiting::Reload(next) => (Some(next), false),
            Waiting::Nothing | Waiting::Forgotten => return None,
        };
        let next = next.map(|next| self.displayed_text(setting, &next));
        let is_of = |problem: &&Problem| problem.parameters.iter().any(|name| name.eq_ignore_ascii_case(&setting.name));
        let (mut reasons, mut conditions) = (Vec::new(), Vec::new());
        for problem in problems.iter().filter(is_of) {
            match &problem.certainty {
                Certainty::Certain(reason) => reasons.push(reason.clone()),
                Certainty::Unless(condition) => conditions.push(condition.clone()),
            }
        }
        match (next, reasons.into_iter().next()) {
            (Some(next), Some(reason)) => Some(Change::Prevented { setting, next, reason }),
            (next, _) => needs_restart.then_some(Change::Pending { setting, next, conditions, is_confirmed }),
        }
    }
}

impl Change<'_> {
    /// Whether the server does not start with it.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal(_) | Self::Prevented { .. })
    }

    /// The parameter; of a line that cannot be read, its place.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Pending { setting, .. } | Self::Prevented { setting, .. } => setting.name.clone(),
            Self::Fatal(line) => line.name.clone().unwrap_or_else(|| place(line)),
        }
    }

    /// The value in force, as displayed.
    #[must_use]
    pub fn in_force(&self) -> Option<String> {
        match self {
            Self::Pending { setting, .. } | Self::Prevented { setting, .. } => Settings::displayed(setting),
            Self::Fatal(_) => None,
        }
    }

    /// The value in the files, and why the server rejects it.
    #[must_use]
    pub fn in_files(&self) -> Option<String> {
        match self {
            Self::Pending { next, .. } => next.clone(),
            Self::Prevented { next, reason, .. } => Some(format!("{next} ({reason})")),
            Self::Fatal(line) => {
                let error = line.error.as_deref().unwrap_or_default();
                Some(line.setting.as_ref().map_or_else(|| error.to_owned(), |value| format!("{value} ({error})")))
            }
        }
    }

    /// Why the server does not start with it: the place of an invalid line, what it sets, and the error.
    #[must_use]
    pub fn obstacle(&self) -> Option<String> {
        let line = match self {
            Self::Pending { .. } => return None,
            Self::Prevented { reason, .. } => return Some(reason.clone()),
            Self::Fatal(line) => line,
        };
        let value = line.setting.as_ref().zip(line.name.as_ref()).map(|(value, name)| format!(" ({name} = {value})"));
        let error = line.error.as_deref().unwrap_or_default();
        Some(format!("{}{}: {error}", place(line), value.unwrap_or_default()))
    }

    /// Whether the configuration files were read.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        !matches!(self, Self::Pending { is_confirmed: false, .. })
    }
}

/// What must be corrected, counted: `1 invalid line and 2 changed parameters`.
#[must_use]
pub fn obstacles(changes: &[Change<'_>]) -> String {
    let lines = changes.iter().filter(|change| matches!(change, Change::Fatal(_))).count();
    let values = changes.iter().filter(|change| matches!(change, Change::Prevented { .. })).count();
    let lines = (lines > 0).then(|| display::counted(lines, "invalid line", "invalid lines"));
    let values = (values > 0).then(|| display::counted(values, "changed parameter", "changed parameters"));
    lines.into_iter().chain(values).collect::<Vec<_>>().join(" and ")
}

/// The conditions for a start that the snapshot does not decide, in one sentence; empty if there are none.
#[must_use]
pub fn conditions(changes: &[Change<'_>]) -> String {
    let conditions = changes.iter().flat_map(|change| match change {
        Change::Pending { conditions, .. } => conditions.as_slice(),
        Change::Prevented { .. } | Change::Fatal(_) => &[],
    });
    let distinct: BTreeSet<&str> = conditions.map(String::as_str).collect();
    distinct.into_iter().collect::<Vec<_>>().join("; that ")
}

fn place(line: &PgFileSetting) -> String {
    let number = line.sourceline.map(|number| format!(" line {number}")).unwrap_or_default();
    format!("{}{number}", line.sourcefile.as_deref().map_or("configuration file", file_name))
}

/// A query that shows the lines of the files beside the values in force.
pub fn query<'a>(changes: impl Iterator<Item = &'a Change<'a>>) -> String {
    let pending = changes.filter_map(|change| match change {
        Change::Pending { setting, .. } | Change::Prevented { setting, .. } => Some(quote_literal(&setting.name)),
        Change::Fatal(_) => None,
    });
    let names: Vec<String> = pending.take(SHOWN).collect();
    let or = if names.is_empty() { String::new() } else { format!("\n   OR s.name IN ({})", names.join(", ")) };
    format!(
        "SELECT coalesce(f.name, s.name) AS name, s.setting, f.setting AS in_file, f.sourcefile, f.sourceline, f.error\n\
         FROM pg_settings s FULL JOIN pg_file_settings f ON lower(f.name) = lower(s.name)\n\
         WHERE f.error IS NOT NULL{or};"
    )
}
