//! Foreign keys, and the indexes that help to check them.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::Bytes;
use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_index_expressions::PgIndexExpression;

use super::Facts;
use super::column_statistics::ColumnStatistics;
use super::columns::Columns;
use super::constraints::Constraint;
use super::indexes::Index;
use super::relation::Relations;
use super::tables::{Table, Tables};
use crate::format::Checked;

/// Levels of partitions beyond which a document is not believed.
const DEEPEST: usize = 32;

/// An oid in its database.
type Key = (Option<String>, i64);

/// A foreign key that is enforced. That of a partitioned table is one, whatever its partitions.
#[derive(Debug)]
pub struct ForeignKey {
    /// The constraint as it was declared.
    pub constraint: Constraint,
    /// The names of the referencing columns.
    pub columns: Vec<String>,
    /// The referencing tables that have rows: the table itself or its partitions.
    pub parts: Vec<Part>,
    /// Whether the referencing table is partitioned.
    pub is_partitioned: bool,
    /// Rows deleted from the referenced table and its partitions since the counters were reset.
    pub deletes: Option<i64>,
}

/// A referencing table that has rows.
#[derive(Debug)]
pub struct Part {
    /// Its rows.
    pub rows: Option<i64>,
    /// The size of its file.
    pub size: Option<Bytes>,
    /// Sequential scans of it since the counters were reset.
    pub seq_scan: Option<i64>,
    /// The oids of the indexes that find the rows that refer to a given one.
    pub indexes: Vec<i64>,
    /// Indexes whose leading columns are some of the key's: they find those rows among others.
    pub partial: Vec<PartialIndex>,
}

/// An index that finds the referencing rows by a part of the key.
#[derive(Debug)]
pub struct PartialIndex {
    oid: i64,
    /// The rows that it finds for a value, on average; none if that is unknown.
    matches: Option<i64>,
}

impl ForeignKey {
    /// The referencing tables in which no index finds the rows that refer to a given one. If an index finds them in all tables at least by
    /// a part of the key, those where it is no more.
    pub fn unindexed(&self) -> impl Iterator<Item = &Part> {
        let is_partial = self.is_partial();
        self.parts.iter().filter(move |part| part.indexes.is_empty() && (is_partial || part.partial.is_empty()))
    }

    /// Whether an index finds the referencing rows by a part of the key at least, in each of the tables.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.parts.iter().all(|part| !part.indexes.is_empty() || !part.partial.is_empty())
    }

    /// The rows that these indexes find for each deletion of a referenced row; none if that is unknown.
    #[must_use]
    pub fn partial_matches(&self) -> Option<i64> {
        let least = |part: &Part| part.partial.iter().filter_map(|index| index.matches).min();
        self.unindexed().map(least).try_fold(0_i64, |sum, matches| Some(sum.saturating_add(matches?)))
    }

    /// The rows that each deletion of a referenced row reads for want of an index.
    #[must_use]
    pub fn unindexed_rows(&self) -> i64 {
        self.unindexed().filter_map(|part| part.rows).fold(0, i64::saturating_add)
    }

    /// The bytes of the tables without an index.
    #[must_use]
    pub fn unindexed_bytes(&self) -> Bytes {
        Bytes(self.unindexed().filter_map(|part| part.size).fold(0, |sum, size| sum.saturating_add(size.0)))
    }

    /// The most sequential scans that were counted of a table without an index.
    #[must_use]
    pub fn seq_scans(&self) -> i64 {
        self.unindexed().filter_map(|part| part.seq_scan).max().unwrap_or(0)
    }

    /// The indexes without which no index finds the referencing rows of one of its tables, by database and oid.
    pub fn sole_indexes(&self) -> impl Iterator<Item = (Option<&str>, i64)> {
        let sole = self.parts.iter().filter_map(|part| match (part.indexes.as_slice(), part.partial.as_slice()) {
            ([sole], _) => Some(*sole),
            ([], [sole]) => Some(sole.oid),
            _ => None,
        });
        sole.map(|oid| (self.constraint.table.database(), oid))
    }

    /// The statement that creates the missing index. That of a partitioned table cannot be created CONCURRENTLY.
    #[must_use]
    pub fn create_index(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| quote_identifier(column)).collect();
        let concurrently = if self.is_partitioned { "" } else { "CONCURRENTLY " };
        format!("CREATE INDEX {concurrently}ON {} ({});", self.constraint.table.sql(), columns.join(", "))
    }
}

/// The foreign keys of a snapshot.
pub(super) fn derive(facts: &Facts<'_>) -> Checked<Vec<ForeignKey>> {
    let expressions = facts.rows().unwrap_or_default();
    let (constraints, indexes, tables) = (facts.constraints()?, facts.indexes()?, facts.tables()?);
    let columns = (facts.relations()?, facts.columns()?);
    let statistics = facts.column_statistics()?;
    Ok(Catalog::new(constraints, indexes, tables, columns, (expressions, statistics)).foreign_keys())
}

