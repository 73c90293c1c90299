//! What the catalogs say of each relation, found by its position.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_collation::PgCollation;
use pgdba_snapshot::sections::pg_index_expressions::PgIndexExpression;
use pgdba_snapshot::sections::pg_opclass::PgOpclass;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;
use pgdba_snapshot::sections::pg_stats::PgStats;
use pgdba_snapshot::sections::pg_type::PgType;

use super::super::Facts;
use super::super::column_statistics::ColumnStatistics;
use super::super::columns::{ColumnDefinition, Columns};
use super::super::relation::Relations;
use crate::format::Checked;

/// The version from which B-tree indexes deduplicate.
const DEDUPLICATION: i64 = 13;

/// The number of rows that ANALYZE reads for each unit of the statistics target.
const SAMPLED_PER_TARGET: i64 = 300;

/// Rows by database and oid.
type ByOid<R> = BTreeMap<Option<String>, BTreeMap<i64, R>>;

/// The catalogs and the statistics of a snapshot.
#[derive(Debug)]
pub(super) struct Catalog<'a> {
    pub(super) relations: &'a Relations,
    columns: &'a Columns,
    statistics: &'a ColumnStatistics,
    counters: Vec<Option<&'a PgStatUserTable>>,
    predicates: Vec<Option<PgIndexExpression>>,
    types: ByOid<PgType>,
    opclasses: ByOid<PgOpclass>,
    /// The collations by which different strings can be equal.
    nondeterministic: BTreeMap<Option<String>, BTreeSet<i64>>,
    /// Whether the server is a standby, which counts none of the changes that it replays.
    pub(super) is_standby: bool,
    /// The major version of the server.
    pub(super) major: Option<i64>,
    /// Bytes of a block.
    pub(super) block_size: f64,
    /// Rows that ANALYZE reads for a column without a statistics target of its own.
    sample: i64,
}

impl<'a> Catalog<'a> {
    /// The catalogs of a snapshot.
    ///
    /// # Errors
    /// A section without which nothing can be estimated is missing.
    pub(super) fn of(facts: &'a Facts<'_>) -> Checked<Self> {
        let (reader, relations) = (facts.reader(), facts.relations()?);
        let target = facts.settings().ok().and_then(|settings| settings.integer("default_statistics_target"));
        let collations = rows_of::<PgCollation>(facts).into_iter().filter(|row| row.collisdeterministic == Some(false));
        let mut nondeterministic = BTreeMap::<_, BTreeSet<i64>>::new();
        for row in collations {
            nondeterministic.entry(row.datname).or_default().insert(row.oid);
        }
        let counted = facts.tables()?.all.iter().filter_map(|table| Some((table, table.stat.as_deref()?)));
        let counters = relations.aligned(counted, |(table, _)| (table.name.database(), table.oid));
        Ok(Self {
            relations,
            columns: facts.columns()?,
            statistics: facts.column_statistics()?,
            counters: counters.into_iter().map(|counted| counted.map(|(_, stat)| stat)).collect(),
            predicates: relations
                .aligned(rows_of(facts), |row: &PgIndexExpression| (row.datname.as_deref(), row.indexrelid)),
            types: by_oid(reader.rows()?.rows, |row: &PgType| (row.datname.clone(), row.oid)),
            opclasses: by_oid(rows_of(facts), |row: &PgOpclass| (row.datname.clone(), row.oid)),
            nondeterministic,
            is_standby: facts.system().is_ok_and(|system| system.is_in_recovery == Some(true)),
            major: facts.version().ok().map(pgdba_pg::ServerVersion::major),
            block_size: facts.block_size().map_or(8192.0, |size| *size as f64),
            sample: target.unwrap_or(100).saturating_mul(SAMPLED_PER_TARGET),
        })
    }

    /// The row of pg_class at this position.
    pub(super) fn class(&self, position: usize) -> Option<&PgClass> {
        self.relations.classes.get(position)
    }

    /// The columns of the relation at this position, in their order.
    pub(super) fn columns(&self, position: usize) -> &'a [ColumnDefinition] {
        self.columns.of(position)
    }

    /// One of them.
    pub(super) fn column(&self, position: usize, number: i64) -> Option<&'a ColumnDefinition> {
        self.columns.find(position, number)
    }

    /// Whether the statistics of some tables are hidden from the collecting role.
    pub(super) const fn are_stats_partial(&self) -> bool {
        self.statistics.is_partial()
    }

    /// The statistics of its columns.
    pub(super) fn stats(&self, position: usize) -> &'a [PgStats] {
        let class = self.class(position);
        class.and_then(|class| self.statistics.of(class.datname.as_deref(), class.oid)).unwrap_or_default()
    }

    /// The statistics of one of its columns.
    pub(super) fn stats_of(&self, position: usize, attnum: i64) -> Option<&'a PgStats> {
        self.stats(position).iter().find(|row| row.attnum == attnum)
    }

    /// Its counters.
    pub(super) fn counters(&self, position: usize) -> Option<&'a PgStatUserTable> {
        self.counters.get(position).copied().flatten()
    }

    /// Its predicate.
    pub(super) fn predicate(&self, position: usize) -> Option<&str> {
        self.predicates.get(position)?.as_ref()?.indpred.as_deref()
    }

    /// The type of a column of the relation at this position.
    pub(super) fn type_of(&self, position: usize, column: &ColumnDefinition) -> Option<&PgType> {
        self.types.get(&self.class(position)?.datname)?.get(&column.ty?)
    }

    /// Whether a B-tree index with these operator classes and collations can deduplicate, whatever it stores.
    pub(super) fn can_deduplicate(&self, datname: &Option<String>, classes: &[i64], collations: &[i64]) -> bool {
        let opclasses = self.opclasses.get(datname);
        let supports = |class: &i64| {
            opclasses.and_then(|all| all.get(class)).is_some_and(|class| class.deduplicates == Some(true))
        };
        let others = self.nondeterministic.get(datname);
        let is_nondeterministic = |oid: &i64| others.is_some_and(|oids| oids.contains(oid));
        self.major >= Some(DEDUPLICATION) && classes.iter().all(supports) && !collations.iter().any(is_nondeterministic)
    }

    /// The rows that ANALYZE samples of the relation at this position.
    pub(super) fn sample(&self, position: usize) -> f64 {
        let own = self.columns(position).iter().filter_map(|column| column.statistics_target);
        let has_default = self.columns(position).iter().any(|column| column.statistics_target.is_none());
        let most = own.map(|target| target.saturating_mul(SAMPLED_PER_TARGET)).max();
        let default = Some(self.sample).filter(|_| has_default || most.is_none());
        most.max(default).unwrap_or(self.sample) as f64
    }
}

fn by_oid<R>(rows: Vec<R>, key: impl Fn(&R) -> (Option<String>, i64)) -> ByOid<R> {
    let mut map = ByOid::new();
    for row in rows {
        let (datname, oid) = key(&row);
        map.entry(datname).or_default().insert(oid, row);
    }
    map
}

fn rows_of<R: pgdba_snapshot::Row>(facts: &Facts<'_>) -> Vec<R> {
    facts.reader().rows::<R>().map_or_else(|_| Vec::new(), |read| read.rows)
}
