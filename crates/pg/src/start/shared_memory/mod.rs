//! The shared memory that a server requests when it starts, from its settings alone.
//!
//! Measured on Linux x86-64 with blocks of 8 kB, 12.22 to 18.4: of 500 random configurations a version, none is off by more than one step of
//! 8 kB.

mod coefficients;
mod parts;

#[cfg(test)]
mod tests;

use self::coefficients::Coefficients;
use super::settings::Settings;
use crate::unit::Bytes;

/// Parameters that decide how much shared memory a server requests.
pub const PARAMETERS: [&str; 28] = [
    "autovacuum_max_workers",
    "autovacuum_worker_slots",
    "commit_timestamp_buffers",
    "hot_standby",
    "io_max_combine_limit",
    "io_max_concurrency",
    "io_method",
    "max_active_replication_origins",
    "max_connections",
    "max_locks_per_transaction",
    "max_logical_replication_workers",
    "max_pred_locks_per_transaction",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "min_dynamic_shared_memory",
    "multixact_member_buffers",
    "multixact_offset_buffers",
    "notify_buffers",
    "old_snapshot_threshold",
    "pg_stat_statements.max",
    "serializable_buffers",
    "shared_buffers",
    "subtransaction_buffers",
    "track_activity_query_size",
    "transaction_buffers",
    "wal_buffers",
];

/// Parameters for which the server shows the size that it worked out where the default asks it to.
pub const WORKED_OUT: [&str; 5] =
    ["commit_timestamp_buffers", "io_max_concurrency", "subtransaction_buffers", "transaction_buffers", "wal_buffers"];

/// The step in which it is requested, also the largest error, in bytes.
pub const STEP: i64 = 8192;

/// Libraries in `shared_preload_libraries` that request nothing.
const FREE_LIBRARIES: [&str; 6] = ["auto_explain", "pg_cron", "pg_prewarm", "pgaudit", "powa", "set_user"];

/// `pg_stat_statements.max` where nobody set it, in statements.
const STATEMENTS: i64 = 5000;

/// What a server requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedMemory {
    /// Its main segment.
    pub bytes: Bytes,
    /// What requests more that was not measured; empty where `bytes` is all.
    pub unmeasured: Vec<String>,
}

impl SharedMemory {
    /// Whether more may be requested than `bytes`.
    #[must_use]
    pub fn is_at_least(&self) -> bool {
        !self.unmeasured.is_empty()
    }

    /// `shared_memory_size` (15 and newer), in MB.
    #[must_use]
    pub const fn megabytes(&self) -> i64 {
        self.bytes.0.saturating_add((1 << 20) - 1) >> 20
    }

    /// The huge pages of `size` bytes that hold it; none where `size` is not positive.
    ///
    /// `shared_memory_size_in_huge_pages` shows one more where they hold it exactly.
    #[must_use]
    pub fn huge_pages(&self, size: Bytes) -> Option<i64> {
        (size.0 > 0).then(|| self.bytes.0 / size.0 + i64::from(self.bytes.0 % size.0 != 0))
    }
}

/// What a server with these settings requests. A build with GSSAPI requests a little more; not known counts as without.
///
/// None where a parameter is not known that decides, of versions other than 12 to 18 and of blocks other than 8 kB.
#[must_use]
pub fn shared_memory(settings: &Settings, has_gss: Option<bool>) -> Option<SharedMemory> {
    let figures = Coefficients::of(settings.version.major())?;
    if settings.integer("block_size").is_some_and(|size| size != STEP) {
        return None;
    }
    let sizes = parts::Sizes::of(settings, &figures)?;
    let mut unmeasured = Vec::new();
    let mut bytes = sizes.core(settings, &figures)? + sizes.locks(settings)? + sizes.caches(settings)?;
    if settings.text("io_method") == Some("io_uring") {
        unmeasured.push("io_method = io_uring".to_owned());
    }
    match settings.list("shared_preload_libraries") {
        None => unmeasured.push("shared_preload_libraries".to_owned()),
        Some(libraries) => {
            for library in libraries {
                match library_name(&library) {
                    "pg_stat_statements" => {
                        let statements = settings.integer("pg_stat_statements.max").unwrap_or(STATEMENTS);
                        bytes += figures.statements + parts::hash_table(i128::from(statements), figures.statement);
                    }
                    name if FREE_LIBRARIES.contains(&name) => {}
                    name => unmeasured.push(name.to_owned()),
                }
            }
        }
    }
    if has_gss == Some(true) {
        bytes += figures.gss * (sizes.backends + figures.auxiliary);
    }
    let step = i128::from(STEP);
    let rounded = bytes / step * step + step;
    Some(SharedMemory { bytes: Bytes(i64::try_from(rounded).unwrap_or(i64::MAX)), unmeasured })
}

/// `pg_stat_statements` of `$libdir/pg_stat_statements.so`.
pub(super) fn library_name(library: &str) -> &str {
    let name = library.rsplit('/').next().unwrap_or(library);
    name.strip_suffix(".so").unwrap_or(name)
}
