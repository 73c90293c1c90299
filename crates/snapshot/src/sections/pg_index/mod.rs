//! Indexes: their columns and their state.

use crate::section;

section! {
    /// The definition and the state of each user index, and of invalid indexes of TOAST tables.
    section pg_index {
        scope: Database,
        why: "Finds duplicate, invalid and redundant indexes.",
        since: 12,
        sql: [12 => "12.sql", 15 => "15.sql"],
    }
    row PgIndex {
        /// The index's oid, see `pg_class`.
        indexrelid: i64,
        /// The table's oid, see `pg_class`.
        indrelid: i64,
        /// Number of columns, including INCLUDE columns.
        indnatts: Option<i64>,
        /// Number of key columns.
        indnkeyatts: Option<i64>,
        /// Whether it enforces uniqueness.
        indisunique: Option<bool>,
        /// Whether it is the index of the primary key.
        indisprimary: Option<bool>,
        /// Whether it is the index of an exclusion constraint.
        indisexclusion: Option<bool>,
        /// Whether uniqueness is checked immediately.
        indimmediate: Option<bool>,
        /// Whether the table was last clustered on it.
        indisclustered: Option<bool>,
        /// Whether it is valid, so that queries can use it.
        indisvalid: Option<bool>,
        /// Whether it is ready, so that writes update it.
        indisready: Option<bool>,
        /// Whether it is live; false while it is being dropped.
        indislive: Option<bool>,
        /// Whether it is the replica identity.
        indisreplident: Option<bool>,
        /// Whether nulls are not distinct (15).
        indnullsnotdistinct: Option<bool>,
        /// Column numbers, 0 for an expression.
        indkey: Option<Vec<i64>>,
        /// Collation oids of the key columns, see `pg_collation`.
        indcollation: Option<Vec<i64>>,
        /// Operator class oids of the key columns, see `pg_opclass`.
        indclass: Option<Vec<i64>>,
        /// Sort order flags of the key columns.
        indoption: Option<Vec<i64>>,
        /// Whether it has expressions, see `pg_index_expressions`.
        has_indexprs: Option<bool>,
        /// Whether it is partial.
        has_indpred: Option<bool>,
        /// Parameters of its columns' operator classes: the column's number, then `name=value` each.
        attoptions: Option<Vec<String>>,
        /// The constraint that it enforces.
        conname: Option<String>,
        /// Whether a foreign key depends on it.
        is_referenced: Option<bool>,
        /// Whether another session builds, rebuilds or drops it now, as its locks show; true for every invalid index of a
        /// table on which a CREATE INDEX or REINDEX CONCURRENTLY is running. Null for an invalid index on a standby, which
        /// does not show what its primary does.
        in_progress: Option<bool>,
        /// Of an invalid index whose name ends as REINDEX CONCURRENTLY names its copies (`_ccnew`, `_ccold`): the oid of the
        /// index of the same table, valid or not, that it is a copy of.
        copy_of: Option<i64>,
    }
}
