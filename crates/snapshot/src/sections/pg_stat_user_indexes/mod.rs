//! Counters of each index.

use jiff::Timestamp;

use crate::section;
use crate::section::Counter;

section! {
    /// Counters of each user index: scans and pages. Indexes of TOAST tables are left out.
    section pg_stat_user_indexes {
        scope: Database,
        why: "Finds unused indexes.",
        since: 12,
        sql: [12 => "12.sql", 16 => "16.sql"],
        key: [datname, indexrelid],
    }
    row PgStatUserIndex {
        /// The index's oid, see `pg_class` and, for its table, `pg_index`.
        indexrelid: i64,
        /// Scans of the index.
        idx_scan: Counter,
        /// Time of the last scan (16).
        last_idx_scan: Option<Timestamp>,
        /// Index entries returned.
        idx_tup_read: Counter,
        /// Live rows fetched by plain index scans.
        idx_tup_fetch: Counter,
        /// Pages read from the operating system.
        idx_blks_read: Counter,
        /// Shared buffer hits, in pages.
        idx_blks_hit: Counter,
    }
}
