//! Who can log in, how, and what they can do.

use crate::registry;

registry! { Security:
}
