//! The planner's statistics.

use crate::registry;

registry! { missing_statistics }
