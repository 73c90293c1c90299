//! Counters of each table.

use jiff::Timestamp;

use crate::section;
use crate::section::Counter;

section! {
    /// Counters of each user table and its TOAST table: scans, changes, dead rows, vacuums and analyses. Index scans are
    /// in `pg_stat_user_indexes`.
    section pg_stat_user_tables {
        scope: Database,
        why: "Shows whether VACUUM and ANALYZE keep up with the changes of each table.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql", 16 => "16.sql", 18 => "18.sql"],
        key: [datname, relid],
    }
    row PgStatUserTable {
        /// The table's oid, see `pg_class`.
        relid: i64,
        /// Sequential scans.
        seq_scan: Counter,
        /// Time of the last sequential scan (16).
        last_seq_scan: Option<Timestamp>,
        /// Rows read by sequential scans.
        seq_tup_read: Counter,
        /// Rows fetched by bitmap scans; those fetched by plain index scans are in `pg_stat_user_indexes`.
        bitmap_tup_fetch: Counter,
        /// Rows inserted.
        n_tup_ins: Counter,
        /// Rows updated.
        n_tup_upd: Counter,
        /// Rows deleted.
        n_tup_del: Counter,
        /// Rows updated without index changes (HOT).
        n_tup_hot_upd: Counter,
        /// Rows updated with the new version on another page (16).
        n_tup_newpage_upd: Counter,
        /// Estimated live rows.
        n_live_tup: Option<i64>,
        /// Estimated dead rows.
        n_dead_tup: Option<i64>,
        /// Rows changed since the last ANALYZE.
        n_mod_since_analyze: Option<i64>,
        /// Rows inserted since the last VACUUM (13).
        n_ins_since_vacuum: Option<i64>,
        /// Last manual VACUUM.
        last_vacuum: Option<Timestamp>,
        /// Last VACUUM by autovacuum.
        last_autovacuum: Option<Timestamp>,
        /// Last manual ANALYZE.
        last_analyze: Option<Timestamp>,
        /// Last ANALYZE by autovacuum.
        last_autoanalyze: Option<Timestamp>,
        /// Manual vacuums.
        vacuum_count: Counter,
        /// Vacuums by autovacuum.
        autovacuum_count: Counter,
        /// Manual analyses.
        analyze_count: Counter,
        /// Analyses by autovacuum.
        autoanalyze_count: Counter,
        /// Milliseconds of manual vacuums (18).
        total_vacuum_time: Counter<f64>,
        /// Milliseconds of vacuums by autovacuum (18).
        total_autovacuum_time: Counter<f64>,
        /// Milliseconds of manual analyses (18).
        total_analyze_time: Counter<f64>,
        /// Milliseconds of analyses by autovacuum (18).
        total_autoanalyze_time: Counter<f64>,
    }
}
