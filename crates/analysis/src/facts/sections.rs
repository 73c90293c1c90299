//! Which sections a snapshot has, and reading them once.

use pgdba_pg::ServerVersion;
use pgdba_snapshot::section::{Availability, Partial, SectionSpec};
use pgdba_snapshot::{DiagSnapshot, Row, sections};

use crate::engine::outcome::NotAssessed;
use crate::finding::SectionState;

/// Reads sections and remembers how it went.
pub(super) struct Reader<'a> {
    snapshot: &'a DiagSnapshot,
    seen: Vec<Seen>,
    problems: Vec<String>,
}

#[derive(Debug)]
struct Seen {
    name: &'static str,
    availability: Availability,
    limited: Option<String>,
    rows: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(snapshot: &'a DiagSnapshot) -> Self {
        Self { snapshot, seen: Vec::new(), problems: snapshot.problems.clone() }
    }

    /// The rows of a section; none where it cannot be read.
    pub(super) fn rows<R: Row>(&mut self) -> Vec<R> {
        let section = self.snapshot.section::<R>();
        self.problems.extend(section.problems);
        self.seen.push(Seen {
            name: R::SPEC.name,
            availability: section.availability,
            limited: section.limited.or_else(|| missing_databases(&section.partial)),
            rows: u64::try_from(section.rows.len()).unwrap_or(u64::MAX),
        });
        section.rows
    }

    /// The rows of a section, where "none" and "not read" are not the same.
    pub(super) fn rows_if_read<R: Row>(&mut self) -> Option<Vec<R>> {
        let rows = self.rows();
        let is_read = self.seen.last().is_some_and(|seen| seen.availability == Availability::Available);
        is_read.then_some(rows)
    }

    pub(super) fn problems(&self) -> Vec<String> {
        self.problems.clone()
    }

    pub(super) fn finish(mut self, version: Option<ServerVersion>) -> Sections {
        for spec in sections::ALL {
            if self.seen.iter().all(|seen| seen.name != spec.name) {
                self.seen.push(unread(self.snapshot, spec));
            }
        }
        let is_delta = self.snapshot.sampling.mode == "delta";
        Sections { seen: self.seen, version, is_delta }
    }
}

/// What is missing of a section that was read in several databases.
fn missing_databases(partial: &[Partial]) -> Option<String> {
    let first = partial.first()?;
    let others = match partial.len() {
        1 => String::new(),
        many => format!(", and {} others", many - 1),
    };
    Some(format!("database {} is missing: {}{others}", first.datname, first.error))
}

/// The state of a section whose rows no fact needs yet.
fn unread(snapshot: &DiagSnapshot, spec: &'static SectionSpec) -> Seen {
    let table = pgdba_snapshot::section::read_table(snapshot, spec.name);
    Seen {
        name: spec.name,
        availability: table.availability,
        limited: table.limited.or_else(|| missing_databases(&table.partial)),
        rows: u64::try_from(table.rows.len()).unwrap_or(u64::MAX),
    }
}

/// Which sections there are.
#[derive(Debug)]
pub struct Sections {
    seen: Vec<Seen>,
    version: Option<ServerVersion>,
    /// Whether what is read during a delta only can be there.
    is_delta: bool,
}

impl Sections {
    /// Passes where the section can be looked at, or where this server's version does not have it.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub fn require(&self, spec: &SectionSpec) -> Result<(), NotAssessed> {
        if !self.has(spec) {
            return Ok(());
        }
        match self.find(spec).map(|seen| &seen.availability) {
            Some(Availability::Available) => Ok(()),
            Some(Availability::Unavailable(reason)) => Err(NotAssessed(format!("{}: {reason}", spec.name))),
            Some(Availability::Absent) | None => Err(NotAssessed(format!("{} is not in the snapshot", spec.name))),
        }
    }

    /// Passes where no row or column of the section is hidden from the role that collected it.
    ///
    /// # Errors
    /// What is hidden.
    pub fn require_whole(&self, spec: &SectionSpec) -> Result<(), NotAssessed> {
        match self.find(spec).and_then(|seen| seen.limited.as_ref()) {
            Some(reason) => Err(NotAssessed(format!("{}: {reason}", spec.name))),
            None => Ok(()),
        }
    }

    /// Every section that the server's version has, in the order of collection.
    #[must_use]
    pub fn states(&self) -> Vec<SectionState> {
        sections::ALL.iter().filter(|spec| self.has(spec)).filter_map(|spec| self.find(spec)).map(state).collect()
    }

    fn has(&self, spec: &SectionSpec) -> bool {
        self.version.is_none_or(|version| version.major() >= spec.since) && (self.is_delta || !spec.sampled)
    }

    fn find(&self, spec: &SectionSpec) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.name == spec.name)
    }
}

fn state(seen: &Seen) -> SectionState {
    let (available, reason) = match &seen.availability {
        Availability::Available => (true, seen.limited.clone()),
        Availability::Unavailable(reason) => (false, Some(reason.clone())),
        Availability::Absent => (false, Some("not in the snapshot".to_owned())),
    };
    SectionState { name: seen.name.to_owned(), available, rows: seen.rows, reason }
}
