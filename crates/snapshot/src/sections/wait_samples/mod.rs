//! What sessions waited for in the window of a delta.

use crate::section;

section! {
    /// What sessions were doing and waiting for, sampled once per second during a delta and counted. The number of
    /// samples is in the section's member `readings`.
    ///
    /// Idle sessions, background processes that wait for work, and sessions whose state is hidden from the role are left
    /// out. A row without a wait event was running.
    section wait_samples {
        scope: Cluster,
        why: "Shows what sessions wait for, and what makes them slow.",
        since: 12,
        sql: [12 => "12.sql", 14 => "14.sql"],
        complete_with: "pg_read_all_stats",
        sampled: true,
    }
    row WaitSample {
        /// The type of the process.
        backend_type: Option<String>,
        /// The database's name.
        datname: Option<String>,
        /// The role's name.
        usename: Option<String>,
        /// The application name of the client.
        application_name: Option<String> = Urls,
        /// The state of a session; null for processes that are not sessions.
        state: Option<String>,
        /// The type of the wait event; null while running.
        wait_event_type: Option<String>,
        /// The wait event.
        wait_event: Option<String>,
        /// The statement, see `pg_stat_activity.query_id` (14, if `compute_query_id` is on).
        query_id: Option<String>,
        /// The number of processes in this state, over all samples; divided by `readings`, the average.
        samples: Option<i64>,
    }
}
