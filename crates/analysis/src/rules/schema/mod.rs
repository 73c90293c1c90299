//! Tables, keys, sequences, collations and other definitions.

use crate::registry;

registry! { Schema:
    disabled_triggers,
}
