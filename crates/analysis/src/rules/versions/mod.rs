//! Versions and upgrades.

use crate::registry;

registry! { unsupported_major_version }
