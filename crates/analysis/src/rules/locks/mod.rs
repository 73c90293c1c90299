//! Locks and other waits.

use crate::registry;

registry! { Locks:
}
