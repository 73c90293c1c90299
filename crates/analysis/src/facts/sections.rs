//! Which sections a snapshot has, and reading them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_pg::ServerVersion;
use pgdba_snapshot::section::{Availability, Partial, Sample, Section};
use pgdba_snapshot::sections::system::System;
use pgdba_snapshot::since::{Resets, Since};
use pgdba_snapshot::{DiagSnapshot, Gap, Row, SectionSpec, sections};

use super::clock::Clock;
use super::growth::Grown;
use crate::format::{Checked, NotAssessed, SectionState};

/// Reads sections and remembers how it went.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    snapshot: &'a DiagSnapshot,
    version: Option<ServerVersion>,
    resets: OnceCell<Resets>,
    clock: OnceCell<Clock>,
    read: RefCell<BTreeMap<&'static str, Read>>,
}

/// How reading a section went, or what counting its rows showed.
#[derive(Debug, Clone)]
struct Read {
    state: SectionState,
    /// The databases in which it could not be read, in words.
    missing: Option<String>,
    problems: Vec<String>,
}

/// The rows of a section, what is hidden from the collecting role, and what was added in a delta.
pub(super) struct Rows<R> {
    pub(super) rows: Vec<R>,
    pub(super) limited: Option<NotAssessed>,
    /// When they were read, by the server's clock.
    pub(super) read_at: Option<Timestamp>,
    /// How many times it was sampled, if its rows are counts over several samples.
    pub(super) readings: Option<u64>,
    /// The samples inside the window of a delta.
    pub(super) between: Vec<Sample<R>>,
    since: Option<Since<R>>,
}

impl<R> Rows<R> {
    /// Each row with what its counters grew by.
    pub(super) fn grown(self) -> Grown<R> {
        Grown::new(self.rows, self.since)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(snapshot: &'a DiagSnapshot) -> Self {
        let of_system = || snapshot.section::<System>().rows.first().and_then(|row| row.server_version_num);
        let version = snapshot.server_version().or_else(|| of_system().map(ServerVersion));
        Self { snapshot, version, resets: OnceCell::new(), clock: OnceCell::new(), read: RefCell::default() }
    }

    /// What happened to the counters in the window of a delta.
    fn resets(&self) -> &Resets {
        self.resets.get_or_init(|| Resets::in_window(self.snapshot))
    }

    /// The server's clock.
    pub(super) fn clock(&self) -> &Clock {
        self.clock.get_or_init(|| Clock::of(self.snapshot))
    }

    /// Whether counters were sampled twice, and waits in between.
    pub(super) fn is_delta(&self) -> bool {
        self.snapshot.sampling.mode == "delta"
    }

    pub(super) fn version(&self) -> Option<ServerVersion> {
        self.version
    }

    pub(super) fn snapshot(&self) -> &'a DiagSnapshot {
        self.snapshot
    }

    /// The rows of a section; none where this server's version does not have it.
    pub(super) fn rows<R: Row>(&self) -> Checked<Rows<R>> {
        let section = self.snapshot.section::<R>();
        let count = section.rows.len() as u64;
        self.read(section, count)
    }

    /// The same with each row handed to `each` instead: a large section of which little is kept is never held as a whole.
    ///
    /// If the section is damaged, `each` has seen the rows before the damage.
    pub(super) fn visit<R: Row>(&self, mut each: impl FnMut(R)) -> Checked<Rows<R>> {
        let (is_there, mut count) = (self.has(R::SPEC), 0);
        let section = self.snapshot.visit::<R>(|row| {
            count += 1;
            if is_there {
                each(row);
            }
        });
        self.read(section, count)
    }

    /// What was read of a section of so many rows.
    fn read<R: Row>(&self, section: Section<R>, count: u64) -> Checked<Rows<R>> {
        let since = section.earlier.as_ref().and_then(|_| section.since(self.resets()));
        let read_at = self.clock().at(section.collected_at);
        let limited = incompleteness(section.limited, &section.partial);
        let state = state(R::SPEC, &section.availability, limited.clone(), count);
        let missing = missing_databases(&section.partial);
        self.read.borrow_mut().insert(R::SPEC.name, Read { state, missing, problems: section.problems });
        if !self.has(R::SPEC) {
            let (rows, between) = (Vec::new(), Vec::new());
            return Ok(Rows { rows, limited: None, read_at, readings: None, between, since: None });
        }
        let (readings, between) = (section.readings, section.between);
        let limited = limited.map(|reason| NotAssessed::because(format!("{}: {reason}", R::SPEC.name)));
        match section.availability {
            Availability::Available => Ok(Rows { rows: section.rows, limited, read_at, readings, between, since }),
            Availability::Unavailable(reason) => Err(NotAssessed::because(format!("{}: {reason}", R::SPEC.name))),
            Availability::Absent => {
                Err(NotAssessed::because(format!("section {} is not in the snapshot", R::SPEC.name)))
            }
        }
    }

    /// Every section that the server's version has, in the order of collection. Those that no fact has read are counted.
    pub(super) fn states(&self) -> Vec<SectionState> {
        sections::ALL.iter().filter(|spec| self.has(spec)).map(|spec| self.state(spec)).collect()
    }

