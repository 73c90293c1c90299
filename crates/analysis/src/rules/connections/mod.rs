//! Connections and sessions.

use crate::registry;

registry! { connections_near_limit }
