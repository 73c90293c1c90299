//! `pgdba baseline trend`: growth and rates over several snapshots.

use std::path::PathBuf;

use pgdba_analysis::trend::{snapshot_sections, trend};
use pgdba_report::Report;
use pgdba_snapshot::DiagSnapshot;

use super::list::OfCluster;
use super::store::{self, Store};
use crate::answer::{Answer, Data};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::{self, KeyArgument};

const EXAMPLES: &str = "\
Examples:
  pgdba baseline trend monday.json.gz tuesday.json.gz wednesday.json.gz
  pgdba baseline trend --name prod --format html > trend.html       all stored baselines of the cluster
  pgdba baseline trend --fingerprint 3f9c --format json";

/// Show growth and rates over several snapshots of a cluster, and when a limit is reached
///
/// Databases, tables, WAL, transactions, temporary files, dead rows, sessions, transaction IDs, sequences and free disk space. A
/// reset or a restart between two snapshots is a gap. A date is projected only where the points justify one.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Snapshots or baselines, in any order; without them, the stored baselines of a cluster
    #[arg(value_name = "FILE", conflicts_with_all = ["name", "dsn", "snapshot", "fingerprint"])]
    files: Vec<PathBuf>,
    #[command(flatten)]
    of: OfCluster,
    /// Accept snapshots of different clusters
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    key: KeyArgument,
}

/// Shows them.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    let mut warnings = Vec::new();
    let snapshots = if args.files.is_empty() { stored(args, &mut warnings)? } else { named(args, &mut warnings)? };
    let found = trend(&snapshots.iter().collect::<Vec<_>>());
    if found.snapshots.len() < 2 {
        return Err(Failure {
            code: "too_few_snapshots",
            message: "a trend needs two snapshots of different times".to_owned(),
            hint: Some("Store baselines with: pgdba baseline --name CLUSTER".to_owned()),
            exit: Exit::Failed,
        });
    }
    if found.is_of_several_clusters() && !args.force {
        return Err(Failure {
            code: "different_clusters",
            message: "the snapshots are of different clusters".to_owned(),
            hint: Some(
                "Pass those of one cluster, or accept several with --force: rates between them are unknown.".to_owned(),
            ),
            exit: Exit::Failed,
        });
    }
    let report = found.cluster.as_ref().map(Report::about).unwrap_or_default().with(found.blocks());
    Ok(Answer { shown: report.into(), data: Data::lazy(found), warnings, ..Answer::default() })
}

/// The snapshots that were named.
fn named(args: &Args, warnings: &mut Vec<String>) -> Result<Vec<DiagSnapshot>, Failure> {
    args.files.iter().map(|file| kept(target::read(file)?, args, warnings)).collect()
}

/// The stored ones of the cluster. A damaged file is a warning.
fn stored(args: &Args, warnings: &mut Vec<String>) -> Result<Vec<DiagSnapshot>, Failure> {
    if !args.of.is_given() {
        return Err(Failure::usage(
            "no_snapshots",
            "no snapshots and no cluster were given",
            "Name snapshot files, or a cluster of which baselines are stored: pgdba baseline trend --name CLUSTER",
        ));
    }
    let prefix = args.of.prefix(warnings)?;
    let mut snapshots = Vec::new();
    for file in Store::of_user()?.files(&prefix)? {
        let read = store::read(&file)
            .and_then(|bytes| pgdba_snapshot::read(&bytes).map_err(|error| Failure::snapshot(&file, &error)));
        match read {
            Ok(snapshot) => snapshots.push(kept(snapshot, args, warnings)?),
            Err(failure) => warnings.push(failure.message),
        }
    }
    Ok(snapshots)
}

/// A snapshot with its names restored, and of its sections those that are read: several whole ones might not fit into memory.
fn kept(snapshot: DiagSnapshot, args: &Args, warnings: &mut Vec<String>) -> Result<DiagSnapshot, Failure> {
    let mut snapshot = args.key.restore_redacted(snapshot, warnings)?;
    let read = snapshot_sections();
    snapshot.sections.retain(|name, _| read.contains(&name.as_str()));
    Ok(snapshot)
}
