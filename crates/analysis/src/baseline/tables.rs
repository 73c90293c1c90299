//! Tables by size, with what is read and written of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;
use schemars::JsonSchema;
use serde::Serialize;

use super::section::{CountedSince, Derived, Reading};
use crate::facts::databases::Databases;
use crate::facts::indexes::Index;
use crate::facts::relation::Size;
use crate::facts::tables::Table;
use crate::facts::{Fact, declared};
use crate::format::Checked;
use crate::rates::{Counted, Rate};

/// Tables that a baseline has at most.
const LIMIT: usize = 1000;

/// The facts it reads.
pub(super) static READS: &[&Fact] =
    &[&declared::tables, &declared::indexes, &declared::databases, &declared::relations];

/// Databases and tables by size.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tables {
    /// The databases that were read.
    pub databases: Vec<DatabaseSize>,
    /// How many user tables there are, of which these are the first.
    pub found: usize,
    /// Tables, partitions and materialized views, the largest first.
    pub tables: Vec<TableFigures>,
}

/// The size of a database.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DatabaseSize {
    /// Its name; none if the snapshot does not contain it.
    pub database: Option<String>,
    /// The main files of all its relations, in bytes.
    pub bytes: i64,
    /// Whether all were measured; otherwise some are as of the last VACUUM or ANALYZE.
    pub is_measured: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TableFigures {
    /// Its database; none if the snapshot does not contain it.
    pub database: Option<String>,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Bytes of its main file.
    pub bytes: Option<i64>,
    /// Bytes of its TOAST table.
    pub toast_bytes: Option<i64>,
    /// Bytes of its indexes.
    pub index_bytes: Option<i64>,
    /// Whether these were measured; otherwise some are as of the last VACUUM or ANALYZE.
    pub is_measured: bool,
    /// Live rows.
    pub live_rows: Option<i64>,
    /// Dead rows.
    pub dead_rows: Option<i64>,
    /// Age of its oldest unfrozen transaction ID.
    pub freeze_age: Option<i64>,
    /// When it was last vacuumed.
    #[schemars(with = "Option<String>")]
    pub last_vacuum: Option<Timestamp>,
    /// When it was last analyzed.
    #[schemars(with = "Option<String>")]
    pub last_analyze: Option<Timestamp>,
    /// Sequential scans.
    pub sequential_scans: Rate,
    /// Rows inserted.
    pub rows_inserted: Rate,
    /// Rows updated.
    pub rows_updated: Rate,
    /// Rows deleted.
    pub rows_deleted: Rate,
}

/// Derives them.
pub(super) fn derive(reading: &Reading<'_>) -> Checked<Derived<Tables>> {
    let (tables, indexes) = (reading.view.tables()?, reading.view.indexes());
    let databases = reading.view.databases().ok();
    let relations = reading.view.relations()?;
    let counters = Counters::of(reading, databases);
    let of_indexes = sizes(indexes.map_or(&[][..], Vec::as_slice));
    let all = tables.all.iter().filter(|table| table.has_rows());
    let mut all: Vec<TableFigures> = all.map(|table| figures(table, &counters, &of_indexes)).collect();
    let size = |one: &TableFigures| {
        [one.bytes, one.toast_bytes, one.index_bytes].into_iter().flatten().fold(0, i64::saturating_add)
    };
    all.sort_by(|a, b| {
        let name = |one: &TableFigures| (one.database.clone(), one.schema.clone(), one.name.clone());
        size(b).cmp(&size(a)).then_with(|| name(a).cmp(&name(b)))
    });
    let found = all.len();
    all.truncate(LIMIT);
    let of_database = |(database, size): (Option<String>, Size)| DatabaseSize {
        database,
        bytes: size.bytes.0,
        is_measured: size.is_measured,
    };
    Ok(Derived {
        stats_reset: databases.map_or_else(Vec::new, |all| CountedSince::databases("pg_stat_user_tables", all)),
        data: Tables { databases: relations.by_database().into_iter().map(of_database).collect(), found, tables: all },
    })
}

/// What is counted of a table.
type Counter = fn(&PgStatUserTable) -> Option<i64>;

/// In the order of the figures.
const COUNTERS: [Counter; 4] = [|row| row.seq_scan, |row| row.n_tup_ins, |row| row.n_tup_upd, |row| row.n_tup_del];

/// The rates of all tables.
struct Counters {
    /// By database and OID, in the order of [`COUNTERS`].
    rates: BTreeMap<(Option<String>, i64), Vec<Rate>>,
}

impl Counters {
    fn of(reading: &Reading<'_>, databases: Option<&Databases>) -> Self {
        let counted: Counted<PgStatUserTable> = reading.source.counted();
        let reset = |row: &PgStatUserTable| {
            let of_row = |databases: &Databases| {
                let mut named = databases.named();
                let (database, _) = named.find(|(database, _)| database.datname == row.datname)?;
                databases.window(database, None).since
            };
            databases.and_then(of_row)
        };
        let mut rates = BTreeMap::<(Option<String>, i64), Vec<Rate>>::new();
        for counter in COUNTERS {
            for (row, rate) in counted.rates(|row| counter(row).map(|count| count as f64), reset) {
                rates.entry((row.datname.clone(), row.relid)).or_default().push(rate);
            }
        }
        Self { rates }
    }

    fn rate(&self, table: &Table, position: usize) -> Rate {
        let all = self.rates.get(&(table.name.database().map(str::to_owned), table.oid));
        all.and_then(|all| all.get(position)).cloned().unwrap_or_else(|| Rate::unknown("not in the snapshot"))
    }
}

/// The sizes of the indexes of each table, by its database and OID.
fn sizes(indexes: &[Index]) -> BTreeMap<(Option<&str>, i64), Size> {
    let mut all = BTreeMap::<(Option<&str>, i64), Vec<Size>>::new();
    for index in indexes {
        all.entry((index.catalog.datname.as_deref(), index.catalog.indrelid)).or_default().extend(index.size);
    }
    all.into_iter().filter_map(|(table, sizes)| Some((table, Size::sum(sizes)?))).collect()
}

fn figures(table: &Table, counters: &Counters, indexes: &BTreeMap<(Option<&str>, i64), Size>) -> TableFigures {
    let of_indexes = indexes.get(&(table.name.database(), table.oid)).copied();
    let bytes = |size: Option<Size>| size.map(|size| size.bytes.0);
    let rate = |position| counters.rate(table, position);
    TableFigures {
        database: table.name.database().map(str::to_owned),
        schema: table.name.schema().to_owned(),
        name: table.name.bare().to_owned(),
        bytes: bytes(table.size),
        toast_bytes: bytes(table.toast_size),
        index_bytes: bytes(of_indexes),
        is_measured: [table.size, table.toast_size, of_indexes].into_iter().flatten().all(|size| size.is_measured),
        live_rows: table.live_rows(),
        dead_rows: table.dead_rows(),
        freeze_age: table.freeze_age,
        last_vacuum: table.last_vacuum(),
        last_analyze: table.last_analyze(),
        sequential_scans: rate(0),
        rows_inserted: rate(1),
        rows_updated: rate(2),
        rows_deleted: rate(3),
    }
}
