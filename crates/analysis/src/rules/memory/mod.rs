//! Memory, temporary files and other resources of the host.

use crate::registry;

registry! { Memory:
    jit_overhead,
    low_cache_hit,
    parallel_workers_missing,
    temporary_files,
}
