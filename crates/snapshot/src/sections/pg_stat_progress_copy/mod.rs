//! Progress: copy.

use crate::section;

section! {
    /// Each COPY that runs.
    section pg_stat_progress_copy {
        scope: Cluster,
        why: "How far it is.",
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
        /// Bytes done.
        bytes_processed: Option<i64>,
        /// Bytes of the file; 0 where it is not known.
        bytes_total: Option<i64>,
        /// Rows done.
        tuples_processed: Option<i64>,
        /// Rows that the WHERE clause left out.
        tuples_excluded: Option<i64>,
        /// Rows that could not be read and were skipped (17).
        tuples_skipped: Option<i64>,
    }
}
