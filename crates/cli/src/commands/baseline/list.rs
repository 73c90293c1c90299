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

use super::store::Store;
use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::{self, Target};

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

#[derive(Debug, Deserialize)]
struct HeadCluster {
    name: String,
    fingerprint: Option<String>,
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
    let bytes = target::read_bytes(path).map_err(|failure| failure.message)?;
    let text = unpacked(&bytes).map_err(|error| error.to_string())?;
    let head: Head = serde_json::from_str(&text).map_err(|_| "it is not a baseline, or it is damaged".to_owned())?;
    if head.format == BASELINE_FORMAT { Ok(head) } else { Err("it is not a baseline".to_owned()) }
}

fn table(entries: &[Entry]) -> Table {
    let rows = entries.iter().map(|one| {
        let contents =
            one.error.as_ref().map_or_else(|| one.sections.join(", "), |error| format!("unreadable: {error}"));
        let size = one.bytes.and_then(|bytes| i64::try_from(bytes).ok()).map(Bytes);
        [
            Quantity::from(one.cluster.clone()),
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
        ("collected_at", "collected at"),
        ("mode", "mode"),
        ("sections", "sections"),
        ("size", "size"),
        ("path", "file"),
    ];
    Table::whole("Stored baselines", &columns, rows)
}
