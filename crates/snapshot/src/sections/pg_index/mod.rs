//! Indexes: their columns and their state.

use crate::section;

section! {
    /// What each index of users is built on, and whether it can be used.
    section pg_index {
        scope: Database,
        why: "Duplicate, invalid and redundant indexes are found here.",
        since: 12,
        sql: [12 => "12.sql", 15 => "15.sql"],
    }
    row PgIndex {
        /// The index's oid, see `pg_class`.
        indexrelid: i64,
        /// The table's oid, see `pg_class`.
        indrelid: i64,
        /// Columns, INCLUDE columns counted.
        indnatts: Option<i64>,
        /// Key columns.
        indnkeyatts: Option<i64>,
        /// Whether it enforces uniqueness.
        indisunique: Option<bool>,
        /// Whether it is the primary key's.
        indisprimary: Option<bool>,
        /// Whether it is an exclusion constraint's.
        indisexclusion: Option<bool>,
        /// Whether uniqueness is checked at once.
        indimmediate: Option<bool>,
        /// Whether CLUSTER used it last.
        indisclustered: Option<bool>,
        /// Whether queries may use it.
        indisvalid: Option<bool>,
        /// Whether writes go into it.
        indisready: Option<bool>,
        /// Whether it is not being dropped.
        indislive: Option<bool>,
        /// Whether it is the replica identity.
        indisreplident: Option<bool>,
        /// Whether nulls count as equal (15).
        indnullsnotdistinct: Option<bool>,
        /// Column numbers, 0 for an expression.
        indkey: Option<Vec<i64>>,
        /// Collation oids of the key columns, see `pg_collation`.
        indcollation: Option<Vec<i64>>,
        /// Operator class oids of the key columns, see `pg_opclass`.
        indclass: Option<Vec<i64>>,
        /// Order flags of the key columns.
        indoption: Option<Vec<i64>>,
        /// Whether it has expressions, see `pg_index_expressions`.
        has_indexprs: Option<bool>,
        /// Whether it is partial.
        has_indpred: Option<bool>,
        /// The constraint that needs it.
        conname: Option<String>,
        /// Whether a CREATE INDEX or REINDEX works on it now; before a concurrent one says on which index, every invalid one
        /// of its table.
        in_progress: Option<bool>,
    }
}
