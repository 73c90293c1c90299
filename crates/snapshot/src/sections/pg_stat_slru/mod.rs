//! Small caches of the server.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of the caches for transaction states, subtransactions, multixacts and their kin.
    section pg_stat_slru {
        scope: Cluster,
        why: "Small caches that are too small slow everything down.",
        since: 13,
        sql: [13 => "13.sql"],
        key: [name],
    }
    row PgStatSlru {
        /// The cache's name; from 17 on in small letters.
        name: String,
        /// Pages zeroed.
        blks_zeroed: Counter,
        /// Pages found in the cache.
        blks_hit: Counter,
        /// Pages read from the operating system.
        blks_read: Counter,
        /// Pages written.
        blks_written: Counter,
        /// Pages whose existence was checked.
        blks_exists: Counter,
        /// Flushes of dirty pages.
        flushes: Counter,
        /// Truncations.
        truncates: Counter,
        /// Since when these counters count.
        stats_reset: CountedSince,
    }
}
