//! Pages that each table needed.

use crate::section;
use crate::section::Counter;

section! {
    /// Pages of each table of users, and of its TOAST table: read from the operating system, and found in shared
    /// buffers. Those of indexes are in `pg_stat_user_indexes`.
    section pg_statio_user_tables {
        scope: Database,
        why: "Which tables are read from disk.",
        since: 12,
        sql: [12 => "12.sql"],
        key: [datname, relid],
    }
    row PgStatioUserTable {
        /// The table's oid, see `pg_class`.
        relid: i64,
        /// Pages read from the operating system.
        heap_blks_read: Counter,
        /// Pages found in shared buffers.
        heap_blks_hit: Counter,
    }
}
