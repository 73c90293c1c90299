//! Unused space in tables and indexes.

use crate::registry;

registry! { Bloat:
}
