//! Statements and what they cost.

use jiff::Timestamp;

use crate::section;
use crate::section::VersionedBy;

section! {
    /// The statements with the longest total execution time, from the extension pg_stat_statements.
    ///
    /// The columns follow the version of the extension, not the server's. Up to 1.7 `total_time` and its kin are
    /// named here as they are called since 1.8. Query texts carry no literals and no comments.
    section pg_stat_statements {
        scope: Cluster,
        since: 12,
        versioned_by: VersionedBy::Extension("pg_stat_statements"),
        sql: [107 => "107.sql", 108 => "108.sql", 110 => "110.sql", 111 => "111.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatStatement {
        /// The role's oid.
        userid: Option<i64>,
        /// The database's oid.
        dbid: Option<i64>,
        /// The database's name.
        datname: Option<String>,
        /// Identifier of the statement; a string, since it exceeds 2^53. Null where the role may not see it.
        queryid: Option<String>,
        /// The statement, without literals.
        query: Option<String> = Sql,
        /// Executions.
        calls: Option<i64>,
        /// Milliseconds of execution in all.
        total_exec_time: Option<f64>,
        /// Milliseconds of the shortest execution.
        min_exec_time: Option<f64>,
        /// Milliseconds of the longest execution.
        max_exec_time: Option<f64>,
        /// Mean milliseconds of an execution.
        mean_exec_time: Option<f64>,
        /// Standard deviation of the execution time, in milliseconds.
        stddev_exec_time: Option<f64>,
        /// Plans made (1.8, where `track_planning` is on).
        plans: Option<i64>,
        /// Milliseconds of planning in all (1.8).
        total_plan_time: Option<f64>,
        /// Rows returned or changed.
        rows: Option<i64>,
        /// Pages found in shared buffers.
        shared_blks_hit: Option<i64>,
        /// Pages read from the operating system.
        shared_blks_read: Option<i64>,
        /// Pages made dirty.
        shared_blks_dirtied: Option<i64>,
        /// Pages written by the statement itself.
        shared_blks_written: Option<i64>,
        /// Pages of temporary tables read.
        local_blks_read: Option<i64>,
        /// Pages of temporary tables written.
        local_blks_written: Option<i64>,
        /// Pages of temporary files read.
        temp_blks_read: Option<i64>,
        /// Pages of temporary files written.
        temp_blks_written: Option<i64>,
        /// Milliseconds spent reading pages (`track_io_timing`).
        shared_blk_read_time: Option<f64>,
        /// Milliseconds spent writing pages (`track_io_timing`).
        shared_blk_write_time: Option<f64>,
        /// WAL records (1.8).
        wal_records: Option<i64>,
        /// Full page images in WAL (1.8).
        wal_fpi: Option<i64>,
        /// Bytes of WAL (1.8).
        wal_bytes: Option<f64>,
        /// Milliseconds of JIT compilation (1.10).
        jit_time: Option<f64>,
        /// Since when this statement is counted (1.11).
        stats_since: Option<Timestamp>,
    }
}
