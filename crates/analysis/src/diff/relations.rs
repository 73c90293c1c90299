//! Tables and indexes: new, dropped, created again, larger, with more dead rows, scanned more or less.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_stat_user_indexes::PgStatUserIndex;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;
use schemars::JsonSchema;
use serde::Serialize;

use super::sides::{Side, Sides};
use crate::facts::indexes::Index;
use crate::facts::relation::{RelationName, Size};
use crate::facts::tables::Table;
use crate::format::{Subject, SubjectKind};
use crate::rates::Rate;

/// What became of a table or an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Only the first snapshot has it.
    Dropped,
    /// Only the second snapshot has it.
    New,
    /// Both have one of this name, with different OIDs.
    CreatedAgain,
    /// Both have it.
    Kept,
}

/// The figures of a table or an index in one snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RelationFigures {
    /// Bytes of its main file, of a table with its TOAST table.
    pub bytes: Option<i64>,
    /// Whether they were measured; otherwise they are as of the last VACUUM or ANALYZE.
    pub is_measured: bool,
    /// Live rows of a table.
    pub live_rows: Option<i64>,
    /// Dead rows of a table.
    pub dead_rows: Option<i64>,
    /// Sequential scans of a table, or scans of an index.
    pub scans: Rate,
    /// Rows of a table inserted, updated and deleted.
    pub changed_rows: Option<Rate>,
}

/// A table or an index in both snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RelationDiff {
    /// Which one.
    pub subject: Subject,
    /// Its name, as displayed.
    pub label: String,
    /// The table of an index, as displayed.
    pub table: Option<String>,
    /// What became of it.
    pub presence: Presence,
    /// In the first snapshot.
    pub before: Option<RelationFigures>,
    /// In the second snapshot.
    pub after: Option<RelationFigures>,
}

impl RelationDiff {
    /// By how many bytes it grew; below zero: shrank. None if a size is unknown.
    #[must_use]
    pub fn growth(&self) -> Option<i64> {
        let bytes = |figures: &Option<RelationFigures>| figures.as_ref().map_or(Some(0), |figures| figures.bytes);
        bytes(&self.after)?.checked_sub(bytes(&self.before)?)
    }

    /// How many more dead rows it has; none if it is not in both.
    #[must_use]
    pub fn more_dead_rows(&self) -> Option<i64> {
        self.after.as_ref()?.dead_rows?.checked_sub(self.before.as_ref()?.dead_rows?)
    }
}

/// The comparison of tables and indexes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Relations {
    /// Why they could not be compared.
    pub missing: Option<String>,
    /// Databases that only one of the snapshots contains, so that their tables are neither new nor dropped.
    pub unread_databases: Vec<String>,
    /// Tables, those that grew most first.
    pub tables: Vec<RelationDiff>,
    /// Indexes, those that grew most first.
    pub indexes: Vec<RelationDiff>,
}

/// Compares tables and indexes.
pub(super) fn diff(sides: &Sides<'_>) -> Relations {
    let none = |reason: String| Relations {
        missing: Some(reason),
        unread_databases: Vec::new(),
        tables: Vec::new(),
        indexes: Vec::new(),
    };
    if !sides.has_same_names() {
        return none("the snapshots are not redacted with the same key".to_owned());
    }
    let tables = match (sides.before.facts.tables(), sides.after.facts.tables()) {
        (Ok(before), Ok(after)) => (&before.all, &after.all),
        (Err(reason), _) => return none(format!("in the first snapshot: {}", reason.reason)),
        (_, Err(reason)) => return none(format!("in the second snapshot: {}", reason.reason)),
    };
    let databases = Databases::of(sides);
    let (scans, changes) = (of_tables(sides, |row| row.seq_scan), of_tables(sides, changed_rows));
    let index_scans = of_indexes(sides);
    let tables =
        paired(&databases, [tables.0, tables.1].map(|all| table_entries(all)), |table, is_after| RelationFigures {
            bytes: size(table).map(|size| size.bytes.0),
            is_measured: size(table).is_some_and(|size| size.is_measured),
            live_rows: table.live_rows(),
            dead_rows: table.dead_rows(),
            scans: rate(side(&scans, is_after), table.name.database(), table.oid),
            changed_rows: Some(rate(side(&changes, is_after), table.name.database(), table.oid)),
        });
    let indexes = match (sides.before.facts.indexes(), sides.after.facts.indexes()) {
        (Ok(before), Ok(after)) => {
            paired(&databases, [before, after].map(|all| index_entries(all)), |index, is_after| RelationFigures {
                bytes: index.size.map(|size| size.bytes.0),
                is_measured: index.size.is_some_and(|size| size.is_measured),
                live_rows: None,
                dead_rows: None,
                scans: rate(side(&index_scans, is_after), index.name.database(), index.catalog.indexrelid),
                changed_rows: None,
            })
        }
        _ => Vec::new(),
    };
    Relations { missing: None, unread_databases: databases.unread, tables, indexes }
}

/// A relation by its name.
struct Entry<'a, T> {
    name: &'a RelationName,
    table: Option<&'a RelationName>,
    oid: i64,
    kind: SubjectKind,
    of: &'a T,
}

fn table_entries(tables: &[Table]) -> Vec<Entry<'_, Table>> {
    let own = tables.iter().filter(|table| table.has_rows());
    own.map(|table| Entry { name: &table.name, table: None, oid: table.oid, kind: SubjectKind::Table, of: table })
        .collect()
}

