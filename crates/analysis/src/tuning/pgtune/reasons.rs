//! Why a formula gives its value, and from which figures.

use pgdba_pg::{Bytes, display};

use super::memory::shared_buffers;
use super::{Input, Storage, Workload};
use crate::format::Figure;

/// Why the formula for this parameter gives its value; none of a parameter without a formula.
#[must_use]
pub fn reason(parameter: &str, input: &Input) -> Option<String> {
    let words = match parameter {
        "max_connections" => "The number of connections that was given, or that is usual for this workload.",
        "checkpoint_completion_target" => {
            "Checkpoints write for most of the time until the next one instead of in bursts."
        }
        "wal_buffers" => "Three percent of shared_buffers, at most one WAL file.",
        "default_statistics_target" if input.workload == Workload::Olap => {
            "Plans of analytical queries depend on detailed statistics."
        }
        "default_statistics_target" => "The default is enough for this workload.",
        "random_page_cost" if input.storage == Storage::Hdd => "Random reads from rotating disks are expensive.",
        "random_page_cost" if input.workload == Workload::Olap => "Analytical queries mostly read sequentially.",
        "random_page_cost" => "Random reads cost hardly more than sequential ones on this storage or from the cache.",
        "effective_io_concurrency" => "The number of requests that this storage serves at the same time.",
        "huge_pages" => "Huge pages are worth it from 2 GB of shared_buffers on.",
        "jit" => "Compiling short queries takes longer than it saves.",
        "wal_compression" => "Compressed full-page images reduce WAL for little processor time.",
        "autovacuum_max_workers" => "More processors can vacuum more tables at the same time.",
        "autovacuum_work_mem" => {
            "Each autovacuum worker would otherwise use as much memory as maintenance_work_mem allows."
        }
        "io_method" => "The fastest method of asynchronous reads that this operating system has.",
        "io_workers" => "One I/O worker for four processors.",
        "min_wal_size" => "Keeps enough WAL files for reuse that peaks of this workload do not create new ones.",
        "max_wal_size" => "Leaves room for the WAL that this workload writes between two timed checkpoints.",
        "max_worker_processes" | "max_parallel_workers" => "One for each processor.",
        "max_parallel_workers_per_gather" | "max_parallel_maintenance_workers" => {
            "Half of the processors can work on one operation, up to the number from which more rarely help."
        }
        "wal_level" | "max_wal_senders" => "A workstation has neither standbys nor an archive.",
        _ => return of_memory(parameter, input),
    };
    Some(words.to_owned())
}

fn of_memory(parameter: &str, input: &Input) -> Option<String> {
    let memory = display::bytes(input.memory);
    let is_desktop = input.workload == Workload::Desktop;
    let share = |share: &str| Some(format!("{share} of {memory} of memory."));
    match parameter {
        "shared_buffers" => share(if is_desktop { "One sixteenth" } else { "A quarter" }),
        "effective_cache_size" => share(if is_desktop { "A quarter" } else { "Three quarters" }),
        "maintenance_work_mem" if input.workload == Workload::Olap => share("One eighth"),
        "maintenance_work_mem" => share("One sixteenth"),
        "work_mem" => {
            let rest = Bytes(input.memory.0.saturating_sub(shared_buffers(input).saturating_mul(1024)));
            let connections = display::counted(input.connections(), "connection", "connections");
            Some(format!(
                "{} are left beside shared_buffers, shared by {connections} and the workers.",
                display::bytes(rest)
            ))
        }
        _ => None,
    }
}

/// The figures that the value is derived from.
#[must_use]
pub fn inputs(parameter: &str, input: &Input) -> Vec<Figure> {
    let memory = || Figure::new("memory", input.memory);
    let cpus = || Figure::new("cpus", input.cpus).labelled("processors");
    let storage = || Figure::new("storage", input.storage.word());
    let workload = || Figure::new("workload", input.workload.word());
    let data_size = || Figure::new("data_size", input.data_size.word());
    let connections = || Figure::new("connections", input.connections());
    match parameter {
        "max_connections" => vec![connections()],
        "work_mem" => vec![memory(), connections(), cpus(), data_size(), workload()],
        "shared_buffers" | "effective_cache_size" | "maintenance_work_mem" => vec![memory(), workload()],
        "autovacuum_work_mem" | "huge_pages" | "wal_buffers" => vec![memory()],
        "autovacuum_max_workers" | "io_workers" => vec![cpus()],
        "max_worker_processes" | "max_parallel_workers" | "max_parallel_maintenance_workers" => vec![cpus()],
        "max_parallel_workers_per_gather" => vec![cpus(), workload()],
        "random_page_cost" => vec![storage(), data_size(), workload()],
        "effective_io_concurrency" => vec![storage()],
        _ => vec![workload()],
    }
}
