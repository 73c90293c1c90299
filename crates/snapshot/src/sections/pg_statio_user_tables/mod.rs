//! Pages that each table needed.

use crate::section;
use crate::section::Counter;

section! {
    /// Pages of each user table and its TOAST table: reads from the operating system, and shared buffer hits. Those of
    /// indexes are in `pg_stat_user_indexes`.
    section pg_statio_user_tables {
        scope: Database,
        why: "Finds tables that are read from disk.",
        since: 12,
        sql: [12 => "12.sql"],
        key: [datname, relid],
    }
    row PgStatioUserTable {
        /// The table's oid, see `pg_class`.
        relid: i64,
        /// Pages read from the operating system.
        heap_blks_read: Counter,
        /// Shared buffer hits, in pages.
        heap_blks_hit: Counter,
    }
}
