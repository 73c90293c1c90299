//! Tables: catalog, counters and autovacuum thresholds.

use jiff::Timestamp;
use pgdba_pg::parameter::{self, Kind, Value};
use pgdba_pg::{Millis, ServerVersion, display};
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;

use super::column_statistics::ColumnStatistics;
use super::growth::{Grown, Growth, Sampled};
use super::maintenance::{Resets, Running};
use super::relation::{RelationName, Relations, Size, storage_parameter};
use super::settings::Settings;
use super::time::Window;
use crate::format::{Checked, NotAssessed};

const UNKNOWN: &str = "the time of the last ANALYZE is unknown, and the role cannot see all statistics in pg_stats";

/// A table or materialized view with its counters.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its oid.
    pub oid: i64,
    /// Its name.
    pub name: RelationName,
    /// `r`, `p`, `m` or `t`.
    pub relkind: Option<String>,
    /// Whether it is a partition of a partitioned table.
    pub is_partition: bool,
    /// The size of its main file; of a partitioned table that of its partitions.
    pub size: Option<Size>,
    /// The size of its TOAST table; of a partitioned table that of its partitions.
    pub toast_size: Option<Size>,
    /// Rows as of the last VACUUM or ANALYZE; none before the first.
    pub reltuples: Option<f64>,
    /// Age of its oldest unfrozen transaction id.
    pub freeze_age: Option<i64>,
    /// Its counters, where the server has them.
    pub stat: Option<PgStatUserTable>,
    /// What they grew by in a delta.
    pub growth: Growth<PgStatUserTable>,
    /// Whether autovacuum processes it.
    pub autovacuum: Autovacuum,
    /// Its autovacuum threshold, in dead rows.
    pub vacuum_threshold: Option<f64>,
}

impl Table {
    /// Whether it is a user table and not its TOAST table.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.relkind.as_deref() != Some("t")
    }

    /// Whether it is a partitioned table, which has no rows of its own.
    #[must_use]
    pub fn is_partitioned(&self) -> bool {
        self.relkind.as_deref() == Some("p")
    }

    /// Whether it has rows of its own: a table, a partition or a materialized view, not a TOAST table.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        matches!(self.relkind.as_deref(), Some("r" | "m"))
    }

    /// Live rows.
    #[must_use]
    pub fn live_rows(&self) -> Option<i64> {
        self.stat.as_ref()?.n_live_tup
    }

    /// Rows that were updated or deleted and not vacuumed yet.
    #[must_use]
    pub fn dead_rows(&self) -> Option<i64> {
        self.stat.as_ref()?.n_dead_tup
    }

    /// Rows inserted, updated or deleted since the counters were reset.
    #[must_use]
    pub fn changed_rows(&self) -> Option<i64> {
        let stat = self.stat.as_ref()?;
        Some([stat.n_tup_ins, stat.n_tup_upd, stat.n_tup_del].into_iter().flatten().fold(0, i64::saturating_add))
    }

    /// Dead rows as a multiple of its autovacuum threshold.
    #[must_use]
    pub fn dead_multiple(&self) -> Option<f64> {
        let threshold = self.vacuum_threshold.filter(|threshold| *threshold > 0.0)?;
        Some(self.dead_rows()? as f64 / threshold)
    }

    /// Whether a command is running on it; none if that is unknown.
    #[must_use]
    pub fn is_processed_by(&self, running: &Running) -> Option<bool> {
        running.is_on(self.name.database(), self.oid)
    }

    /// Changed rows, or as many as VACUUM, ANALYZE or CREATE INDEX counted if that is more.
    #[must_use]
    pub fn rows_ever(&self) -> Option<i64> {
        self.changed_rows().max(self.reltuples.map(|rows| rows as i64))
    }

    /// The most rows that its file could hold, live and dead, each with a header of 24 bytes and a pointer of 4.
    #[must_use]
    pub fn most_rows(&self) -> Option<i64> {
        self.size.map(|size| size.bytes.0 / 28)
    }

    /// Whether its dead rows are known: its counters were not reset since it was filled, or VACUUM or ANALYZE has counted the
    /// rows again.
    #[must_use]
    pub fn are_dead_rows_known(&self) -> bool {
        self.last_vacuum().is_some() || self.last_analyze().is_some() || self.has_counted_inserts()
    }

    /// Whether its counters have counted the insertion of all its rows.
    fn has_counted_inserts(&self) -> bool {
        let inserted = self.stat.as_ref().and_then(|stat| stat.n_tup_ins).unwrap_or(0);
        let has_rows = self.size.is_some_and(|size| size.bytes.0 > 0);
        inserted as f64 >= self.reltuples.unwrap_or(if has_rows { 1.0 } else { 0.0 })
    }

    /// Whether it was never analyzed; none if that is unknown. The time of ANALYZE is lost after a crash, and the row estimate
    /// is also set by VACUUM and CREATE INDEX, so statistics decide if the role can see them.
    #[must_use]
    pub fn is_never_analyzed(&self, statistics: &ColumnStatistics) -> Option<bool> {
        let stat = self.stat.as_ref()?;
        if stat.last_analyze.max(stat.last_autoanalyze).is_some() {
            return Some(false);
        }
        match statistics.has(self.name.database(), self.oid) {
            Some(has_statistics) => Some(!has_statistics),
            None if self.reltuples.is_none() || self.has_counted_inserts() => Some(true),
            None => None,
        }
    }

    /// When it was last analyzed, manually or by autovacuum.
    #[must_use]
    pub fn last_analyze(&self) -> Option<Timestamp> {
        let stat = self.stat.as_ref()?;
        stat.last_analyze.max(stat.last_autoanalyze)
    }

    /// When it was last vacuumed, manually or by autovacuum.
    #[must_use]
    pub fn last_vacuum(&self) -> Option<Timestamp> {
        let stat = self.stat.as_ref()?;
        stat.last_vacuum.max(stat.last_autovacuum)
    }
}

