//! The configuration as such.

use crate::registry;

registry! { Settings:
    pending_restart,
    planner_method_off,
    risky_role_setting,
}
