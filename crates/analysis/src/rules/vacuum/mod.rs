//! Autovacuum and dead rows.

use crate::registry;

registry! { Vacuum:
    autovacuum_off,
    dead_tuples,
}
