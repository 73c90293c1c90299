//! What sessions waited for while a delta was taken.

use crate::section;

section! {
    /// What sessions did and waited for, looked at once a second during a delta and counted.
    ///
    /// Idle sessions and background processes that wait for work are left out. A row without a wait event was running.
    section wait_samples {
        scope: Cluster,
        why: "What sessions wait for is what makes them slow.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
        complete_with: "pg_read_all_stats",
        sampled: true,
    }
    row WaitSample {
        /// The kind of process.
        backend_type: Option<String>,
        /// The state of a session; null for processes that are none.
        state: Option<String>,
        /// The class of what was waited for; null while running.
        wait_event_type: Option<String>,
        /// What was waited for.
        wait_event: Option<String>,
        /// The statement, see `pg_stat_activity.query_id` (14, where `compute_query_id` is on).
        query_id: Option<String>,
        /// How many times a process was seen so; divided by the number of looks, processes on average.
        samples: Option<i64>,
    }
}
