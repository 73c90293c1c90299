//! Formulas for memory. All sizes are in kB, rounded down after each step.

use super::{DataSize, Input, OperatingSystem, Setting, Value, Workload};

/// One MB and one GB in kB.
const MB: i64 = 1 << 10;
const GB: i64 = 1 << 20;

/// `maintenance_work_mem` at most.
const MOST_MAINTENANCE: i64 = 8 * GB;

/// The largest size on Windows where sizes have 32 bits.
const MOST_ON_WINDOWS: i64 = 2 * GB - MB;

/// Memory of one autovacuum worker, where `maintenance_work_mem` is as large.
const AUTOVACUUM: i64 = 2 * GB;

/// `shared_buffers` from which huge pages are worth asking for.
const HUGE: i64 = 2 * GB;

/// `work_mem` at least.
const LEAST_WORK_MEM: i64 = 4 * MB;

/// `max_worker_processes` where the formulas leave it alone.
const DEFAULT_WORKERS: i64 = 8;

/// Parts that one process may use at the same time.
const PARTS: i64 = 3;

/// `shared_buffers`, `effective_cache_size` and `maintenance_work_mem`.
pub(super) fn caches(input: &Input) -> [Setting; 3] {
    let all = input.kilobytes();
    let cached = if input.workload == Workload::Desktop { all / 4 } else { all * 3 / 4 };
    [
        ("shared_buffers", Value::Kilobytes(shared_buffers(input))),
        ("effective_cache_size", Value::Kilobytes(cached)),
        ("maintenance_work_mem", Value::Kilobytes(maintenance(input))),
    ]
}

pub(super) fn shared_buffers(input: &Input) -> i64 {
    input.kilobytes() / if input.workload == Workload::Desktop { 16 } else { 4 }
}

fn maintenance(input: &Input) -> i64 {
    let share = input.kilobytes() / if input.workload == Workload::Olap { 8 } else { 16 };
    if input.has_small_sizes() && share >= 2 * GB { MOST_ON_WINDOWS } else { share.min(MOST_MAINTENANCE) }
}

/// `autovacuum_work_mem`, where workers would otherwise take as much as maintenance may.
pub(super) fn autovacuum(input: &Input) -> Option<Value> {
    (maintenance(input) >= AUTOVACUUM).then_some(Value::Kilobytes(AUTOVACUUM))
}

/// `work_mem`: what `shared_buffers` leave, divided among everybody who may sort.
pub(super) fn work_mem(input: &Input, workers: &[Setting]) -> Value {
    let of_workers = workers.iter().find_map(|setting| match setting {
        ("max_worker_processes", Value::Number(number)) => Some(*number),
        _ => None,
    });
    let processes = input.connections().saturating_add(of_workers.unwrap_or(DEFAULT_WORKERS));
    let parts = processes.saturating_mul(PARTS).saturating_mul(match input.workload {
        Workload::Web | Workload::Oltp => 1,
        Workload::Olap | Workload::Mixed | Workload::RemoteConservative => 2,
        Workload::Desktop => 6,
    });
    let share = (input.kilobytes() - shared_buffers(input)) / parts.max(1);
    // As PGTune computes it: the product is rounded as a double.
    let scaled = match input.data_size {
        DataSize::LessRam => (share as f64 * 1.3) as i64,
        DataSize::MidRam => share,
        DataSize::GreaterRam => (share as f64 * 0.9) as i64,
    };
    let enough = scaled.max(LEAST_WORK_MEM);
    Value::Kilobytes(if input.has_small_sizes() { enough.min(MOST_ON_WINDOWS) } else { enough })
}

pub(super) fn huge_pages(input: &Input) -> Value {
    let is_worth_it = shared_buffers(input) >= HUGE && input.os != OperatingSystem::Mac;
    Value::Word(if is_worth_it { "try" } else { "off" })
}
