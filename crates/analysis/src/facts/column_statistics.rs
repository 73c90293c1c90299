//! Of which tables the planner has statistics.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_snapshot::sections::pg_stats::PgStats;

use super::sections::Rows;

/// The tables of which ANALYZE left statistics.
#[derive(Debug)]
pub struct ColumnStatistics {
    /// The oids of tables by database.
    tables: BTreeMap<Option<String>, BTreeSet<i64>>,
    /// Whether statistics of other tables might be hidden from the collecting role.
    is_partial: bool,
}

impl ColumnStatistics {
    pub(super) fn new(read: Rows<PgStats>) -> Self {
        let mut tables = BTreeMap::<Option<String>, BTreeSet<i64>>::new();
        for row in read.rows {
            match tables.get_mut(&row.datname) {
                Some(oids) => {
                    oids.insert(row.relid);
                }
                None => {
                    tables.insert(row.datname, BTreeSet::from([row.relid]));
                }
            }
        }
        Self { tables, is_partial: read.limited.is_some() }
    }

    /// Where nothing could be read.
    pub(super) fn unknown() -> Self {
        Self { tables: BTreeMap::new(), is_partial: true }
    }

    /// Whether there are statistics of the table with this oid; none if they might be hidden.
    #[must_use]
    pub fn has(&self, datname: Option<&str>, oid: i64) -> Option<bool> {
        let is_there = self.tables.get(&datname.map(str::to_owned)).is_some_and(|oids| oids.contains(&oid));
        (is_there || !self.is_partial).then_some(is_there)
    }
}
