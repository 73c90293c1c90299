//! Connections and sessions.

use crate::registry;

registry! { Connections:
    connections_near_limit,
}
