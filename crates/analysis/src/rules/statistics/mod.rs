//! The planner's statistics.

use crate::registry;

registry! { Statistics:
    missing_statistics,
}
