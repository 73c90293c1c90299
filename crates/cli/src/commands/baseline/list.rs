//! `pgdba baseline list`: the stored baselines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pgdba_analysis::{Block, Quantity, Table};
use pgdba_pg::Bytes;
use pgdba_snapshot::{BASELINE_FORMAT, unpacked};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{self, Store};
use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::Target;

const EXAMPLES: &str = "\
Examples:
  pgdba baseline list
  pgdba baseline list --name prod
  pgdba baseline list --fingerprint 3f9c --format json";

/// List the stored baselines, each cluster's oldest first
///
/// With --name, --dsn or --snapshot only those of that cluster; a live server is asked which cluster it is.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    of: OfCluster,
}

/// The options that choose a cluster among the stored baselines.
#[derive(Debug, clap::Args)]
pub(super) struct OfCluster {
    #[command(flatten)]
    target: Target,
    /// Only clusters whose fingerprint begins with this
    #[arg(long, value_name = "PREFIX", conflicts_with_all = ["name", "dsn", "snapshot"])]
    fingerprint: Option<String>,
}

impl OfCluster {
    /// Whether a cluster was chosen.
    pub(super) fn is_given(&self) -> bool {
        self.fingerprint.is_some() || self.target.is_named()
    }

    /// The fingerprint, or the beginning of it; empty for all clusters. Adds to `warnings`.
    pub(super) fn prefix(&self, warnings: &mut Vec<String>) -> Result<String, Failure> {
        if let Some(prefix) = &self.fingerprint {
            return Ok(prefix.clone());
        }
        if !self.target.is_named() {
            return Ok(String::new());
        }
        let (snapshot, more) = self.target.load(&["system"])?;
        warnings.extend(more);
        snapshot.fingerprint().ok_or_else(|| Failure {
            code: "unknown_fingerprint",
            message: "the target does not identify its cluster".to_owned(),
            hint: Some("Choose the cluster with --fingerprint.".to_owned()),
            exit: Exit::Failed,
        })
    }
}

/// A stored baseline, or why its file could not be read.
#[derive(Debug, Serialize)]
struct Entry {
    cluster: Option<String>,
    fingerprint: Option<String>,
    role: Option<String>,
    collected_at: Option<Timestamp>,
    mode: Option<String>,
    sections: Vec<String>,
    bytes: Option<u64>,
    path: String,
    error: Option<String>,
}

/// What is read of a baseline.
#[derive(Debug, Deserialize)]
struct Head {
    format: String,
    cluster: HeadCluster,
    mode: String,
    sections: BTreeMap<String, IgnoredAny>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct HeadCluster {
    name: String,
    fingerprint: Option<String>,
    role: Option<String>,
    collected_at: Option<Timestamp>,
}

/// Lists them.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let mut warnings = Vec::new();
    let store = Store::of_user()?;
    let prefix = args.of.prefix(&mut warnings)?;
    let entries: Vec<Entry> = store.files(&prefix)?.iter().map(entry).collect();
    let shown = if entries.is_empty() {
        vec![
            Block::paragraph(format!("No baselines are stored in {}.", store.path().display())),
            Block::shell("Store one with", "pgdba baseline --name CLUSTER"),
        ]
    } else {
        vec![Block::Table(table(&entries))]
    };
    let data = json!({ "folder": store.path().display().to_string(), "baselines": entries });
    Ok(Answer { shown: shown.into(), data: data.into(), warnings, ..Answer::default() })
}

fn entry(path: &PathBuf) -> Entry {
    let bytes = fs::metadata(path).ok().map(|found| found.len());
    let shown = path.display().to_string();
    match head(path) {
        Ok(Head { cluster, mode, sections, .. }) => Entry {
            cluster: Some(cluster.name),
            fingerprint: cluster.fingerprint,
            role: cluster.role,
            collected_at: cluster.collected_at,
            mode: Some(mode),
            sections: sections.into_keys().collect(),
            bytes,
            path: shown,
            error: None,
        },
        Err(error) => Entry {
            cluster: None,
            fingerprint: None,
            role: None,
            collected_at: None,
            mode: None,
            sections: Vec::new(),
            bytes,
            path: shown,
            error: Some(error),
        },
    }
}

/// What a file says of itself, or what is wrong with it.
fn head(path: &Path) -> Result<Head, String> {
    let bytes = store::read(path).map_err(|failure| failure.message)?;
    parsed(&unpacked(&bytes).map_err(|error| error.to_string())?)
}

fn parsed(text: &str) -> Result<Head, String> {
    let head: Head = serde_json::from_str(text).map_err(|_| "it is not a baseline, or it is damaged".to_owned())?;
    if head.format == BASELINE_FORMAT { Ok(head) } else { Err("it is not a baseline".to_owned()) }
}

/// Whether a stored file is a baseline of the server and the time of which `text` is one.
pub(super) fn is_same(path: &Path, text: &str) -> bool {
    let (stored, new) = (head(path), parsed(text));
    stored.is_ok_and(|stored| new.is_ok_and(|new| stored.cluster == new.cluster))
}

fn table(entries: &[Entry]) -> Table {
    let rows = entries.iter().map(|one| {
        let contents =
            one.error.as_ref().map_or_else(|| one.sections.join(", "), |error| format!("unreadable: {error}"));
        let size = one.bytes.and_then(|bytes| i64::try_from(bytes).ok()).map(Bytes);
        [
            Quantity::from(one.cluster.clone()),
            one.role.clone().into(),
            one.collected_at.into(),
            one.mode.clone().into(),
            contents.into(),
            size.into(),
            one.path.clone().into(),
        ]
        .map(Into::into)
        .to_vec()
    });
    let columns = [
        ("cluster", "cluster"),
        ("role", "role"),
        ("collected_at", "collected at"),
        ("mode", "mode"),
        ("sections", "sections"),
        ("size", "size"),
        ("path", "file"),
    ];
    Table::whole("Stored baselines", &columns, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(role: &str, time: &str) -> String {
        let cluster = json!({ "name": "prod", "fingerprint": "ab", "role": role, "collected_at": time });
        json!({ "format": BASELINE_FORMAT, "cluster": cluster, "mode": "instant", "sections": {} }).to_string()
    }

    #[test]
    fn a_baseline_is_the_same_if_its_server_and_time_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let noon = document("primary", "2026-01-01T12:00:00Z");
        fs::write(&path, &noon).unwrap();
        assert!(is_same(&path, &noon));
        for other in [document("standby", "2026-01-01T12:00:00Z"), document("primary", "2026-01-01T12:00:00.5Z")] {
            assert!(!is_same(&path, &other), "{other}");
        }
        let found = entry(&path);
        assert_eq!((found.role.as_deref(), found.error.as_deref()), (Some("primary"), None));
        let shown = serde_json::to_string(&Block::Table(table(&[found]))).unwrap();
        assert!(shown.contains("primary"), "{shown}");
        let folder = entry(&folder.path().to_owned());
        assert!(folder.error.as_ref().is_some_and(|error| error.ends_with("not a regular file")), "{folder:?}");
    }
}
