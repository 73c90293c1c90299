//! Indexes.

use crate::registry;

registry! { Indexes:
    duplicate_index,
    invalid_index,
    unused_index,
    redundant_index,
    foreign_key_without_index,
    sequentially_scanned_table,
}
