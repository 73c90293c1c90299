//! What sessions waited for in the window of a delta.

use crate::section;

section! {
    /// What sessions did and waited for, sampled once a second in the window of a delta and counted. How many samples were
    /// taken is in the section's member `readings`.
    ///
    /// Idle sessions, background processes that wait for work, and sessions whose state is hidden from the role are left
    /// out. A row without a wait event was running.
    section wait_samples {
        scope: Cluster,
        why: "What sessions wait for, and so what makes them slow.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
        complete_with: "pg_read_all_stats",
        sampled: true,
    }
    row WaitSample {
        /// The kind of process.
        backend_type: Option<String>,
        /// The database's name.
        datname: Option<String>,
        /// The role's name.
        usename: Option<String>,
        /// What the client calls itself.
        application_name: Option<String> = Urls,
        /// The state of a session; null for processes that are not sessions.
        state: Option<String>,
        /// The class of what was waited for; null while running.
        wait_event_type: Option<String>,
        /// What was waited for.
        wait_event: Option<String>,
        /// The statement, see `pg_stat_activity.query_id` (14, where `compute_query_id` is on).
        query_id: Option<String>,
        /// How many processes were seen so, over all samples; divided by `readings`, processes on average.
        samples: Option<i64>,
    }
}
