//! Tables: catalog, counters and autovacuum thresholds.

use jiff::Timestamp;
use pgdba_pg::ServerVersion;
use pgdba_pg::parameter::{self, Kind, Value};
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;

use super::growth::{Grown, Growth, Sampled};
use super::maintenance::Running;
use super::relation::{RelationName, Relations, Size};
use super::settings::Settings;

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
    /// Rows that its file holds if they are as dense as then; none if it was not measured.
    pub rows_by_size: Option<f64>,
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
        // It is processed for one dead row at the earliest.
        Some(self.dead_rows()? as f64 / self.vacuum_threshold?.max(1.0))
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
        Self { server, table: option(class, "autovacuum_enabled").and_then(boolean) }
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
            rows_by_size: relations.rows_by_size(position),
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
            enabled: settings.runs_autovacuum(),
            base: settings.float("autovacuum_vacuum_threshold"),
            factor: settings.float("autovacuum_vacuum_scale_factor"),
            cap: settings.float("autovacuum_vacuum_max_threshold"),
            has_cap: version.is_some_and(|version| version.major() >= 18),
        }
    }

    /// `autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows`, the table's storage parameters take
    /// precedence; capped in 18.
    fn threshold(&self, class: &PgClass, rows: Option<f64>) -> Option<f64> {
        let number = |name: &str| option(class, name).and_then(|value| value.parse().ok());
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

/// The value of a storage parameter.
fn option<'a>(class: &'a PgClass, name: &str) -> Option<&'a str> {
    let options = class.reloptions.as_ref()?;
    options.iter().filter_map(|option| option.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}
