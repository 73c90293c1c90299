//! What the next start of the server finds in the configuration files.

use pgdba_pg::parameter::file_name;
use pgdba_pg::quote::quote_literal;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::{Configured, Settings, Waiting};

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
    },
    /// A line with which the server does not start.
    Fatal(&'a PgFileSetting),
}

impl Configured {
    /// What the next start changes, or what prevents it.
    #[must_use]
    pub fn next_start(&self) -> Vec<Change<'_>> {
        let fatal = self.fatal_lines();
        let is_fatal = |setting: &PgSetting| {
            fatal.iter().any(|line| line.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&setting.name)))
        };
        let pending: Vec<Change<'_>> =
            self.iter().filter(|setting| !is_fatal(setting)).filter_map(|setting| self.pending(setting)).collect();
        fatal.into_iter().map(Change::Fatal).chain(pending).collect()
    }

    fn pending<'a>(&'a self, setting: &'a PgSetting) -> Option<Change<'a>> {
        let next = match self.waiting(setting) {
            Waiting::Restart(next) => next.map(|next| self.displayed_text(setting, &next)),
            Waiting::Nothing | Waiting::Forgotten | Waiting::Reload(_) => return None,
        };
        Some(Change::Pending { setting, next })
    }
}

impl Change<'_> {
    /// Whether the server does not start with it.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal(_))
    }

    /// The parameter; of a line that cannot be read, its place.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Pending { setting, .. } => setting.name.clone(),
            Self::Fatal(line) => line.name.clone().unwrap_or_else(|| place(line)),
        }
    }

    /// The value in force, as displayed.
    #[must_use]
    pub fn in_force(&self) -> Option<String> {
        match self {
            Self::Pending { setting, .. } => Settings::displayed(setting),
            Self::Fatal(_) => None,
        }
    }

    /// The value in the files, and why the server rejects it.
    #[must_use]
    pub fn in_files(&self) -> Option<String> {
        match self {
            Self::Pending { next, .. } => next.clone(),
            Self::Fatal(line) => {
                let error = line.error.as_deref().unwrap_or_default();
                Some(line.setting.as_ref().map_or_else(|| error.to_owned(), |value| format!("{value} ({error})")))
            }
        }
    }

    /// An invalid line in words: its place, what it sets, and the error.
    #[must_use]
    pub fn line_in_words(&self) -> Option<String> {
        let Self::Fatal(line) = self else { return None };
        let value = line.setting.as_ref().zip(line.name.as_ref()).map(|(value, name)| format!(" ({name} = {value})"));
        let error = line.error.as_deref().unwrap_or_default();
        Some(format!("{}{}: {error}", place(line), value.unwrap_or_default()))
    }
}

fn place(line: &PgFileSetting) -> String {
    let number = line.sourceline.map(|number| format!(" line {number}")).unwrap_or_default();
    format!("{}{number}", line.sourcefile.as_deref().map_or("configuration file", file_name))
}

/// A query that shows the lines of the files beside the values in force. Where the files could not be read, it shows what the
/// server marks, which it does only when it loads the files.
pub fn query<'a>(changes: impl Iterator<Item = &'a Change<'a>> + Clone) -> String {
    let is_in_files = |change: &Change<'_>| matches!(change, Change::Fatal(_) | Change::Pending { next: Some(_), .. });
    if !changes.clone().any(is_in_files) {
        return "SELECT name, setting, source, sourcefile FROM pg_settings WHERE pending_restart;".to_owned();
    }
    let pending = changes.filter_map(|change| match change {
        Change::Pending { setting, .. } => Some(quote_literal(&setting.name)),
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
