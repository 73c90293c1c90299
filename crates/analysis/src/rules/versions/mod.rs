//! Versions and upgrades.

use crate::registry;

registry! { Versions:
    unsupported_major_version,
}
