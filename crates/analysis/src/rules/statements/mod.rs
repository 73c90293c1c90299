//! Statements.

use crate::registry;

registry! { Statements:
    dominant_statement,
    large_result,
    planning_overhead,
    repeated_statement,
    rollback_ratio,
    spilling_statement,
    statement_evictions,
    statements_not_tracked,
    uncached_statement,
    unstable_statement,
    wal_heavy_statement,
    whole_table_scan,
}
