//! The configuration as such.

use crate::registry;

registry! { pending_restart }
