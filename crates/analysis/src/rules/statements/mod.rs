//! Statements.

use crate::registry;

registry! { Statements:
    spilling_statement,
}
