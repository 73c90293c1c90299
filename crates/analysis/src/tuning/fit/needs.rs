//! The memory that a server can come to need.

use pgdba_pg::{Bytes, display};
use serde::Serialize;

use super::super::plan::Plan;

/// Memory of an idle session besides what `work_mem` allows: its process, its caches of the catalogs and plans.
pub(super) const OF_SESSION: Bytes = Bytes::megabytes(2);

/// The share of the memory that the operating system and other programs keep: one in so many parts, but at least
/// [`LEAST_RESERVE`].
const RESERVE_PARTS: i64 = 20;

/// What the operating system needs on a small machine.
const LEAST_RESERVE: Bytes = Bytes::megabytes(48);

/// Bytes of shared memory that one connection adds, where the model cannot compute them.
const SHARED_OF_CONNECTION: i64 = 64 << 10;

/// The memory of the host, and what of it the server can come to need at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// The memory that the server and its cache can use.
    pub total: Bytes,
    /// What needs it.
    pub shares: Vec<Share>,
    /// What is left even then; less than 0 if it does not fit.
    pub left: Bytes,
}

/// A part of the memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The stable word for it.
    pub key: &'static str,
    /// What it is.
    pub label: &'static str,
    /// Its size.
    pub bytes: Bytes,
    /// How it is made up.
    pub formula: String,
}

/// What the operating system keeps of the memory.
pub(super) fn reserve(memory: Bytes) -> Bytes {
    Bytes(memory.0 / RESERVE_PARTS).max(LEAST_RESERVE)
}

/// The shared memory.
pub(super) fn shared(plan: &Plan<'_>) -> Bytes {
    plan.shared_memory().map_or_else(
        || {
            let buffers = plan.bytes("shared_buffers").unwrap_or_default();
            let connections = plan.integer("max_connections").unwrap_or(0);
            Bytes(
                buffers
                    .0
                    .saturating_add(buffers.0 / 32)
                    .saturating_add(connections.saturating_mul(SHARED_OF_CONNECTION)),
            )
        },
        |shared| shared.bytes,
    )
}

/// What one autovacuum worker may use.
pub(super) fn of_autovacuum_worker(plan: &Plan<'_>) -> Bytes {
    plan.bytes("autovacuum_work_mem").or_else(|| plan.bytes("maintenance_work_mem")).unwrap_or_default()
}

/// The autovacuum workers.
pub(super) fn autovacuum_workers(plan: &Plan<'_>) -> i64 {
    plan.integer("autovacuum_max_workers").unwrap_or(0)
}

/// The workers of parallel queries.
pub(super) fn parallel_workers(plan: &Plan<'_>) -> i64 {
    let limits = ["max_parallel_workers", "max_worker_processes"];
    limits.into_iter().filter_map(|name| plan.integer(name)).min().unwrap_or(0)
}

/// How many times `work_mem` one operation may use.
pub(super) fn multiplier(plan: &Plan<'_>) -> f64 {
    // Before 13 there is no such parameter.
    plan.real("hash_mem_multiplier").unwrap_or(1.0).max(1.0)
}

/// `processes` with one operation each that uses as much memory as it may.
pub(super) fn of_operations(plan: &Plan<'_>, processes: i64) -> Bytes {
    let one = plan.bytes("work_mem").unwrap_or_default().0 as f64 * multiplier(plan);
    Bytes((one * processes as f64) as i64)
}

/// What a server with these settings can come to need.
pub(super) fn memory(plan: &Plan<'_>, total: Bytes) -> Memory {
    let connections = plan.integer("max_connections").unwrap_or(0);
    let processes = connections.saturating_add(parallel_workers(plan));
    let (workers, of_worker) = (autovacuum_workers(plan), of_autovacuum_worker(plan));
    let maintenance = plan.bytes("maintenance_work_mem").unwrap_or_default();
    let size = display::bytes;
    let work_mem = plan.bytes("work_mem").unwrap_or_default();
    let share = |key, label, bytes, formula| Share { key, label, bytes, formula };
    let shares = vec![
        share("operating_system", "operating system", reserve(total), "5 %, at least 48 MB".to_owned()),
        share(
            "shared_memory",
            "shared memory",
            shared(plan),
            "shared_buffers, and what depends on connections".to_owned(),
        ),
        share(
            "sessions",
            "sessions",
            Bytes(connections.saturating_mul(OF_SESSION.0)),
            format!("{connections} max_connections × {}", size(OF_SESSION)),
        ),
        share(
            "work_mem",
            "sorts and hash tables",
            of_operations(plan, processes),
            format!(
                "{processes} sessions and parallel workers × {} work_mem × {} hash_mem_multiplier",
                size(work_mem),
                multiplier(plan)
            ),
        ),
        share(
            "autovacuum",
            "autovacuum",
            Bytes(workers.saturating_mul(of_worker.0)),
            format!("{workers} autovacuum_max_workers × {}", size(of_worker)),
        ),
        share("maintenance", "maintenance", maintenance, "one maintenance_work_mem".to_owned()),
    ];
    let needed = shares.iter().fold(0_i64, |sum, share| sum.saturating_add(share.bytes.0));
    Memory { total, shares, left: Bytes(total.0.saturating_sub(needed)) }
}
