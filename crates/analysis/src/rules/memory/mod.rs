//! Memory, temporary files and other resources of the host.

use crate::registry;

registry! { Memory:
    default_shared_buffers,
    disk_nearly_full,
    huge_pages_unused,
    io_concurrency_for_disks,
    io_timing_off,
    jit_overhead,
    large_shared_buffers,
    low_cache_hit,
    low_effective_cache_size,
    memory_overcommitted,
    parallel_workers_missing,
    random_page_cost_for_disks,
    seq_page_cost_above_random,
    slru_misses,
    temporary_files,
    unlimited_temporary_files,
}
