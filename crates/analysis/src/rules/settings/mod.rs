//! The configuration as such.

use crate::registry;

registry! { Settings:
    errors_not_logged,
    pending_restart,
    planner_method_off,
    risky_role_setting,
}
