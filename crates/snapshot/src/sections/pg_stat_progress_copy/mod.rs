//! Progress: copy.

use crate::section;

section! {
    /// Each running COPY.
    section pg_stat_progress_copy {
        scope: Cluster,
        why: "Shows the progress of a long-running command.",
        since: 14,
        sql: [14 => "14.sql", 17 => "17.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatProgressCopy {
        /// The process.
        pid: i64,
        /// The database's oid.
        datid: Option<i64>,
        /// The table's oid, see `pg_class`; 0 for a query.
        relid: Option<i64>,
        /// `COPY FROM` or `COPY TO`.
        command: Option<String>,
        /// `FILE`, `PROGRAM`, `PIPE` or `CALLBACK`.
        copy_type: Option<String>,
        /// Bytes processed.
        bytes_processed: Option<i64>,
        /// Bytes of the file; 0 if unknown.
        bytes_total: Option<i64>,
        /// Rows processed.
        tuples_processed: Option<i64>,
        /// Rows excluded by the WHERE clause.
        tuples_excluded: Option<i64>,
        /// Malformed rows that were skipped (17).
        tuples_skipped: Option<i64>,
    }
}
