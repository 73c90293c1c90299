//! Relations: names, sizes, storage parameters, ages.

use crate::section;

section! {
    /// The relations of users: tables, materialised views, their TOAST tables and indexes.
    ///
    /// Sizes are `relpages`, which VACUUM and ANALYZE set: asking for the file sizes would open every relation and
    /// wait for those that are locked.
    section pg_class {
        scope: Database,
        since: 12,
        sql: [12 => "12.sql", 18 => "18.sql"],
    }
    row PgClass {
        /// The relation's oid; other sections refer to it.
        oid: i64,
        /// Its schema.
        nspname: String,
        /// Its name.
        relname: String,
        /// `r` table, `p` partitioned table, `m` materialised view, `t` TOAST table, `i` index, `I` partitioned index.
        relkind: Option<String>,
        /// `p` permanent, `u` unlogged, `t` temporary.
        relpersistence: Option<String>,
        /// Pages, as of the last VACUUM or ANALYZE.
        relpages: Option<i64>,
        /// Rows, as of the last VACUUM or ANALYZE; -1 (from 14 on) or 0 before the first.
        reltuples: Option<f64>,
        /// Pages marked all-visible.
        relallvisible: Option<i64>,
        /// Pages marked all-frozen (18).
        relallfrozen: Option<i64>,
        /// The table's TOAST table, 0 if none.
        reltoastrelid: Option<i64>,
        /// Whether it is a partition.
        relispartition: Option<bool>,
        /// Age of `relfrozenxid`, in transactions.
        relfrozenxid_age: Option<i64>,
        /// Age of `relminmxid`, in multixacts.
        relminmxid_age: Option<i64>,
        /// Access method: `heap`, `btree` and so on.
        amname: Option<String>,
        /// Storage parameters, `name=value` each.
        reloptions: Option<Vec<String>>,
    }
}
