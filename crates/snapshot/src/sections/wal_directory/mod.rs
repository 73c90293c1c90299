//! Files of WAL.

use jiff::Timestamp;

use crate::section;

section! {
    /// The amount of WAL in the data directory, and the files that wait to be archived.
    ///
    /// Superusers and members of pg_monitor.
    section wal_directory {
        scope: Cluster,
        why: "Accumulated WAL fills the disk.",
        since: 12,
        sql: [12 => "12.sql"],
        guard: include_str!("guard.sql"),
    }
    row WalDirectory {
        /// Number of WAL files, including those kept for reuse.
        wal_files: Option<i64>,
        /// Their size in bytes.
        wal_bytes: Option<i64>,
        /// When the oldest of them was last written.
        oldest_modification: Option<Timestamp>,
        /// Files that wait to be archived.
        archive_ready_files: Option<i64>,
        /// Since when the oldest of them is waiting.
        oldest_archive_ready: Option<Timestamp>,
    }
}
