//! The lines of the configuration files.

use pgdba_pg::parameter;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;

/// The lines of the configuration files, as the server read them when the snapshot was made.
#[derive(Debug)]
pub struct Files {
    /// In the order in which they are read; the last line of a parameter counts.
    pub(super) lines: Vec<PgFileSetting>,
}

impl Files {
    pub(super) fn from_rows(mut lines: Vec<PgFileSetting>) -> Self {
        let is_removal =
            |row: &PgFileSetting| parameter::is_removed_from_files(row.sourcefile.as_deref(), row.error.as_deref());
        lines.retain(|line| !is_removal(line));
        lines.sort_by_key(|line| line.seqno);
        Self { lines }
    }

    /// The files they are in, one for each line.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| line.sourcefile.as_deref())
    }

    /// The line that counts for a parameter.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<&PgFileSetting> {
        self.last_in(name, |_| true)
    }

    /// The line that would count for a parameter if only some files were read.
    pub fn last_in(&self, name: &str, is_read: impl Fn(&str) -> bool) -> Option<&PgFileSetting> {
        let is_of = |line: &&PgFileSetting| line.name.as_ref().is_some_and(|line| line.eq_ignore_ascii_case(name));
        let is_read = |line: &&PgFileSetting| is_read(line.sourcefile.as_deref().unwrap_or_default());
        self.lines.iter().rev().filter(is_of).find(is_read)
    }

    /// Whether a line prevents the server from loading the files: a syntax error or an unrecognized parameter.
    #[must_use]
    pub fn are_blocked(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.applied != Some(true))
    }
}
