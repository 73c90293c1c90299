//! Autovacuum and dead rows.

use crate::registry;

registry! { autovacuum_off, dead_tuples }
