//! Publications.

use crate::section;

section! {
    /// Publications of logical replication: tables and commands. Never a row filter.
    section pg_publication {
        scope: Database,
        why: "Shows what logical replication publishes.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql", 15 => "15.sql"],
    }
    row PgPublication {
        /// The publication's oid.
        oid: i64,
        /// Its name.
        pubname: String,
        /// Its owner.
        owner: Option<String>,
        /// Whether it is for all tables.
        puballtables: Option<bool>,
        /// Whether INSERT is published.
        pubinsert: Option<bool>,
        /// Whether UPDATE is published.
        pubupdate: Option<bool>,
        /// Whether DELETE is published.
        pubdelete: Option<bool>,
        /// Whether TRUNCATE is published.
        pubtruncate: Option<bool>,
        /// Whether partitions are published as their parent (13).
        pubviaroot: Option<bool>,
        /// The tables it lists, see `pg_class`.
        prrelids: Option<Vec<i64>>,
        /// The schemas it lists, see `pg_namespace` (15).
        pnnspids: Option<Vec<i64>>,
        /// Whether a table has a row filter (15).
        has_row_filters: Option<bool>,
    }
}
