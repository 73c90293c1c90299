//! The planner's statistics.

use crate::registry;

registry! { Statistics:
    low_statistics_target,
    missing_statistics,
    unanalyzed_partitioned_table,
}
