//! Versions and upgrades.

use crate::registry;

registry! { Versions:
    outdated_extension,
    support_ends_soon,
    unsupported_major_version,
}
