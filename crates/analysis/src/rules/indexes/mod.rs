//! Indexes.

use crate::registry;

registry! { invalid_index, duplicate_index }
