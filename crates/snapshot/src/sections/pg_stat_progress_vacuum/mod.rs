//! Progress: vacuum.

use crate::section;

section! {
    /// Each running VACUUM, manual or by autovacuum; VACUUM FULL is in `pg_stat_progress_cluster`.
    section pg_stat_progress_vacuum {
        scope: Cluster,
        why: "Shows the progress of VACUUM, and how often it has scanned the indexes.",
        since: 12,
        sql: [12 => "12.sql", 17 => "17.sql", 18 => "18.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatProgressVacuum {
        /// The process.
        pid: i64,
        /// The database's oid.
        datid: Option<i64>,
        /// The table's oid, see `pg_class`.
        relid: Option<i64>,
        /// The current phase.
        phase: Option<String>,
        /// Pages of the table when it started.
        heap_blks_total: Option<i64>,
        /// Pages scanned or skipped.
        heap_blks_scanned: Option<i64>,
        /// Pages vacuumed.
        heap_blks_vacuumed: Option<i64>,
        /// Completed index vacuum cycles.
        index_vacuum_count: Option<i64>,
        /// Dead rows that fit into its memory (up to 16).
        max_dead_tuples: Option<i64>,
        /// Dead rows collected since the last index vacuum cycle (up to 16).
        num_dead_tuples: Option<i64>,
        /// Bytes of dead row identifiers that fit into its memory (17).
        max_dead_tuple_bytes: Option<i64>,
        /// Bytes collected since the last index vacuum cycle (17).
        dead_tuple_bytes: Option<i64>,
        /// Dead row identifiers collected since the last index vacuum cycle (17).
        num_dead_item_ids: Option<i64>,
        /// Indexes to process in this cycle (17).
        indexes_total: Option<i64>,
        /// Indexes processed in this cycle (17).
        indexes_processed: Option<i64>,
        /// Milliseconds it slept (`track_cost_delay_timing`) (18).
        delay_time: Option<f64>,
    }
}
