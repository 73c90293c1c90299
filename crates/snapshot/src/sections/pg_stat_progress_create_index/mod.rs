//! Progress: create index.

use crate::section;

section! {
    /// Each running CREATE INDEX and REINDEX.
    section pg_stat_progress_create_index {
        scope: Cluster,
        why: "Shows the progress of index builds, so that an index that is being built is not reported as invalid.",
        since: 12,
        sql: [12 => "12.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatProgressCreateIndex {
        /// The process.
        pid: i64,
        /// The database's oid.
        datid: Option<i64>,
        /// The table's oid, see `pg_class`.
        relid: Option<i64>,
        /// The index's oid; 0 before it exists.
        index_relid: Option<i64>,
        /// The command.
        command: Option<String>,
        /// The current phase.
        phase: Option<String>,
        /// Lockers to wait for.
        lockers_total: Option<i64>,
        /// Lockers already waited for.
        lockers_done: Option<i64>,
        /// The locker being waited for.
        current_locker_pid: Option<i64>,
        /// Pages to process in this phase.
        blocks_total: Option<i64>,
        /// Pages processed.
        blocks_done: Option<i64>,
        /// Rows to process in this phase.
        tuples_total: Option<i64>,
        /// Rows processed.
        tuples_done: Option<i64>,
        /// Partitions to index.
        partitions_total: Option<i64>,
        /// Partitions indexed.
        partitions_done: Option<i64>,
    }
}