/// Whether autovacuum processes a table: both the server and the table must allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Autovacuum {
    /// Whether the server runs it: `autovacuum` and `track_counts`.
    server: Option<bool>,
    /// The storage parameter, where it is set.
    table: Option<bool>,
}

impl Autovacuum {
    fn of(class: &PgClass, server: Option<bool>) -> Self {
        Self { server, table: storage_parameter(class, "autovacuum_enabled").and_then(boolean) }
    }

    /// Whether it is known to be disabled, for the table or for the server.
    #[must_use]
    pub fn is_disabled(self) -> bool {
        self.is_disabled_for_table() || self.is_disabled_for_server()
    }

    /// Whether the storage parameter disables it.
    #[must_use]
    pub fn is_disabled_for_table(self) -> bool {
        self.table == Some(false)
    }

    /// Whether the server does not run it for any table.
    #[must_use]
    pub fn is_disabled_for_server(self) -> bool {
        self.server == Some(false)
    }

    /// Whether it is enabled, in words.
    #[must_use]
    pub fn words(self) -> Option<&'static str> {
        match (self.is_disabled_for_table(), self.is_disabled_for_server()) {
            (true, true) => Some("disabled for the table and the server"),
            (true, false) => Some("disabled for the table"),
            (false, true) => Some("disabled for the server"),
            (false, false) => self.server.map(|_| "enabled"),
        }
    }
}

/// The tables of a snapshot.
#[derive(Debug)]
pub struct Tables {
    /// In the order of the snapshot.
    pub all: Vec<Table>,
    /// The window, where the snapshot is a delta.
    pub sampled: Option<Sampled>,
}

impl Tables {
    /// Whether the counters of the tables that could hold `rows` show their dead rows.
    ///
    /// # Errors
    /// Those of one were reset less than `settled` before `now`, and its rows were not counted since.
    pub fn require_dead_rows(
        &self,
        rows: i64,
        resets: &Resets,
        now: Checked<Timestamp>,
        settled: Millis,
    ) -> Checked<()> {
        let now = now.ok();
        let large = self.all.iter().filter(|table| table.has_rows() && table.most_rows() >= Some(rows));
        let age = |table: &Table| Window::until(now, resets.last(table.name.database())).length;
        let recent = large.filter(|table| !table.are_dead_rows_known()).filter_map(age).find(|age| *age < settled);
        recent.map_or(Ok(()), |age| {
            let age = display::duration(age);
            Err(NotAssessed(format!("the counters were reset {age} ago, so dead rows from before are unknown")))
        })
    }

