//! Statements and what they cost.

use jiff::Timestamp;

use crate::section;
use crate::section::{CountedSince, Counter, Maximum, Minimum, Total, VersionedBy};

section! {
    /// Statements and what they cost, from the extension pg_stat_statements: of those at the top by total execution
    /// time, by calls, by pages read and written, by temporary files and by WAL, the foremost of each.
    ///
    /// In a delta the sample of the beginning holds all entries, so that a statement that came above the limit later can be
    /// told from a new one; it and the samples in between hold no texts.
    ///
    /// The columns follow the version of the extension, not the server's. What has another name in an old version is
    /// named here as the newest one names it. Query texts carry no literals and no comments. They are left out where
    /// the file that holds them is larger than 256 MB, as far as the role may ask: the server would load it as a whole.
    ///
    /// The collector's own statements, which bear the comment `/* pgdba */` behind their first word, are left
    /// out. Where the texts are hidden from the role or left out, nothing tells them from others.
    section pg_stat_statements {
        scope: Cluster,
        why: "Which statements cost most, and of what.",
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
        /// would allow guessing the constants in them, and where the text is not visible.
        queryid: Option<String> = QueryId,
        /// Whether a client sent it (1.9); else it ran inside another statement.
        toplevel: Option<bool>,
        /// The statement, without literals.
        query: Option<String> = Sql,
        /// Executions.
        calls: Counter,
        /// Milliseconds of execution in all.
        total_exec_time: Counter<f64>,
        /// Milliseconds of the shortest execution.
        min_exec_time: Minimum,
        /// Milliseconds of the longest execution.
        max_exec_time: Maximum,
        /// Mean milliseconds of an execution.
        mean_exec_time: Option<f64>,
        /// Standard deviation of the execution time of all executions, in milliseconds.
        stddev_exec_time: Option<f64>,
        /// Plans made, where `track_planning` is on (1.8).
        plans: Counter,
        /// Milliseconds of planning in all (1.8).
        total_plan_time: Counter<f64>,
        /// Rows returned or changed.
        rows: Counter,
        /// Shared buffer hits, in pages.
        shared_blks_hit: Counter,
        /// Pages read from the operating system.
        shared_blks_read: Counter,
        /// Pages made dirty.
        shared_blks_dirtied: Counter,
        /// Pages written by the statement itself.
        shared_blks_written: Counter,
        /// Pages of temporary tables found in the session's buffers.
        local_blks_hit: Counter,
        /// Pages of temporary tables read.
        local_blks_read: Counter,
        /// Pages of temporary tables made dirty.
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
        /// Functions compiled (1.10).
        jit_functions: Counter,
        /// Milliseconds of JIT compilation (1.10).
        jit_time: Counter<f64>,
        /// Parallel workers planned (1.12).
        parallel_workers_to_launch: Counter,
        /// Parallel workers launched (1.12).
        parallel_workers_launched: Counter,
        /// Since when this statement is counted (1.11).
        stats_since: CountedSince,
        /// Since when the shortest and longest execution are counted (1.11).
        minmax_stats_since: Option<Timestamp>,
        /// Entries that the server had, those left out by the limit included; the same in each row.
        entries: Total,
    }
}
