//! The plan of one statement, as EXPLAIN shows it.

use crate::registry;

registry! { Plans:
    bloated_scan,
    cold_cache,
    disabled_node,
    disk_sort,
    hash_batches,
    heap_fetches,
    jit_cost,
    join_filter_waste,
    large_offset,
    lossy_bitmap,
    many_index_searches,
    materialized_cte,
    memoize_thrash,
    misestimate,
    missing_workers,
    nested_loop_blowup,
    never_executed,
    planning_dominates,
    pruning_missed,
    rows_removed,
    sequential_scan_in_loop,
    slow_serialization,
    slow_triggers,
    stale_statistics,
    temporary_io,
    uneven_workers,
    wide_rows,
}
