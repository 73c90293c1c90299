//! Replication, replication slots and WAL archiving.

use crate::registry;

registry! { Replication:
    archive_method_missing,
    archiver_behind,
    archiver_failing,
    conflicts_with_feedback,
    conflicts_without_feedback,
    disabled_subscription,
    inactive_slot,
    lost_slot,
    published_without_identity,
    replay_paused,
    replication_lag,
    slot_retains_wal,
    standby_behind,
    stopped_subscription,
    sync_standby_missing,
    unlimited_slot_wal,
    wal_level_minimal,
    wal_receiver_missing,
    wal_sender_timeout_off,
}