    /// The state of the section `name`, where the server's version has it.
    pub(super) fn state_of(&self, name: &str) -> Option<SectionState> {
        sections::find(name).filter(|spec| self.has(spec)).map(|spec| self.state(spec))
    }

    /// Why the sections `specs` do not show every database; nothing where they do, or where they are missing altogether.
    pub(super) fn require_databases(&self, specs: impl Iterator<Item = &'static SectionSpec>) -> Checked<()> {
        for spec in specs.filter(|spec| self.has(spec)) {
            if let Some(missing) = self.known(spec).missing {
                return Err(NotAssessed::because(format!("{}: {missing}", spec.name)));
            }
        }
        Ok(())
    }

    /// Requires that the sections `specs` could be read, those that the server's version has.
    pub(super) fn require(&self, specs: impl Iterator<Item = &'static SectionSpec>) -> Checked<()> {
        let states = specs.filter(|spec| self.has(spec)).map(|spec| self.state(spec));
        let Some(missing) = states.into_iter().find(|state| !state.available) else { return Ok(()) };
        Err(NotAssessed::because(match missing.reason {
            Some(reason) if self.snapshot.sections.contains_key(&missing.name) => format!("{}: {reason}", missing.name),
            _ => format!("section {} is not in the snapshot", missing.name),
        }))
    }

    /// Problems of the document and of the sections that were read.
    pub(super) fn problems(&self) -> Vec<String> {
        let read = self.read.borrow();
        let of_sections = sections::ALL.iter().filter_map(|spec| read.get(spec.name)).flat_map(|read| &read.problems);
        let gap = self.snapshot.sampling.gap.as_ref().map(gap);
        self.snapshot.problems.iter().chain(of_sections).cloned().chain(gap).collect()
    }

    fn state(&self, spec: &'static SectionSpec) -> SectionState {
        self.known(spec).state
    }

    /// What is known of a section. One that no fact has read is counted, once.
    fn known(&self, spec: &'static SectionSpec) -> Read {
        let count = || {
            let summary = self.snapshot.summary(spec.name);
            let limited = incompleteness(summary.limited, &summary.partial);
            Read {
                state: state(spec, &summary.availability, limited, summary.rows),
                missing: missing_databases(&summary.partial),
                problems: Vec::new(),
            }
        };
        self.read.borrow_mut().entry(spec.name).or_insert_with(count).clone()
    }

    /// Whether the server's version has a section.
    pub(super) fn has(&self, spec: &SectionSpec) -> bool {
        spec.is_collected(self.version, self.is_delta())
    }
}

fn state(spec: &SectionSpec, availability: &Availability, limited: Option<String>, rows: u64) -> SectionState {
    let (available, reason) = match availability {
        Availability::Available => (true, limited),
        Availability::Unavailable(reason) => (false, Some(reason.clone())),
        Availability::Absent => (false, Some("not in the snapshot".to_owned())),
    };
    SectionState { name: spec.name.to_owned(), available, rows, reason }
}

/// When the connection of a delta was lost, and for how long.
fn gap(gap: &Gap) -> String {
    format!(
        "the connection was lost {:.0} s into the delta and restored {:.0} s later; nothing was sampled in between",
        gap.after_seconds, gap.seconds
    )
}

/// Why a section is not complete: what is hidden from the role, and the databases that could not be read.
fn incompleteness(limited: Option<String>, partial: &[Partial]) -> Option<String> {
    let reasons: Vec<String> = limited.into_iter().chain(missing_databases(partial)).collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// The databases in which a section could not be read.
fn missing_databases(partial: &[Partial]) -> Option<String> {
    let first = partial.first()?;
    let name = format!("\"{}\"", first.datname.replace('"', "\"\""));
    let databases = match partial.len() {
        1 => format!("database {name}"),
        many => format!("database {name} and {} more", many - 1),
    };
    let differ = partial.iter().any(|other| other.error != first.error);
    let example = if differ { format!("{name}: ") } else { String::new() };
    Some(format!("{databases} could not be read: {example}{}", first.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(databases: &[(&str, &str)]) -> Vec<Partial> {
        let partial =
            |(name, error): &(&str, &str)| Partial { datname: (*name).to_owned(), error: (*error).to_owned() };
        databases.iter().map(partial).collect()
    }

    #[test]
    fn all_reasons_why_a_section_is_not_complete_are_named() {
        let role = Some("superusers see more".to_owned());
        for (limited, databases, expected) in [
            (None, &[("x", "no CONNECT privilege")][..], "database \"x\" could not be read: no CONNECT privilege"),
            (
                None,
                &[("a\"b", "no CONNECT privilege"), ("y", "no CONNECT privilege")],
                "database \"a\"\"b\" and 1 more could not be read: no CONNECT privilege",
            ),
            (
                None,
                &[("x", "timeout"), ("y", "no CONNECT privilege"), ("z", "timeout")],
                "database \"x\" and 2 more could not be read: \"x\": timeout",
            ),
            (role, &[("x", "timeout")], "superusers see more; database \"x\" could not be read: timeout"),
        ] {
            assert_eq!(incompleteness(limited, &missing(databases)).as_deref(), Some(expected));
        }
        assert_eq!(incompleteness(None, &[]), None);
    }
}
