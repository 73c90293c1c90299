//! Unused space in tables and indexes.

use crate::registry;

registry! { Bloat:
    index_bloat,
    table_bloat,
    toast_bloat,
}
