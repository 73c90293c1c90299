//! Counters of a database with the time over which they were counted.

use jiff::Timestamp;
use pgdba_pg::Millis;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

use super::databases::Databases;
use super::growth::Growth;
use super::time::Window;
use super::view::View;
use crate::format::{Checked, NotAssessed};

/// The counters of a database over some time: the window of a delta, or since their reset.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its counters grew by in that time.
    pub row: &'a PgStatDatabase,
    /// How long it is; none where the time of the reset is unknown.
    pub length: Option<Millis>,
    /// Whether it is the window of a delta.
    pub is_delta: bool,
}

impl Observed<'_> {
    /// The number per second; none where the time is unknown.
    #[must_use]
    pub fn per_second(&self, count: Option<i64>) -> Option<f64> {
        let seconds = self.length?.seconds();
        (seconds > 0.0).then_some(count? as f64 / seconds)
    }

    /// The number per hour; none where the time is unknown.
    #[must_use]
    pub fn per_hour(&self, count: Option<i64>) -> Option<f64> {
        self.per_second(count).map(|rate| rate * 3600.0)
    }
}

impl Databases {
    /// Each database since its counters were reset, without the counters of shared objects.
    pub fn since_reset(&self, now: Option<Timestamp>) -> impl Iterator<Item = Observed<'_>> {
        self.all.iter().filter_map(move |(row, _)| {
            let length = Window::until(now, row.stats_reset).length;
            Some(Observed { name: row.datname.as_deref()?, row, length, is_delta: false })
        })
    }

    /// Each database in the window of a delta; one whose growth is unknown is left out.
    pub fn in_delta(&self) -> impl Iterator<Item = Observed<'_>> {
        self.all.iter().filter_map(|(row, growth)| observed(row, growth))
    }

    /// The window of a delta if the snapshot is one, otherwise the time since the reset.
    pub fn latest(&self, now: Option<Timestamp>) -> Vec<Observed<'_>> {
        let in_delta: Vec<_> = self.in_delta().collect();
        if in_delta.is_empty() { self.since_reset(now).collect() } else { in_delta }
    }
}

fn observed<'a>(row: &'a PgStatDatabase, growth: &'a Growth<PgStatDatabase>) -> Option<Observed<'a>> {
    let change = growth.0.as_ref()?.as_ref().ok()?;
    let length = Some(Millis::from_seconds(change.seconds));
    Some(Observed { name: row.datname.as_deref()?, row: &change.growth, length, is_delta: true })
}

/// Requires that the server counts sessions.
///
/// # Errors
/// It is older than version 14.
pub fn require_session_counters(view: &View<'_>, counted: &[Observed<'_>]) -> Checked<()> {
    if view.version().is_ok_and(|version| version.major() < 14) && !counted.is_empty() {
        return Err(NotAssessed::expected("the server counts sessions only from version 14 on"));
    }
    Ok(())
}
