//! Whether committed data survive a crash.

use crate::registry;

registry! { Durability:
    checksum_failures,
    damage_ignored,
    data_checksums_off,
    data_sync_retry_on,
    fsync_off,
    full_page_writes_off,
    replication_role_replica,
    synchronous_commit_off,
    wal_sync_method_changed,
}
