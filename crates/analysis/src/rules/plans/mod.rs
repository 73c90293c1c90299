//! The plan of one statement, as EXPLAIN shows it.

use crate::registry;

registry! { Plans:
    disk_sort,
    hash_batches,
    heap_fetches,
    jit_cost,
    join_filter_waste,
    lossy_bitmap,
    misestimate,
    nested_loop_blowup,
    rows_removed,
    sequential_scan_in_loop,
    temporary_io,
}
