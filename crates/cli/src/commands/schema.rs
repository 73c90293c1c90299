//! `pgdba schema`: the JSON Schemas of the public formats.

use clap::ValueEnum;

use crate::answer::{Answer, Shown};
use crate::failure::Failure;

/// Print the JSON Schema of a public format
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Format
    #[arg(value_enum)]
    of: Of,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// Snapshot (DiagSnapshot)
    Snapshot,
    /// Result of an analysis
    Analysis,
    /// Change set
    ChangeSet,
    /// The policy, pgdba.toml
    Policy,
    /// Differences of two snapshots (pgdba baseline diff)
    Diff,
    /// State of a server at one time (pgdba baseline)
    Baseline,
    /// Figures of a cluster over time (pgdba baseline trend)
    Trend,
}

/// Prints the schema.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    let data = match args.of {
        Of::Snapshot => pgdba_snapshot::schema::schema(),
        Of::Analysis => pgdba_analysis::format::schema::schema(),
        Of::ChangeSet => pgdba_change::change_set::schema(),
        Of::Policy => pgdba_analysis::policy::schema(),
        Of::Diff => pgdba_analysis::diff::schema::schema(),
        Of::Baseline => pgdba_analysis::baseline::schema::schema(),
        Of::Trend => pgdba_analysis::trend::schema::schema(),
    };
    let text = format!("{}\n", serde_json::to_string_pretty(&data)?);
    Ok(Answer { shown: Shown::Verbatim { language: "json", text }, data: data.into(), ..Answer::default() })
}
