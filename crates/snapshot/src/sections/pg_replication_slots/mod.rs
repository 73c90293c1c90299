//! Replication slots.

use jiff::Timestamp;

use crate::section;

section! {
    /// Replication slots: what they retain, and what uses them.
    section pg_replication_slots {
        scope: Cluster,
        why: "Unused slots retain WAL and dead rows indefinitely.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql", 14 => "14.sql", 16 => "16.sql", 17 => "17.sql", 18 => "18.sql"],
    }
    row PgReplicationSlot {
        /// The slot's name.
        slot_name: String,
        /// The output plugin; null for a physical slot.
        plugin: Option<String>,
        /// `physical` or `logical`.
        slot_type: Option<String>,
        /// The oid of a logical slot's database.
        datoid: Option<i64>,
        /// Its name.
        database: Option<String>,
        /// Whether it is temporary.
        temporary: Option<bool>,
        /// Whether it is in use.
        active: Option<bool>,
        /// The process that uses it.
        active_pid: Option<i64>,
        /// Age of the xmin horizon it holds, in transactions.
        xmin_age: Option<i64>,
        /// Age of the xmin horizon it holds for system catalogs, in transactions.
        catalog_xmin_age: Option<i64>,
        /// The oldest WAL position that it retains.
        restart_lsn: Option<String>,
        /// The position up to which its consumer has confirmed receipt.
        confirmed_flush_lsn: Option<String>,
        /// `reserved`, `extended`, `unreserved` or `lost` (13).
        wal_status: Option<String>,
        /// Bytes of WAL that can be written before it is lost (13); null without a limit.
        safe_wal_size: Option<i64>,
        /// Whether two-phase commit is decoded (14).
        two_phase: Option<bool>,
        /// Whether a conflict with recovery invalidated it (16).
        conflicting: Option<bool>,
        /// Since when it is inactive (17).
        inactive_since: Option<Timestamp>,
        /// Why it is invalid (17).
        invalidation_reason: Option<String>,
        /// Whether it is a failover slot (17).
        failover: Option<bool>,
        /// Whether it was synchronized from the primary (17).
        synced: Option<bool>,
        /// The position from which two-phase commit is decoded (18).
        two_phase_at: Option<String>,
        /// Whether a subscriber made it to copy a table, by its name, which a redacted snapshot does not contain.
        copies_table: Option<bool>,
    }
}
