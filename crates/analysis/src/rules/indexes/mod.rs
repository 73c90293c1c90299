//! Indexes.

use crate::registry;

registry! { Indexes:
    duplicate_index,
    foreign_key_without_index,
    invalid_index,
    redundant_index,
    sequentially_scanned_table,
    unused_index,
}