fn index_entries(indexes: &[Index]) -> Vec<Entry<'_, Index>> {
    let with_file = indexes.iter().filter(|index| index.relkind != Some('I'));
    with_file.map(index_entry).collect()
}

fn index_entry(index: &Index) -> Entry<'_, Index> {
    let Index { name, table, catalog, .. } = index;
    Entry { name, table: Some(table), oid: catalog.indexrelid, kind: SubjectKind::Index, of: index }
}

/// The databases whose relations each snapshot contains.
struct Databases {
    both: BTreeSet<Option<String>>,
    /// Whether an OID means the same in both snapshots.
    has_same_oids: bool,
    unread: Vec<String>,
}

impl Databases {
    fn of(sides: &Sides<'_>) -> Self {
        let names = |side: &Side<'_>| -> BTreeSet<Option<String>> {
            let section = side.snapshot.section::<PgClass>();
            let unread: BTreeSet<&str> = section.partial.iter().map(|partial| partial.datname.as_str()).collect();
            let own = side.snapshot.section::<pgdba_snapshot::sections::system::System>().rows.into_iter().next();
            let own = own.and_then(|row| row.current_database);
            let rows = section.rows.iter().map(|row| row.datname.clone());
            // A database without a user table has no row, but the collector was connected to it.
            let all = rows.chain(own.map(Some)).collect::<BTreeSet<_>>();
            all.into_iter().filter(|name| name.as_deref().is_none_or(|name| !unread.contains(name))).collect()
        };
        let (before, after) = (names(&sides.before), names(&sides.after));
        Self {
            has_same_oids: sides.is_same_cluster(),
            both: before.intersection(&after).cloned().collect(),
            unread: before.symmetric_difference(&after).flatten().cloned().collect(),
        }
    }
}

fn paired<T>(
    databases: &Databases,
    [before, after]: [Vec<Entry<'_, T>>; 2],
    figures: impl Fn(&T, bool) -> RelationFigures,
) -> Vec<RelationDiff> {
    let is_read = |entry: &&Entry<'_, T>| databases.both.contains(&entry.name.database().map(str::to_owned));
    let mut earlier: BTreeMap<Subject, &Entry<'_, T>> =
        before.iter().filter(is_read).map(|entry| (entry.name.subject(entry.kind), entry)).collect();
    let mut found: Vec<RelationDiff> = Vec::new();
    for entry in after.iter().filter(is_read) {
        let subject = entry.name.subject(entry.kind);
        let former = earlier.remove(&subject);
        let presence = match former {
            None => Presence::New,
            Some(former) if former.oid != entry.oid && databases.has_same_oids => Presence::CreatedAgain,
            Some(_) => Presence::Kept,
        };
        found.push(RelationDiff {
            subject,
            label: entry.name.to_string(),
            table: entry.table.map(ToString::to_string),
            presence,
            before: former.map(|former| figures(former.of, false)),
            after: Some(figures(entry.of, true)),
        });
    }
    found.extend(earlier.into_iter().map(|(subject, entry)| RelationDiff {
        subject,
        label: entry.name.to_string(),
        table: entry.table.map(ToString::to_string),
        presence: Presence::Dropped,
        before: Some(figures(entry.of, false)),
        after: None,
    }));
    let size = |one: &RelationDiff| std::cmp::Reverse(one.growth().map(i64::saturating_abs));
    found.sort_by(|a, b| (size(a), &a.subject).cmp(&(size(b), &b.subject)));
    found
}

/// A table with its TOAST table.
fn size(table: &Table) -> Option<Size> {
    let own = table.size?;
    Size::sum([own].into_iter().chain(table.toast_size))
}

fn changed_rows(row: &PgStatUserTable) -> Option<i64> {
    Some([row.n_tup_ins?, row.n_tup_upd?, row.n_tup_del?].into_iter().fold(0, i64::saturating_add))
}

/// Rates by database and OID.
type Rates = BTreeMap<(Option<String>, i64), Rate>;

fn of_tables(sides: &Sides<'_>, counter: fn(&PgStatUserTable) -> Option<i64>) -> [Rates; 2] {
    [sides.before(), sides.after()].map(|source| {
        let counted = source.counted();
        let rates = counted.rates(move |row: &PgStatUserTable| counter(row).map(|count| count as f64), |_| None);
        rates.map(|(row, rate)| ((row.datname.clone(), row.relid), rate)).collect()
    })
}

fn of_indexes(sides: &Sides<'_>) -> [Rates; 2] {
    [sides.before(), sides.after()].map(|source| {
        let counted = source.counted();
        let rates = counted.rates(|row: &PgStatUserIndex| row.idx_scan.map(|count| count as f64), |_| None);
        rates.map(|(row, rate)| ((row.datname.clone(), row.indexrelid), rate)).collect()
    })
}

/// Those of the second snapshot, if `is_after`.
fn side([before, after]: &[Rates; 2], is_after: bool) -> &Rates {
    if is_after { after } else { before }
}

fn rate(rates: &Rates, database: Option<&str>, oid: i64) -> Rate {
    let found = rates.get(&(database.map(str::to_owned), oid));
    found.cloned().unwrap_or_else(|| Rate::unknown("not in the snapshot"))
}