/// What the foreign keys are derived from.
#[derive(Debug)]
struct Catalog<'a> {
    constraints: &'a [Constraint],
    indexes: BTreeMap<Key, Vec<&'a Index>>,
    tables: BTreeMap<Key, &'a Table>,
    relations: &'a Relations,
    columns: &'a Columns,
    predicates: BTreeMap<Key, Option<String>>,
    statistics: &'a ColumnStatistics,
}

impl<'a> Catalog<'a> {
    fn new(
        constraints: &'a [Constraint],
        indexes: &'a [Index],
        tables: &'a Tables,
        (relations, columns): (&'a Relations, &'a Columns),
        (expressions, statistics): (Vec<PgIndexExpression>, &'a ColumnStatistics),
    ) -> Self {
        let mut of_tables = BTreeMap::<_, Vec<&Index>>::new();
        for index in indexes {
            of_tables.entry((index.catalog.datname.clone(), index.catalog.indrelid)).or_default().push(index);
        }
        let table = |table: &'a Table| ((table.name.database().map(str::to_owned), table.oid), table);
        Self {
            constraints,
            indexes: of_tables,
            tables: tables.all.iter().map(table).collect(),
            relations,
            columns,
            predicates: expressions.into_iter().map(|row| ((row.datname, row.indexrelid), row.indpred)).collect(),
            statistics,
        }
    }

    /// The foreign keys that are enforced by looking for equal values.
    fn foreign_keys(&self) -> Vec<ForeignKey> {
        let parents: BTreeMap<Key, &Constraint> =
            self.constraints.iter().map(|constraint| (key_of(constraint), constraint)).collect();
        let is_counted = |constraint: &&Constraint| {
            let row = &constraint.row;
            constraint.is('f') && row.conenforced != Some(false) && row.conperiod != Some(true)
        };
        // A partition on either side has a row of its own, below that of the declared constraint.
        let mut families = BTreeMap::<Key, Vec<&Constraint>>::new();
        for constraint in self.constraints.iter().filter(is_counted) {
            families.entry(key_of(root(constraint, &parents))).or_default().push(constraint);
        }
        let family = |(root, members): (Key, Vec<&Constraint>)| self.foreign_key(parents.get(&root)?, &members);
        families.into_iter().filter_map(family).collect()
    }

    fn foreign_key(&self, declared: &Constraint, members: &[&Constraint]) -> Option<ForeignKey> {
        let table = |datname: &Option<String>, oid: i64| self.tables.get(&(datname.clone(), oid)).copied();
        let datname = &declared.row.datname;
        let name = |column: &i64| self.name(datname.as_deref(), declared.row.conrelid, *column).cloned();
        let columns: Option<Vec<String>> = declared.row.conkey.as_ref()?.iter().map(name).collect();
        let mut seen = BTreeSet::new();
        let referencing = members.iter().filter(|member| seen.insert(member.row.conrelid));
        let parts = referencing.filter_map(|member| {
            let table = table(datname, member.row.conrelid).filter(|table| table.has_rows())?;
            Some(self.part(table, member.row.conkey.as_ref()?))
        });
        let referenced: BTreeSet<i64> = members.iter().filter_map(|member| member.row.confrelid).collect();
        let deleted = referenced.iter().filter_map(|oid| table(datname, *oid)?.stat.as_ref()?.n_tup_del);
        Some(ForeignKey {
            columns: columns?,
            parts: parts.collect(),
            is_partitioned: table(datname, declared.row.conrelid).is_some_and(Table::is_partitioned),
            deletes: deleted.reduce(i64::saturating_add),
            constraint: declared.clone(),
        })
    }

    /// The name of a column.
    fn name(&self, datname: Option<&str>, oid: i64, column: i64) -> Option<&'a String> {
        self.columns.find(self.relations.position(datname, oid)?, column).map(|column| &column.name)
    }

    fn part(&self, table: &Table, columns: &[i64]) -> Part {
        let key: Key = (table.name.database().map(str::to_owned), table.oid);
        let name = |column: &i64| self.name(table.name.database(), table.oid, *column);
        let names: Vec<&String> = columns.iter().filter_map(name).collect();
        let indexes = self.indexes.get(&key).into_iter().flatten();
        let usable = indexes.filter(|index| is_usable(index) && self.holds_all(index, &names));
        let keyed = usable.map(|index| (index, self.keys(index, columns)));
        let (helpful, others): (Vec<_>, Vec<_>) = keyed.partition(|(_, keys)| leads(keys, columns));
        let partial = others.into_iter().filter_map(|(index, keys)| self.partial(index, &keys, table, columns));
        Part {
            partial: partial.collect(),
            rows: table.rows(),
            size: table.size.map(|size| size.bytes),
            seq_scan: table.stat.as_deref().and_then(|stat| stat.seq_scan),
            indexes: helpful.into_iter().map(|(index, _)| index.catalog.indexrelid).collect(),
        }
    }

