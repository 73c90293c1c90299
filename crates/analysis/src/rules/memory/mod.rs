//! Memory, temporary files and other resources of the host.

use crate::registry;

registry! { Memory:
}