    /// The tables of at least `rows` rows that were never analyzed and are not being.
    ///
    /// # Errors
    /// There are none, but of one in which as many rows changed it is unknown: after a crash, and for a role that sees only
    /// part of `pg_stats`.
    pub fn never_analyzed<'s>(
        &self,
        rows: i64,
        analyzes: &Running,
        statistics: impl FnOnce() -> Checked<&'s ColumnStatistics>,
    ) -> Checked<Vec<&Table>> {
        let is_analyzed =
            |table: &Table| table.last_analyze().is_some() || table.is_processed_by(analyzes) == Some(true);
        let mut candidates: Vec<&Table> =
            self.all.iter().filter(|table| table.has_rows() && !is_analyzed(table)).collect();
        candidates.retain(|table| table.rows_ever() >= Some(rows));
        if candidates.is_empty() {
            return Ok(candidates);
        }
        let statistics = statistics()?;
        let is = |answer: Option<bool>| move |table: &&&Table| table.is_never_analyzed(statistics) == answer;
        let never: Vec<&Table> = candidates.iter().filter(is(Some(true))).copied().collect();
        if never.is_empty() && candidates.iter().filter(is(None)).any(|table| table.changed_rows() >= Some(rows)) {
            return Err(NotAssessed::because(UNKNOWN));
        }
        Ok(never)
    }

    /// Joins the catalog with the counters.
    pub(super) fn join(
        relations: &Relations,
        stats: Grown<PgStatUserTable>,
        settings: &Settings,
        version: Option<ServerVersion>,
    ) -> Self {
        let Grown { rows, sampled } = stats;
        Self { all: join(relations, rows, &Thresholds::of(settings, version)), sampled }
    }
}

/// Counters, and what they grew by in a delta.
type Counted = (PgStatUserTable, Growth<PgStatUserTable>);

fn join(relations: &Relations, stats: Vec<Counted>, thresholds: &Thresholds) -> Vec<Table> {
    let stats = relations.aligned(stats, |(row, _)| (row.datname.as_deref(), row.relid));
    let join_one = |(position, ((class, stat), toast_size)): (usize, ((&PgClass, Option<Counted>), _))| {
        if !matches!(class.relkind.as_deref(), Some("r" | "p" | "m" | "t")) {
            return None;
        }
        let (stat, growth) = stat.unzip();
        let counted = class.relpages.is_some_and(|pages| pages > 0) || class.reltuples.is_some_and(|rows| rows > 0.0);
        let reltuples = class.reltuples.filter(|rows| *rows >= 0.0 && counted);
        let live = stat.as_ref().and_then(|stat| stat.n_live_tup).map(|rows| rows as f64);
        Some(Table {
            oid: class.oid,
            name: relations.name(class),
            relkind: class.relkind.clone(),
            is_partition: class.relispartition == Some(true),
            size: relations.size(position),
            toast_size,
            reltuples,
            freeze_age: class.relfrozenxid_age,
            autovacuum: Autovacuum::of(class, thresholds.enabled),
            vacuum_threshold: thresholds.threshold(class, reltuples.or(live)),
            stat,
            growth: growth.unwrap_or(Growth(None)),
        })
    };
    let classes = relations.classes.iter().zip(stats).zip(relations.toast_sizes());
    classes.enumerate().filter_map(join_one).collect()
}

/// The settings that decide when autovacuum processes a table, unless storage parameters of the table do.
struct Thresholds {
    /// Whether the server runs autovacuum, which needs `track_counts`.
    enabled: Option<bool>,
    base: Option<f64>,
    factor: Option<f64>,
    /// The highest threshold (18).
    cap: Option<f64>,
    /// Whether this version knows that setting.
    has_cap: bool,
}

impl Thresholds {
    fn of(settings: &Settings, version: Option<ServerVersion>) -> Self {
        Self {
            enabled: settings
                .is_on("autovacuum")
                .zip(settings.is_on("track_counts").or(Some(true)))
                .map(|(a, b)| a && b),
            base: settings.float("autovacuum_vacuum_threshold"),
            factor: settings.float("autovacuum_vacuum_scale_factor"),
            cap: settings.float("autovacuum_vacuum_max_threshold"),
            has_cap: version.is_some_and(|version| version.major() >= 18),
        }
    }

    /// `autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows`, the table's storage parameters take
    /// precedence; capped in 18.
    fn threshold(&self, class: &PgClass, rows: Option<f64>) -> Option<f64> {
        let number = |name: &str| storage_parameter(class, name).and_then(|value| value.parse().ok());
        let base: f64 = number("autovacuum_vacuum_threshold").or(self.base)?;
        let factor: f64 = number("autovacuum_vacuum_scale_factor").or(self.factor)?;
        let threshold = base + factor * rows?;
        let cap = number("autovacuum_vacuum_max_threshold").or(self.cap).filter(|cap| *cap >= 0.0);
        Some(cap.filter(|_| self.has_cap).map_or(threshold, |cap| threshold.min(cap)))
    }
}

/// The meaning of a Boolean storage parameter, which the server keeps as it was written.
fn boolean(text: &str) -> Option<bool> {
    match parameter::parse(&Kind::Bool, text) {
        Ok(Value::Bool(value)) => Some(value),
        _ => None,
    }
}
