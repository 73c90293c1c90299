//! The configuration as such.

use crate::registry;

registry! { Settings:
    pending_restart,
}
