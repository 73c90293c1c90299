//! Progress: analyze.

use crate::section;

section! {
    /// Each running ANALYZE, manual or by autovacuum.
    section pg_stat_progress_analyze {
        scope: Cluster,
        why: "Shows the progress of a long-running command.",
        since: 13,
        sql: [13 => "13.sql", 18 => "18.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatProgressAnalyze {
        /// The process.
        pid: i64,
        /// The database's oid.
        datid: Option<i64>,
        /// The table's oid, see `pg_class`.
        relid: Option<i64>,
        /// The current phase.
        phase: Option<String>,
        /// Pages to sample.
        sample_blks_total: Option<i64>,
        /// Pages sampled.
        sample_blks_scanned: Option<i64>,
        /// Extended statistics to compute.
        ext_stats_total: Option<i64>,
        /// Extended statistics computed.
        ext_stats_computed: Option<i64>,
        /// Child tables to sample.
        child_tables_total: Option<i64>,
        /// Child tables sampled.
        child_tables_done: Option<i64>,
        /// The child table being sampled.
        current_child_table_relid: Option<i64>,
        /// Milliseconds it slept (`track_cost_delay_timing`) (18).
        delay_time: Option<f64>,
    }
}
