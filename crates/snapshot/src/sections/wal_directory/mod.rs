//! Files of WAL.

use jiff::Timestamp;

use crate::section;

section! {
    /// How much WAL lies in the data folder, and how many files wait for the archiver.
    ///
    /// Superusers and members of pg_monitor.
    section wal_directory {
        scope: Cluster,
        why: "WAL that piles up fills the disk.",
        since: 12,
        sql: [12 => "12.sql"],
        guard: include_str!("guard.sql"),
    }
    row WalDirectory {
        /// WAL files, those kept for reuse included.
        wal_files: Option<i64>,
        /// Their bytes.
        wal_bytes: Option<i64>,
        /// When the oldest of them was last written.
        oldest_modification: Option<Timestamp>,
        /// Files that wait to be archived.
        archive_ready_files: Option<i64>,
        /// Since when the first of them waits.
        oldest_archive_ready: Option<Timestamp>,
    }
}
