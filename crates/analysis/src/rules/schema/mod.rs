//! Tables, keys, sequences, collations and other definitions.

use crate::registry;

registry! { Schema:
    collation_version_mismatch,
    detach_pending,
    disabled_triggers,
    duplicate_foreign_key,
    invalid_database,
    sequence_near_end,
    unvalidated_constraint,
}
