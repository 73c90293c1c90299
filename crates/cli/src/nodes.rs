//! Snapshots of the other nodes of a cluster.

use std::path::{Path, PathBuf};

use pgdba_snapshot::DiagSnapshot;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::{self, KeyArgument};

/// The option that names snapshots of other nodes.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct NodeArgument {
    /// A snapshot of another node of the same cluster, such as a standby: an index that is scanned there is used. Can be repeated
    #[arg(long = "node", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl NodeArgument {
    /// The snapshots, each of the same cluster as `snapshot`; adds to `warnings`.
    pub(crate) fn load(
        &self,
        snapshot: &DiagSnapshot,
        key: &KeyArgument,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<DiagSnapshot>, Failure> {
        let load = |file: &PathBuf| {
            let node = target::read(file)?;
            warnings.extend(require_same_cluster(snapshot, &node, file)?);
            key.restore(node, warnings)
        };
        self.files.iter().map(load).collect()
    }
}

/// All nodes of a cluster have the same major version and system identifier. Redacted snapshots have a digest of it, which is the
/// same if the key is. Where an identifier could not be read, as in version 12, the result is a warning.
fn require_same_cluster(snapshot: &DiagSnapshot, node: &DiagSnapshot, file: &Path) -> Result<Option<String>, Failure> {
    let major = |of: &DiagSnapshot| of.server_version().map(|version| version.major());
    let identifier = |of: &DiagSnapshot| of.identity.system_identifier.clone().filter(|text| !text.is_empty());
    let file = file.display();
    let refusal =
        |code, message, hint: &str| Err(Failure { code, message, hint: Some(hint.to_owned()), exit: Exit::Failed });
    if major(snapshot) != major(node) {
        return refusal(
            "other_cluster",
            format!("\"{file}\" is of another cluster: its major version is another"),
            "Pass snapshots of the standbys of this cluster only.",
        );
    }
    if snapshot.redacted || node.redacted {
        return if snapshot.redacted && node.redacted && snapshot.fingerprint() == node.fingerprint() {
            Ok(None)
        } else {
            refusal(
                "other_cluster",
                format!("\"{file}\" is not known to be of the same cluster: redacted snapshots differ in it"),
                "Redact the snapshots of all nodes with the same key, or none.",
            )
        };
    }
    match (identifier(snapshot), identifier(node)) {
        (Some(own), Some(other)) if own != other => refusal(
            "other_cluster",
            format!("\"{file}\" is of another cluster: its system identifier is {other}, not {own}"),
            "Pass snapshots of the standbys of this cluster only.",
        ),
        (Some(_), Some(_)) => Ok(None),
        _ => Ok(Some(format!("\"{file}\" is not known to be of the same cluster: a system identifier is missing"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(identifier: &str) -> DiagSnapshot {
        let mut snapshot = pgdba_analysis::example::snapshot("{}").unwrap();
        snapshot.identity.system_identifier = Some(identifier.to_owned());
        snapshot
    }

    fn redacted(fingerprint: &str) -> DiagSnapshot {
        let mut snapshot = snapshot("");
        snapshot.redacted = true;
        snapshot.identity.fingerprint = Some(fingerprint.to_owned());
        snapshot
    }

    #[test]
    fn only_nodes_of_the_same_cluster_are_accepted() {
        let of_17 = || {
            let mut snapshot = snapshot("7");
            snapshot.identity.server_version_num = Some(170_000);
            snapshot
        };
        for (own, other, outcome) in [
            (snapshot("7"), snapshot("7"), "accepted"),
            (snapshot("7"), snapshot("8"), "other_cluster"),
            (snapshot("7"), of_17(), "other_cluster"),
            (snapshot("7"), snapshot(""), "warned"),
            (snapshot(""), snapshot(""), "warned"),
            (redacted("a"), redacted("a"), "accepted"),
            (redacted("a"), redacted("b"), "other_cluster"),
            (redacted("a"), snapshot("7"), "other_cluster"),
        ] {
            let result = match require_same_cluster(&own, &other, Path::new("node.json")) {
                Ok(None) => "accepted",
                Ok(Some(_)) => "warned",
                Err(failure) => failure.code,
            };
            assert_eq!(result, outcome, "{:?} {:?}", own.identity, other.identity);
        }
    }
}
