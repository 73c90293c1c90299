//! Replication, replication slots and WAL archiving.

use crate::registry;

registry! { Replication:
}
