//! Small caches of the server.

use jiff::Timestamp;

use crate::section;

section! {
    /// Counters of the caches for transaction states, subtransactions, multixacts and their kin.
    section pg_stat_slru {
        scope: Cluster,
        why: "Small caches that are too small slow everything down.",
        since: 13,
        sql: [13 => "13.sql"],
        cumulative: true,
    }
    row PgStatSlru {
        /// The cache's name; from 17 on in small letters.
        name: String,
        /// Pages zeroed.
        blks_zeroed: Option<i64>,
        /// Pages found in the cache.
        blks_hit: Option<i64>,
        /// Pages read from the operating system.
        blks_read: Option<i64>,
        /// Pages written.
        blks_written: Option<i64>,
        /// Pages whose existence was checked.
        blks_exists: Option<i64>,
        /// Flushes of dirty pages.
        flushes: Option<i64>,
        /// Truncations.
        truncates: Option<i64>,
        /// Since when these counters count.
        stats_reset: Option<Timestamp>,
    }
}
