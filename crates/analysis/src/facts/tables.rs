//! Tables: catalog, counters and autovacuum thresholds.

use jiff::Timestamp;
use pgdba_pg::{Ratio, ServerVersion};
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;

use super::growth::{Grown, Growth, Sampled};
use super::maintenance::Running;
use super::relation::{RelationName, Relations, Size};
use super::settings::Settings;
use super::thresholds::{Autovacuum, Counted as CountedRows, Defaults, Storage, Thresholds};

/// A table or materialized view with its counters.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its oid.
    pub oid: i64,
    /// Its name.
    pub name: RelationName,
    /// `r`, `p`, `m` or `t`.
    pub relkind: Option<char>,
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
    /// The table that a TOAST table belongs to.
    pub owner: Option<RelationName>,
    /// The share of its pages that is all-visible, as of the last VACUUM or ANALYZE.
    pub visible: Option<Ratio>,
    /// Whether its file was rewritten after it was created, by TRUNCATE, VACUUM FULL or CLUSTER.
    pub is_rewritten: bool,
    /// Age of its oldest unfrozen transaction id.
    pub freeze_age: Option<i64>,
    /// Age of its oldest unfrozen multixact.
    pub multixact_age: Option<i64>,
    /// Its counters, where the server has them.
    pub stat: Option<Box<PgStatUserTable>>,
    /// What they grew by in a delta.
    pub growth: Growth<PgStatUserTable>,
    /// Whether autovacuum processes it.
    pub autovacuum: Autovacuum,
    /// When autovacuum processes it.
    pub thresholds: Thresholds,
}

impl Table {
    /// Whether it is a user table and not its TOAST table.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.relkind != Some('t')
    }

    /// Whether it is a partitioned table, which has no rows of its own.
    #[must_use]
    pub fn is_partitioned(&self) -> bool {
        self.relkind == Some('p')
    }

    /// Whether it has rows of its own: a table, a partition or a materialized view, not a TOAST table.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        matches!(self.relkind, Some('r' | 'm'))
    }

    /// Live rows.
    #[must_use]
    pub fn live_rows(&self) -> Option<i64> {
        self.stat.as_deref()?.n_live_tup
    }

    /// Its rows: those counted now, or as of the last VACUUM or ANALYZE if those are more, as after the counters were reset.
    #[must_use]
    pub fn rows(&self) -> Option<i64> {
        self.live_rows().max(self.reltuples.map(|rows| rows as i64))
    }

    /// Rows that were updated or deleted and not vacuumed yet.
    #[must_use]
    pub fn dead_rows(&self) -> Option<i64> {
        self.stat.as_deref()?.n_dead_tup
    }

    /// Rows inserted, updated or deleted since the counters were reset.
    #[must_use]
    pub fn changed_rows(&self) -> Option<i64> {
        let stat = self.stat.as_deref()?;
        Some([stat.n_tup_ins, stat.n_tup_upd, stat.n_tup_del].into_iter().flatten().fold(0, i64::saturating_add))
    }

    /// Dead rows as a multiple of its autovacuum threshold.
    #[must_use]
    pub fn dead_multiple(&self) -> Option<f64> {
        self.dead_multiple_of(self.dead_rows())
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
        let stat = self.stat.as_deref()?;
        stat.last_analyze.max(stat.last_autoanalyze)
    }

    /// When it was last vacuumed, manually or by autovacuum.
    #[must_use]
    pub fn last_vacuum(&self) -> Option<Timestamp> {
        let stat = self.stat.as_deref()?;
        stat.last_vacuum.max(stat.last_autovacuum)
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
        Self { all: join(relations, rows, &Defaults::of(settings, version)), sampled }
    }
}

/// `count` as a multiple of a threshold.
pub(super) fn multiple(count: i64, threshold: Option<f64>) -> Option<f64> {
    let threshold = threshold.filter(|threshold| *threshold > 0.0)?;
    Some(count as f64 / threshold)
}

/// Counters, and what they grew by in a delta.
type Counted = (Box<PgStatUserTable>, Growth<PgStatUserTable>);

fn join(
    relations: &Relations,
    stats: Vec<(PgStatUserTable, Growth<PgStatUserTable>)>,
    defaults: &Defaults<'_>,
) -> Vec<Table> {
    let stats = stats.into_iter().map(|(row, growth)| (Box::new(row), growth));
    let stats = relations.aligned(stats, |(row, _)| (row.datname.as_deref(), row.relid));
    let classes = relations.classes.iter().zip(relations.owners()).zip(stats).zip(relations.toast_sizes());
    let is_table = |class: &PgClass| matches!(class.relkind, Some('r' | 'p' | 'm' | 't'));
    let joined = classes.enumerate().filter_map(|(position, (((class, owner), stat), toast_size))| {
        let parts = Parts { position, class, owner, stat, toast_size };
        is_table(class).then_some(parts)?.table(relations, defaults)
    });
    // A table is large: with the room that a vector grows by, thousands of them would take twice the memory.
    let mut tables: Vec<Table> = joined.collect();
    tables.shrink_to_fit();
    tables
}

/// What a table is made of.
struct Parts<'a> {
    /// Where it is among the relations.
    position: usize,
    class: &'a PgClass,
    /// Where the table of a TOAST table is.
    owner: Option<usize>,
    stat: Option<Counted>,
    toast_size: Option<Size>,
}

impl Parts<'_> {
    fn table(self, relations: &Relations, defaults: &Defaults<'_>) -> Option<Table> {
        let class = self.class;
        let (stat, growth) = self.stat.unzip();
        let pages = class.relpages.filter(|pages| *pages > 0);
        let is_counted = pages.is_some() || class.reltuples.is_some_and(|rows| rows > 0.0);
        let reltuples = class.reltuples.filter(|rows| *rows >= 0.0 && is_counted);
        let storage = Storage::of(class, self.owner.and_then(|owner| relations.classes.get(owner)));
        let counted = CountedRows { class, rows: reltuples.unwrap_or(0.0) };
        Some(Table {
            oid: class.oid,
            name: relations.name(self.position)?,
            relkind: class.relkind,
            is_partition: class.relispartition == Some(true),
            size: relations.size(self.position),
            toast_size: self.toast_size,
            reltuples,
            rows_by_size: relations.rows_by_size(self.position),
            owner: self.owner.and_then(|owner| relations.name(owner)),
            visible: class.relallvisible.zip(pages).and_then(|(visible, pages)| Ratio::of(visible, pages)),
            is_rewritten: class.is_rewritten == Some(true),
            freeze_age: class.relfrozenxid_age,
            multixact_age: class.relminmxid_age,
            autovacuum: defaults.autovacuum(&storage),
            thresholds: defaults.thresholds(&storage, &counted),
            stat,
            growth: growth.unwrap_or(Growth(None)),
        })
    }
}