    /// The key columns of an index, in the order in which they narrow down a search for values of these columns; 0 for one that the
    /// index has in another collation than the table, in which the check of a foreign key does not compare.
    fn keys(&self, index: &Index, columns: &[i64]) -> Vec<i64> {
        let position = self.relations.position(index.catalog.datname.as_deref(), index.catalog.indrelid);
        let own = |column: i64| self.columns.find(position?, column)?.collation;
        let collations = index.catalog.indcollation.as_deref().unwrap_or_default();
        let key = |(place, column): (usize, &i64)| {
            let indexed = collations.get(place).filter(|collation| **collation != 0);
            let is_other = own(*column).zip(indexed).is_some_and(|(own, indexed)| own != *indexed);
            if is_other { 0 } else { *column }
        };
        let mut keys: Vec<i64> = index.keys().iter().enumerate().map(key).collect();
        // GIN stores each column's values as entries of their own, so that none needs those before it.
        if index.amname.as_deref() == Some("gin") {
            keys.sort_by_key(|key| !columns.contains(key));
        }
        keys
    }

    /// An index with these keys that leads with some of these columns.
    fn partial(&self, index: &Index, keys: &[i64], table: &Table, columns: &[i64]) -> Option<PartialIndex> {
        let leading: Vec<i64> = keys.iter().copied().take_while(|key| columns.contains(key)).collect();
        let statistics = self.statistics.of(table.name.database(), table.oid).unwrap_or_default();
        let of_leading = statistics.iter().filter(|row| leading.contains(&row.attnum));
        let matches = table.rows().and_then(|rows| {
            let distinct = of_leading.filter_map(|row| distinct(row.n_distinct?, rows)).reduce(f64::max)?;
            Some((rows as f64 / distinct).ceil() as i64)
        });
        (!leading.is_empty()).then_some(PartialIndex { oid: index.catalog.indexrelid, matches })
    }

    /// Whether an index has every row in which these columns are not null. Predicates that could not be read are believed to.
    fn holds_all(&self, index: &Index, names: &[&String]) -> bool {
        let catalog = &index.catalog;
        let predicate = self.predicates.get(&(catalog.datname.clone(), catalog.indexrelid));
        let predicate = predicate.and_then(Option::as_ref).filter(|_| catalog.has_indpred == Some(true));
        predicate.is_none_or(|predicate| is_not_null(predicate, names))
    }
}

/// Whether the leading ones of these keys are these columns, in any order.
fn leads(keys: &[i64], columns: &[i64]) -> bool {
    let Some(leading) = keys.get(..columns.len()) else { return false };
    let sorted = |columns: &[i64]| {
        let mut columns = columns.to_vec();
        columns.sort_unstable();
        columns
    };
    !columns.is_empty() && !columns.contains(&0) && sorted(leading) == sorted(columns)
}

/// Whether an index can find single rows. One that is being built will.
fn is_usable(index: &Index) -> bool {
    let catalog = &index.catalog;
    let is_there = catalog.indisvalid == Some(true) || catalog.in_progress == Some(true);
    is_there && index.amname.as_deref() != Some("brin")
}

/// The distinct values of a column of so many rows: the planner's figure is a share of the rows if it is negative.
fn distinct(n_distinct: f64, rows: i64) -> Option<f64> {
    let distinct = if n_distinct < 0.0 { -n_distinct * rows as f64 } else { n_distinct };
    (distinct >= 1.0).then_some(distinct)
}

fn key_of(constraint: &Constraint) -> Key {
    (constraint.row.datname.clone(), constraint.row.oid)
}

/// The constraint that was declared on a partitioned table, for those of its partitions.
fn root<'a>(constraint: &'a Constraint, by_oid: &BTreeMap<Key, &'a Constraint>) -> &'a Constraint {
    let parent = |constraint: &Constraint| {
        let oid = constraint.row.conparentid?;
        by_oid.get(&(constraint.row.datname.clone(), oid)).copied()
    };
    std::iter::successors(Some(constraint), |constraint| parent(constraint)).take(DEEPEST).last().unwrap_or(constraint)
}

/// Whether a predicate, as the server writes it, says no more than that these columns are not null.
fn is_not_null(predicate: &str, names: &[&String]) -> bool {
    let without = names.iter().fold(predicate.to_owned(), |predicate, name| {
        predicate.replace(&format!("({} IS NOT NULL)", quote_identifier(name)), "")
    });
    without.replace(" AND ", "").chars().all(|c| matches!(c, '(' | ')'))
}

#[cfg(test)]
mod tests;
