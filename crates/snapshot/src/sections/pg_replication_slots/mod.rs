//! Replication slots.

use jiff::Timestamp;

use crate::section;

section! {
    /// Replication slots: what they hold back, and who uses them.
    section pg_replication_slots {
        scope: Cluster,
        why: "Slots that nobody reads keep WAL and dead rows without end.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql", 14 => "14.sql", 16 => "16.sql", 17 => "17.sql", 18 => "18.sql"],
    }
    row PgReplicationSlot {
        /// The slot's name.
        slot_name: String,
        /// The plugin that decodes; null for a physical slot.
        plugin: Option<String>,
        /// `physical` or `logical`.
        slot_type: Option<String>,
        /// The oid of the database of a logical slot.
        datoid: Option<i64>,
        /// Its name.
        database: Option<String>,
        /// Whether it ends with its session.
        temporary: Option<bool>,
        /// Whether somebody uses it now.
        active: Option<bool>,
        /// The process that uses it.
        active_pid: Option<i64>,
        /// Age of the horizon it holds, in transactions.
        xmin_age: Option<i64>,
        /// Age of the horizon it holds for the catalogues.
        catalog_xmin_age: Option<i64>,
        /// WAL from here on is kept for it.
        restart_lsn: Option<String>,
        /// Up to here its reader has it.
        confirmed_flush_lsn: Option<String>,
        /// `reserved`, `extended`, `unreserved` or `lost` (13).
        wal_status: Option<String>,
        /// Bytes of WAL that can be made before it is lost (13); null without a limit.
        safe_wal_size: Option<i64>,
        /// Whether prepared transactions are decoded (14).
        two_phase: Option<bool>,
        /// Whether a conflict with recovery made it useless (16).
        conflicting: Option<bool>,
        /// Since when nobody uses it (17).
        inactive_since: Option<Timestamp>,
        /// Why it is useless (17).
        invalidation_reason: Option<String>,
        /// Whether it is kept on standbys too (17).
        failover: Option<bool>,
        /// Whether it came from the primary (17).
        synced: Option<bool>,
        /// From here on prepared transactions are decoded (18).
        two_phase_at: Option<String>,
    }
}
