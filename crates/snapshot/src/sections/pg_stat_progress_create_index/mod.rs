//! Progress: create index.

use crate::section;

section! {
    /// Each CREATE INDEX and REINDEX that runs.
    section pg_stat_progress_create_index {
        scope: Cluster,
        why: "How far it is; an index that is being built is not an invalid one.",
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
        /// The index's oid; 0 before it has one.
        index_relid: Option<i64>,
        /// The command.
        command: Option<String>,
        /// What it does now.
        phase: Option<String>,
        /// Transactions it has to wait for.
        lockers_total: Option<i64>,
        /// Those it has waited for.
        lockers_done: Option<i64>,
        /// The process it waits for now.
        current_locker_pid: Option<i64>,
        /// Pages of this phase.
        blocks_total: Option<i64>,
        /// Pages done.
        blocks_done: Option<i64>,
        /// Rows of this phase.
        tuples_total: Option<i64>,
        /// Rows done.
        tuples_done: Option<i64>,
        /// Partitions to index.
        partitions_total: Option<i64>,
        /// Partitions indexed.
        partitions_done: Option<i64>,
    }
}
