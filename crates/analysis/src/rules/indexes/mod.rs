//! Indexes.

use crate::registry;

registry! { Indexes:
    duplicate_index,
    invalid_index,
}
