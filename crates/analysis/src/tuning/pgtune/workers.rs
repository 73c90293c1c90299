//! Formulas for processes.

use super::{Input, OperatingSystem, Setting, Value, Workload};

/// Processors from which the workers are set.
const LEAST_CPUS: i64 = 4;

/// Workers of one query or one index build at most, except in a data warehouse.
const MOST_AT_ONCE: i64 = 4;

/// The first version with `io_method`.
const IO_METHOD_SINCE: i64 = 18;

/// `io_workers` by default, and at most.
const DEFAULT_IO_WORKERS: i64 = 3;
const MOST_IO_WORKERS: i64 = 32;

/// Workers for parallel queries and index builds.
pub(super) fn parallel(input: &Input) -> Vec<Setting> {
    let Some(cpus) = input.cpus.filter(|cpus| *cpus >= LEAST_CPUS) else { return Vec::new() };
    let half = cpus / 2 + cpus % 2;
    let at_once = half.min(MOST_AT_ONCE);
    let per_query = if input.workload == Workload::Olap { half } else { at_once };
    vec![
        ("max_worker_processes", Value::Number(cpus)),
        ("max_parallel_workers_per_gather", Value::Number(per_query)),
        ("max_parallel_workers", Value::Number(cpus)),
        ("max_parallel_maintenance_workers", Value::Number(at_once)),
    ]
}

/// `autovacuum_max_workers`, on larger machines.
pub(super) fn autovacuum(input: &Input) -> Option<Value> {
    match input.cpus? {
        32.. => Some(Value::Number(5)),
        16.. => Some(Value::Number(4)),
        _ => None,
    }
}

/// How data is read asynchronously.
pub(super) fn io(input: &Input) -> Vec<Setting> {
    if input.major < IO_METHOD_SINCE {
        return Vec::new();
    }
    if input.os == OperatingSystem::Linux {
        return vec![("io_method", Value::Word("io_uring"))];
    }
    let workers = input.cpus.and_then(io_workers).map(|workers| ("io_workers", Value::Number(workers)));
    [("io_method", Value::Word("worker"))].into_iter().chain(workers).collect()
}

/// `io_workers` for `io_method = worker`, where it is more than the default.
pub(in crate::tuning) fn io_workers(cpus: i64) -> Option<i64> {
    let workers = (cpus / 4).clamp(DEFAULT_IO_WORKERS, MOST_IO_WORKERS);
    (workers > DEFAULT_IO_WORKERS).then_some(workers)
}
