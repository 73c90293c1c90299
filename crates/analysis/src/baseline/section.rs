//! A section of a baseline: its data, and since when its counters count; or why it is missing.

use jiff::Timestamp;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::{DiagSnapshot, Row};
use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::View;
use crate::facts::databases::Databases;
use crate::format::Checked;
use crate::rates::{Rate, ServerRate, Source};

/// Since when the counters of a view count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountedSince {
    /// The view, such as `pg_stat_database`.
    pub view: &'static str,
    /// What of the view it is: a database, or a cache; none if it is all of it.
    pub of: Option<String>,
    /// When they were last reset, or when the server began its statistics; none if that is unknown.
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
}

/// A section of a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Section<T> {
    /// Since when its counters count.
    pub stats_reset: Vec<CountedSince>,
    /// What it contains; none if it is missing.
    pub data: Option<T>,
    /// Why it is missing.
    pub absence: Option<String>,
}

impl<T> Section<T> {
    /// The section, or why it is missing.
    pub(super) fn of(derived: Checked<Derived<T>>) -> Self {
        match derived {
            Ok(Derived { stats_reset, data }) => Self { stats_reset, data: Some(data), absence: None },
            Err(missing) => Self { stats_reset: Vec::new(), data: None, absence: Some(missing.reason) },
        }
    }
}

/// What was derived for a section.
pub(super) struct Derived<T> {
    pub(super) stats_reset: Vec<CountedSince>,
    pub(super) data: T,
}

/// What a section is derived from.
pub(super) struct Reading<'a> {
    pub(super) snapshot: &'a DiagSnapshot,
    /// The facts that the section declares.
    pub(super) view: View<'a>,
    pub(super) source: Source<'a>,
}

impl CountedSince {
    /// That of a view whose rows were all reset at once; none if the snapshot does not have it.
    pub(super) fn whole<R: Row>(snapshot: &DiagSnapshot, reset: fn(&R) -> Option<Timestamp>) -> Option<Self> {
        let row = snapshot.section::<R>().rows.into_iter().next()?;
        Some(Self { view: R::SPEC.name, of: None, since: reset(&row) })
    }

    /// Those of each database.
    pub(super) fn databases(view: &'static str, databases: &Databases) -> Vec<Self> {
        let one =
            |row: &PgStatDatabase| Self { view, of: row.datname.clone(), since: databases.window(row, None).since };
        databases.named().map(|(row, _)| one(row)).collect()
    }
}

/// The rates among `all` that have one of these keys.
pub(super) fn among(all: Vec<ServerRate>, keys: &[&str]) -> Vec<ServerRate> {
    all.into_iter().filter(|rate| keys.contains(&rate.key)).collect()
}

/// The rate among `all` that has this key.
pub(super) fn named<'r>(all: &'r [ServerRate], key: &str) -> Option<&'r Rate> {
    all.iter().find(|rate| rate.key == key).map(|rate| &rate.rate)
}
