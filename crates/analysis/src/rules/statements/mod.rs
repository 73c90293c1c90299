//! Statements.

use crate::registry;

registry! { Statements:
    dominant_statement,
    large_result,
    planning_overhead,
    repeated_statement,
    spilling_statement,
    uncached_statement,
    unstable_statement,
    wal_heavy_statement,
}
