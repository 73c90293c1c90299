//! Progress: cluster.

use crate::section;

section! {
    /// Each running CLUSTER and VACUUM FULL.
    section pg_stat_progress_cluster {
        scope: Cluster,
        why: "Shows the progress of a command that locks its table exclusively.",
        since: 12,
        sql: [12 => "12.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatProgressCluster {
        /// The process.
        pid: i64,
        /// The database's oid.
        datid: Option<i64>,
        /// The table's oid, see `pg_class`.
        relid: Option<i64>,
        /// `CLUSTER` or `VACUUM FULL`.
        command: Option<String>,
        /// The current phase.
        phase: Option<String>,
        /// The index that is scanned, 0 for none.
        cluster_index_relid: Option<i64>,
        /// Rows read.
        heap_tuples_scanned: Option<i64>,
        /// Rows written.
        heap_tuples_written: Option<i64>,
        /// Pages of the table.
        heap_blks_total: Option<i64>,
        /// Pages read.
        heap_blks_scanned: Option<i64>,
        /// Indexes rebuilt.
        index_rebuild_count: Option<i64>,
    }
}
