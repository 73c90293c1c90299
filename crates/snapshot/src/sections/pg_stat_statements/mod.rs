//! Statements and what they cost.

use jiff::Timestamp;

use crate::section;
use crate::section::{CountedSince, Counter, Maximum, Minimum, Total, VersionedBy};

section! {
    /// Statements and their cost, from the extension pg_stat_statements: the top entries by total execution time,
    /// calls, pages read and written, temporary files, and WAL.
    ///
    /// In a delta the first sample has all entries, so that a statement that reached the top later can be distinguished
    /// from a new one. This sample and those in between do not contain texts.
    ///
    /// The columns depend on the version of the extension, not of the server. Columns that were renamed have their
    /// newest name. Query texts do not contain literals or comments. They are left out if the file that contains them
    /// is larger than 256 MB and the role can check that: the server would load the whole file.
    ///
    /// The collector's own statements, which have the comment `/* pgdba */` after their first word, are left out. If
    /// the texts are hidden from the role or left out, they cannot be distinguished from others.
    section pg_stat_statements {
        scope: Cluster,
        why: "Finds the most expensive statements.",
        since: 12,
        versioned_by: VersionedBy::Extension("pg_stat_statements"),
        sql: [107 => "107.sql", 108 => "108.sql", 109 => "109.sql", 110 => "110.sql", 111 => "111.sql", 112 => "112.sql"],
        privileged: {
            when: "pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text,boolean)', 'EXECUTE')",
            sql: [107 => "107.privileged.sql", 108 => "108.privileged.sql", 109 => "109.privileged.sql", 110 => "110.privileged.sql", 111 => "111.privileged.sql", 112 => "112.privileged.sql"],
        },
        complete_with: "pg_read_all_stats",
        key: [userid, dbid, queryid, toplevel],
        between: true,
    }
    row PgStatStatement {
        /// The role's oid.
        userid: Option<i64>,
        /// The database's oid.
        dbid: Option<i64>,
        /// The database's name.
        datname: Option<String>,
        /// Identifier of the statement; a string, since it exceeds 2^53. Null for utility statements, whose identifier
        /// would allow guessing the constants in them, and if the text is hidden.
        queryid: Option<String> = QueryId,
        /// Whether it was executed as a top-level statement (1.9); otherwise it was nested in another one.
        toplevel: Option<bool>,
        /// The statement, without literals.
        query: Option<String> = Sql,
        /// Executions.
        calls: Counter,
        /// Total execution time in milliseconds.
        total_exec_time: Counter<f64>,
        /// Minimum execution time in milliseconds.
        min_exec_time: Minimum,
        /// Maximum execution time in milliseconds.
        max_exec_time: Maximum,
        /// Mean execution time in milliseconds.
        mean_exec_time: Option<f64>,
        /// Standard deviation of the execution time, in milliseconds.
        stddev_exec_time: Option<f64>,
        /// Plans made, if `track_planning` is on (1.8).
        plans: Counter,
        /// Total planning time in milliseconds (1.8).
        total_plan_time: Counter<f64>,
        /// Rows returned or affected.
        rows: Counter,
        /// Shared buffer hits, in pages.
        shared_blks_hit: Counter,
        /// Pages read from the operating system.
        shared_blks_read: Counter,
        /// Pages dirtied.
        shared_blks_dirtied: Counter,
        /// Pages written by the backend itself.
        shared_blks_written: Counter,
        /// Local buffer hits (temporary tables), in pages.
        local_blks_hit: Counter,
        /// Pages of temporary tables read.
        local_blks_read: Counter,
        /// Pages of temporary tables dirtied.
        local_blks_dirtied: Counter,
        /// Pages of temporary tables written.
        local_blks_written: Counter,
        /// Pages of temporary files read.
        temp_blks_read: Counter,
        /// Pages of temporary files written.
        temp_blks_written: Counter,
        /// Milliseconds spent reading pages (`track_io_timing`).
        shared_blk_read_time: Counter<f64>,
        /// Milliseconds spent writing pages (`track_io_timing`).
        shared_blk_write_time: Counter<f64>,
        /// Milliseconds spent reading temporary files (`track_io_timing`) (1.10).
        temp_blk_read_time: Counter<f64>,
        /// Milliseconds spent writing temporary files (`track_io_timing`) (1.10).
        temp_blk_write_time: Counter<f64>,
        /// WAL records (1.8).
        wal_records: Counter,
        /// Full page images in WAL (1.8).
        wal_fpi: Counter,
        /// Bytes of WAL (1.8).
        wal_bytes: Counter<f64>,
        /// Times WAL was written because its buffers were full (1.12).
        wal_buffers_full: Counter,
        /// Functions compiled by JIT (1.10).
        jit_functions: Counter,
        /// Milliseconds of JIT compilation (1.10).
        jit_time: Counter<f64>,
        /// Parallel workers planned (1.12).
        parallel_workers_to_launch: Counter,
        /// Parallel workers launched (1.12).
        parallel_workers_launched: Counter,
        /// When the counters of this statement were last reset (1.11).
        stats_since: CountedSince,
        /// When the minimum and maximum were last reset (1.11).
        minmax_stats_since: Option<Timestamp>,
        /// Number of entries on the server, including those left out; the same in each row.
        entries: Total,
    }
}
