//! Whether committed data survive a crash.

use crate::registry;

registry! { Durability:
    fsync_off,
    full_page_writes_off,
}
