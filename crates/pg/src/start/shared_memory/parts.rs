//! The parts of the sum.

use super::coefficients::Coefficients;
use crate::start::settings::Settings;

/// Pages of shared_buffers up to which the checkpointer's queue grows.
const QUEUE_CAP: i128 = 10_000_000;

/// Auxiliary processes that take part in asynchronous I/O and in fast-path locks, from 18 on.
const IO_PROCESSES: i128 = 38;

/// Caches of pages that the parameters of 17 and newer size, apart from `transaction_buffers`.
const SMALL_CACHES: [&str; 6] = [
    "commit_timestamp_buffers",
    "subtransaction_buffers",
    "multixact_offset_buffers",
    "multixact_member_buffers",
    "notify_buffers",
    "serializable_buffers",
];

/// Bytes of four pages of `transaction_buffers`, and of four pages of another cache.
const FOUR_TRANSACTION_PAGES: i128 = 66_181;
const FOUR_OTHER_PAGES: i128 = 33_413;

/// Figures that several parts share.
pub(super) struct Sizes {
    major: i64,
    /// Pages of shared_buffers.
    buffers: i128,
    /// Slots for autovacuum workers.
    autovacuum: i128,
    /// Slots for processes of every kind that counts.
    pub(super) backends: i128,
    prepared: i128,
}

impl Sizes {
    pub(super) fn of(settings: &Settings, figures: &Coefficients) -> Option<Self> {
        let major = settings.version.major();
        let number = |name| settings.integer(name).map(i128::from);
        let autovacuum = number(if major >= 18 { "autovacuum_worker_slots" } else { "autovacuum_max_workers" })?;
        let processes = number("max_connections")? + number("max_worker_processes")? + number("max_wal_senders")?;
        Some(Self {
            major,
            buffers: number("shared_buffers")?,
            autovacuum,
            backends: processes + autovacuum + figures.special,
            prepared: number("max_prepared_transactions")?,
        })
    }

    /// Buffers, processes and what else has a size of its own.
    pub(super) fn core(&self, settings: &Settings, figures: &Coefficients) -> Option<i128> {
        let number = |name| settings.integer(name).map(i128::from);
        let mut bytes = figures.base + figures.page * self.buffers
            - figures.page_over_cap * (self.buffers - QUEUE_CAP).max(0)
            + 8200 * self.wal_buffers(settings)?
            + figures.backend * self.backends
            + figures.prepared * self.prepared
            + figures.worker * number("max_worker_processes")?
            + figures.sender * number("max_wal_senders")?
            + figures.autovacuum * self.autovacuum
            + figures.slot * number("max_replication_slots")?
            + figures.logical * number("max_logical_replication_workers")?
            + number("track_activity_query_size")? * (self.backends + figures.auxiliary)
            + hash_table(self.buffers + 128, 24);
        if settings.is_on("hot_standby")? {
            bytes += 325 * (self.backends + self.prepared);
        }
        if self.major >= 14 {
            bytes += number("min_dynamic_shared_memory")? << 20;
        }
        if self.major >= 18 {
            bytes += 56 * number("max_active_replication_origins")? + self.asynchronous(settings)?;
        }
        Some(bytes)
    }

    /// In pages.
    fn wal_buffers(&self, settings: &Settings) -> Option<i128> {
        let wanted = i128::from(settings.integer("wal_buffers")?);
        if wanted >= 0 {
            return Some(wanted.max(4));
        }
        let segment = i128::from(settings.integer("wal_segment_size")?) / 8192;
        Some((self.buffers / 32).clamp(8, segment.max(8)))
    }

    /// Asynchronous I/O, and locks that need no table, from 18 on.
    fn asynchronous(&self, settings: &Settings) -> Option<i128> {
        let number = |name| settings.integer(name).map(i128::from);
        let processes = self.backends + IO_PROCESSES;
        let handles = match number("io_max_concurrency")? {
            wanted if wanted < 0 => (self.buffers / processes).clamp(1, 64),
            wanted => wanted,
        };
        let groups = (power_of_two(number("max_locks_per_transaction")?) / 16).clamp(1, 1024);
        let workers = if settings.text("io_method") == Some("worker") { 788 } else { 0 };
        let handle = 144 + 24 * number("io_max_combine_limit")?;
        Some(72 * groups * (self.backends + self.prepared + IO_PROCESSES) + processes * handles * handle + workers)
    }

    /// The tables of locks, of predicate locks and of serializable transactions.
    pub(super) fn locks(&self, settings: &Settings) -> Option<i128> {
        let number = |name| settings.integer(name).map(i128::from);
        let owners = self.backends + self.prepared;
        let locks = number("max_locks_per_transaction")? * owners;
        let targets = number("max_pred_locks_per_transaction")? * owners;
        Some(
            with_reserve(hash_table(locks, 152) + hash_table(2 * locks, 64))
                + with_reserve(hash_table(targets, 32) + hash_table(2 * targets, 56))
                + hash_table(10 * owners, 16),
        )
    }

    /// Caches of transaction states.
    pub(super) fn caches(&self, settings: &Settings) -> Option<i128> {
        if self.major >= 17 {
            return self.sized_caches(settings);
        }
        let timestamps = match self.major {
            ..15 => (self.buffers / 1024).clamp(4, 16),
            _ => (self.buffers / 256).clamp(4, 256),
        };
        let minutes = i128::from(settings.integer("old_snapshot_threshold")?);
        let snapshots = if minutes > 0 { 4 * (minutes + 10) } else { 0 };
        Some(16_533 * (self.buffers / 512).clamp(4, 128) + 8341 * timestamps + snapshots)
    }

    fn sized_caches(&self, settings: &Settings) -> Option<i128> {
        let pages = |name| match i128::from(settings.integer(name)?) {
            0 => Some((self.buffers / 512 / 16 * 16).clamp(16, 1024)),
            pages => Some(pages),
        };
        let others = SMALL_CACHES.into_iter().map(pages).sum::<Option<i128>>()?;
        Some((FOUR_TRANSACTION_PAGES * pages("transaction_buffers")? + FOUR_OTHER_PAGES * others) / 4)
    }
}

/// A hash table for `entries` of `size` bytes each.
pub(super) fn hash_table(entries: i128, size: i128) -> i128 {
    let buckets = power_of_two(entries);
    let segments = power_of_two((buckets + 255) / 256);
    let element = 16 + (size + 7) / 8 * 8;
    let mut allocation = 256;
    while allocation / element < 32 {
        allocation *= 2;
    }
    let at_once = allocation / element;
    8 * segments.max(256) + 2048 * segments + (entries + at_once - 1) / at_once * at_once * element
}

/// The tenth more that the server adds to what it estimates.
fn with_reserve(bytes: i128) -> i128 {
    bytes + bytes / 10
}

/// The smallest power of two that is not smaller.
fn power_of_two(number: i128) -> i128 {
    u64::try_from(number).unwrap_or(1).max(1).checked_next_power_of_two().map_or(i128::from(u64::MAX), i128::from)
}
