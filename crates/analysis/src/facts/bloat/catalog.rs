//! What the catalogs say of each relation, found by its position.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_snapshot::sections::pg_attribute::PgAttribute;
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_collation::PgCollation;
use pgdba_snapshot::sections::pg_index_expressions::PgIndexExpression;
use pgdba_snapshot::sections::pg_opclass::PgOpclass;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;
use pgdba_snapshot::sections::pg_stats::PgStats;
use pgdba_snapshot::sections::pg_type::PgType;

use super::super::Facts;
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
    attributes: Vec<Vec<PgAttribute>>,
    stats: Vec<Vec<PgStats>>,
    counters: Vec<Option<PgStatUserTable>>,
    predicates: Vec<Option<PgIndexExpression>>,
    types: ByOid<PgType>,
    opclasses: ByOid<PgOpclass>,
    /// The collations by which different strings can be equal.
    nondeterministic: BTreeMap<Option<String>, BTreeSet<i64>>,
    /// Whether the statistics of some tables are hidden from the collecting role.
    pub(super) are_stats_partial: bool,
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
        let (stats, are_stats_partial) =
            reader.rows::<PgStats>().map_or_else(|_| (Vec::new(), true), |read| (read.rows, read.limited.is_some()));
        let stats = stats.into_iter().filter(|row| row.inherited != Some(true));
        let target = facts.settings().ok().and_then(|settings| settings.integer("default_statistics_target"));
        let collations = rows_of::<PgCollation>(facts).into_iter().filter(|row| row.collisdeterministic == Some(false));
        let mut nondeterministic = BTreeMap::<_, BTreeSet<i64>>::new();
        for row in collations {
            nondeterministic.entry(row.datname).or_default().insert(row.oid);
        }
        let mut attributes = grouped(relations, reader.rows()?.rows, attribute_key);
        attributes.iter_mut().for_each(|columns| columns.sort_by_key(|column| column.attnum));
        Ok(Self {
            relations,
            attributes,
            stats: grouped(relations, stats, |row| (row.datname.as_deref(), row.relid)),
            counters: relations.aligned(rows_of(facts), |row: &PgStatUserTable| (row.datname.as_deref(), row.relid)),
            predicates: relations
                .aligned(rows_of(facts), |row: &PgIndexExpression| (row.datname.as_deref(), row.indexrelid)),
            types: by_oid(reader.rows()?.rows, |row: &PgType| (row.datname.clone(), row.oid)),
            opclasses: by_oid(rows_of(facts), |row: &PgOpclass| (row.datname.clone(), row.oid)),
            nondeterministic,
            are_stats_partial,
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
    pub(super) fn attributes(&self, position: usize) -> &[PgAttribute] {
        self.attributes.get(position).map_or(&[], Vec::as_slice)
    }

    /// The statistics of its columns.
    pub(super) fn stats(&self, position: usize) -> &[PgStats] {
        self.stats.get(position).map_or(&[], Vec::as_slice)
    }

    /// The statistics of one of its columns.
    pub(super) fn stats_of(&self, position: usize, attnum: i64) -> Option<&PgStats> {
        self.stats(position).iter().find(|row| row.attnum == attnum)
    }

    /// Its counters.
    pub(super) fn counters(&self, position: usize) -> Option<&PgStatUserTable> {
        self.counters.get(position)?.as_ref()
    }

    /// Its predicate.
    pub(super) fn predicate(&self, position: usize) -> Option<&str> {
        self.predicates.get(position)?.as_ref()?.indpred.as_deref()
    }

    /// The type of a column.
    pub(super) fn type_of(&self, attribute: &PgAttribute) -> Option<&PgType> {
        self.types.get(&attribute.datname)?.get(&attribute.atttypid?)
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
        let own = self.attributes(position).iter().filter_map(|column| column.attstattarget);
        let has_default = self.attributes(position).iter().any(|column| column.attstattarget.is_none());
        let most = own.map(|target| target.saturating_mul(SAMPLED_PER_TARGET)).max();
        let default = Some(self.sample).filter(|_| has_default || most.is_none());
        most.max(default).unwrap_or(self.sample) as f64
    }
}

fn attribute_key(row: &PgAttribute) -> (Option<&str>, i64) {
    (row.datname.as_deref(), row.attrelid)
}

/// The rows of each relation, at its position.
fn grouped<R>(
    relations: &Relations,
    rows: impl IntoIterator<Item = R>,
    key: impl Fn(&R) -> (Option<&str>, i64),
) -> Vec<Vec<R>> {
    let mut groups: Vec<Vec<R>> = relations.classes.iter().map(|_| Vec::new()).collect();
    for row in rows {
        let (datname, oid) = key(&row);
        if let Some(group) = relations.position(datname, oid).and_then(|position| groups.get_mut(position)) {
            group.push(row);
        }
    }
    groups
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
