//! The cluster of a snapshot, in words.

use pgdba_pg::{Millis, ServerVersion, display};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::system::System;

use crate::format::ClusterSummary;

/// The cluster's name, version and role.
pub(super) fn summary(
    snapshot: &DiagSnapshot,
    system: Option<&System>,
    version: Option<ServerVersion>,
) -> ClusterSummary {
    ClusterSummary {
        name: name(snapshot, system),
        version: version.map(|version| version.to_string()),
        role: system
            .and_then(|system| system.is_in_recovery)
            .map(|standby| if standby { "standby" } else { "primary" }.to_owned()),
        database: system.and_then(|system| system.current_database.clone()),
        collected_at: snapshot.collected_at,
        collected_by: collected_by(snapshot),
        fingerprint: snapshot.fingerprint(),
        redacted: snapshot.redacted,
    }
}

/// Its display name: `cluster_name` if it is set, otherwise its address.
fn name(snapshot: &DiagSnapshot, system: Option<&System>) -> String {
    let identity = &snapshot.identity;
    let cluster_name = system.and_then(|system| system.cluster_name.clone()).filter(|name| !name.is_empty());
    let address = identity
        .config_host
        .as_ref()
        .filter(|host| !host.is_empty())
        .map(|host| identity.config_port.map_or_else(|| host.clone(), |port| format!("{host}:{port}")));
    cluster_name.or(address).unwrap_or_else(|| "unnamed cluster".to_owned())
}

fn collected_by(snapshot: &DiagSnapshot) -> String {
    let producer = &snapshot.producer;
    if producer.name.is_empty() {
        return "an unknown program".to_owned();
    }
    let program = format!("{} {}", producer.name, producer.version).trim().to_owned();
    match snapshot.sampling.interval_seconds {
        Some(seconds) if snapshot.sampling.mode == "delta" => {
            format!("{program}, sampled over {}", display::duration(Millis::from_seconds(seconds.round())))
        }
        _ => program,
    }
}
