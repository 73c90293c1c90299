//! Relations: names, sizes, storage parameters, ages.

use crate::section;

section! {
    /// User relations: tables, materialized views, their TOAST tables and indexes, sequences, views, foreign tables.
    /// Indexes of TOAST tables are left out.
    ///
    /// At most 1000 files are measured, in a smaller database those of all tables, TOAST tables and indexes: opening every relation of
    /// a large one would cost the server time and memory, and measuring an exclusively locked one would wait. First come those
    /// of 128 pages or more by size, including what changed since the last ANALYZE, then tables that neither VACUUM nor ANALYZE has
    /// counted. The size of all others is `relpages`, which VACUUM and ANALYZE set; `size_source` tells which.
    section pg_class {
        scope: Database,
        why: "Vacuum, bloat and index advice use the sizes, ages and storage parameters of tables; what PUBLIC has on them shows which are open to all.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql", 18 => "18.sql"],
    }
    row PgClass {
        /// The relation's oid; other sections refer to it.
        oid: i64,
        /// Its schema.
        nspname: String,
        /// Its name.
        relname: String,
        /// `r` table, `p` partitioned table, `m` materialized view, `t` TOAST table, `i` index, `I` partitioned index,
        /// `S` sequence, `v` view, `f` foreign table.
        relkind: Option<char>,
        /// `p` permanent, `u` unlogged, `t` temporary.
        relpersistence: Option<char>,
        /// The tablespace's oid, null for the database's default.
        reltablespace: Option<i64>,
        /// Number of columns, including dropped ones.
        relnatts: Option<i64>,
        /// Pages, as of the last VACUUM or ANALYZE.
        relpages: Option<i64>,
        /// Rows, as of the last VACUUM or ANALYZE; -1 (from 14 on) or 0 before the first.
        reltuples: Option<f64>,
        /// Pages marked all-visible.
        relallvisible: Option<i64>,
        /// Pages marked all-frozen (18).
        relallfrozen: Option<i64>,
        /// Bytes of its main fork; null if it has no storage.
        size_bytes: Option<i64>,
        /// Where `size_bytes` comes from: `pg_relation_size`, `relpages`, or `locked`, which is `relpages` too.
        size_source: Option<String>,
        /// The table's TOAST table, null if none.
        reltoastrelid: Option<i64>,
        /// Whether it is a partition.
        relispartition: Option<bool>,
        /// The partitioned table or index that it is a partition of; with inheritance, the first parent.
        inhparent: Option<i64>,
        /// Whether a DETACH CONCURRENTLY is pending (14).
        inhdetachpending: Option<bool>,
        /// Whether its file was rewritten after it was created, by TRUNCATE, VACUUM FULL, CLUSTER or REINDEX.
        is_rewritten: Option<bool>,
        /// Whether row-level security is enabled.
        relrowsecurity: Option<bool>,
        /// Whether row-level security also applies to the owner.
        relforcerowsecurity: Option<bool>,
        /// Replica identity: `d` primary key, `n` none, `f` all columns, `i` an index.
        relreplident: Option<char>,
        /// Age of `relfrozenxid`, in transactions.
        relfrozenxid_age: Option<i64>,
        /// Age of `relminmxid`, in multixacts.
        relminmxid_age: Option<i64>,
        /// Access method: `heap`, `btree` and others.
        amname: Option<String>,
        /// Storage parameters, `name=value` each.
        reloptions: Option<Vec<String>>,
        /// The extension that it belongs to.
        extname: Option<String>,
        /// The privileges that PUBLIC has on a table: `SELECT`, `INSERT` and others; null for other relations.
        public_privileges: Option<Vec<String>>,
    }
}
