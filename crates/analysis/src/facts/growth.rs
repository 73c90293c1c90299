//! What counters grew by in the window of a delta, beside what they count since their reset.

use std::collections::BTreeMap;

use pgdba_pg::{Millis, display};
use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::sections::{pg_stat_archiver, pg_stat_bgwriter, pg_stat_database, pg_stat_statements_info, system};
use pgdba_snapshot::since::{Absence, Change, Since};

use crate::format::{Figure, Quantity};

/// The sections that tell whether counters were reset in the window.
pub const RESETS: [&SectionSpec; 5] = [
    &system::SPEC,
    &pg_stat_database::SPEC,
    &pg_stat_statements_info::SPEC,
    &pg_stat_bgwriter::SPEC,
    &pg_stat_archiver::SPEC,
];

/// What a row's counters grew by in the window of a delta, or why that is not known. None where the snapshot is not a delta.
#[derive(Debug, Clone)]
pub struct Growth<R>(pub Option<Result<Box<Change<R>>, Absence>>);

impl<R> Growth<R> {
    /// What a counter grew by per second, as a cell of a table, whose [notes](Sampled::notes) say why a rate is unknown.
    pub fn per_second(&self, counter: impl FnOnce(&R) -> Option<i64>) -> Quantity {
        match &self.0 {
            Some(Ok(change)) => change.per_second(counter).map_or(Quantity::Unknown, Quantity::PerSecond),
            Some(Err(_)) | None => Quantity::Unknown,
        }
    }

    /// The same as a figure, which gives the reason itself; none where the snapshot is not a delta.
    pub fn figure(&self, key: &str, label: &str, counter: impl FnOnce(&R) -> Option<i64>) -> Option<Figure> {
        let value = match self.0.as_ref()? {
            Ok(_) => self.per_second(counter),
            Err(absence) => Quantity::Text(format!("unknown: {absence}")),
        };
        Some(Figure::new(key, value).labelled(label))
    }

    /// The same of another form of the row; none where it does not have that form.
    pub fn map<S>(&self, form: impl FnOnce(&R) -> Option<S>) -> Option<Growth<S>> {
        let growth = match self.0.as_ref()? {
            Ok(change) => Ok(Box::new(Change { growth: form(&change.growth)?, seconds: change.seconds })),
            Err(absence) => Err(*absence),
        };
        Some(Growth(Some(growth)))
    }

    /// The row with its counters replaced by what they grew by, where that is known.
    #[must_use]
    pub fn row(&self) -> Option<&R> {
        self.0.as_ref()?.as_ref().ok().map(|change| &change.growth)
    }
}

/// The window of a delta.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// How long it is.
    pub length: Millis,
    /// How many rows have no growth, by reason.
    absences: BTreeMap<Absence, u64>,
}

impl Sampled {
    /// `30 s`.
    #[must_use]
    pub fn words(&self) -> String {
        display::duration(self.length)
    }

    /// The same without the rows that have no growth for this reason, because it is known all the same.
    #[must_use]
    pub(super) fn without(mut self, absence: Absence) -> Self {
        self.absences.remove(&absence);
        self
    }

    /// For how many of the things called so no rate is known, and why: one line a reason.
    pub fn notes(&self, singular: &str, plural: &str) -> Vec<String> {
        let note = |(absence, count): (&Absence, &u64)| {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            format!("No rate for {}: {absence}", display::counted(count, singular, plural))
        };
        self.absences.iter().map(note).collect()
    }
}

/// Rows of a section with what they grew by.
#[derive(Debug)]
pub(super) struct Grown<R> {
    pub(super) rows: Vec<(R, Growth<R>)>,
    /// The window, where the snapshot is a delta.
    pub(super) sampled: Option<Sampled>,
}

impl<R> Grown<R> {
    pub(super) fn new(rows: Vec<R>, since: Option<Since<R>>) -> Self {
        let sampled = since
            .as_ref()
            .map(|since| Sampled { length: Millis::from_seconds(since.seconds), absences: since.absences() });
        let changes = since.map_or_else(Vec::new, |since| since.changes);
        let growths = changes
            .into_iter()
            .map(|change| Growth(Some(change.map(Box::new))))
            .chain(std::iter::repeat_with(|| Growth(None)));
        Self { rows: rows.into_iter().zip(growths).collect(), sampled }
    }
}
