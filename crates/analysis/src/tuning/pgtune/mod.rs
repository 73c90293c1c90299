//! PGTune's formulas: the values that it prints for a machine, equal for equal inputs.
//!
//! They know the machine and a word about the workload, and nothing of the server. What a server makes of them is in
//! [`formulas`](super::formulas).

mod input;
mod memory;
mod reasons;
mod value;
mod wal;
mod workers;

#[cfg(test)]
mod tests;

pub use input::{DataSize, Input, OperatingSystem, Storage, Workload};
pub use reasons::{inputs, reason};
pub use value::Value;
pub(super) use workers::io_workers;

/// A parameter and the value that PGTune gives it.
pub type Setting = (&'static str, Value);

/// The values for a machine, in PGTune's order.
#[must_use]
pub fn settings(input: &Input) -> Vec<Setting> {
    let workers = workers::parallel(input);
    let mut settings = vec![("max_connections", Value::Number(input.connections()))];
    settings.extend(memory::caches(input));
    settings.push(("checkpoint_completion_target", Value::Word("0.9")));
    settings.push(("wal_buffers", wal::buffers(input)));
    settings.push(("default_statistics_target", statistics_target(input)));
    settings.push(("random_page_cost", random_page_cost(input)));
    settings.extend(io_concurrency(input).map(|value| ("effective_io_concurrency", value)));
    settings.push(("work_mem", memory::work_mem(input, &workers)));
    settings.push(("huge_pages", memory::huge_pages(input)));
    settings.extend(jit(input).map(|value| ("jit", value)));
    settings.push(("wal_compression", wal::compression(input)));
    settings.extend(workers::autovacuum(input).map(|value| ("autovacuum_max_workers", value)));
    settings.extend(memory::autovacuum(input).map(|value| ("autovacuum_work_mem", value)));
    settings.extend(workers::io(input));
    settings.extend(wal::sizes(input));
    settings.extend(workers);
    settings.extend(wal::level(input));
    settings
}

fn statistics_target(input: &Input) -> Value {
    Value::Number(if input.workload == Workload::Olap { 500 } else { 100 })
}

fn random_page_cost(input: &Input) -> Value {
    let is_cached = input.data_size == DataSize::LessRam;
    let is_slow = input.storage == Storage::Hdd || input.workload == Workload::Olap;
    Value::Word(if is_slow && !is_cached { "4" } else { "1.1" })
}

/// Other operating systems do not support it.
fn io_concurrency(input: &Input) -> Option<Value> {
    let requests = match input.storage {
        Storage::Hdd => 2,
        Storage::Ssd => 200,
        Storage::San => 300,
        Storage::Nvme => 1000,
    };
    (input.os == OperatingSystem::Linux).then_some(Value::Number(requests))
}

fn jit(input: &Input) -> Option<Value> {
    let has_short_queries = matches!(input.workload, Workload::Web | Workload::Oltp | Workload::Mixed);
    has_short_queries.then_some(Value::Word("off"))
}
