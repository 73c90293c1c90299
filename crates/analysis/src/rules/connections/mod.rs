//! Connections and sessions.

use crate::registry;

registry! { Connections:
    abandoned_sessions,
    connection_churn,
    connections_near_limit,
    idle_connections,
    no_superuser_slots,
    track_activities_off,
    transactions_kept_open,
}
