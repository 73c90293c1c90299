//! Statements.

use crate::registry;

registry! { spilling_statement }
