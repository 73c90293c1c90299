//! The server's SLRU caches.

use crate::section;
use crate::section::{CountedSince, Counter};

section! {
    /// Counters of the SLRU caches: transaction status, subtransactions, multixacts and others.
    section pg_stat_slru {
        scope: Cluster,
        why: "SLRU caches that are too small slow down all sessions.",
        since: 13,
        sql: [13 => "13.sql"],
        key: [name],
    }
    row PgStatSlru {
        /// The cache's name; from 17 on in lower case.
        name: String,
        /// Pages zeroed.
        blks_zeroed: Counter,
        /// Cache hits, in pages.
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
        /// When these counters were last reset.
        stats_reset: CountedSince,
    }
}
