//! `pgdba config tune`: values for a workload and a machine, those that rules measured first.

use clap::ValueEnum;
use pgdba_analysis::format::ClusterSummary;
use pgdba_analysis::tuning::{
    Given, Input, OperatingSystem, Storage, Tuning, Workload, formula_values, pgtune_only, script, tune,
};
use pgdba_analysis::{Analysis, Block, Changes, Facts, Options, Recommendation, analyze};
use pgdba_apply::patroni::PatroniArguments;
use pgdba_pg::ServerVersion;
use pgdba_report::Report;
use pgdba_snapshot::DiagSnapshot;
use serde::Serialize;
use serde_json::json;

use super::apply::{self, Way};
use super::elsewhere::elsewhere;
use super::hardware::{HardwareArguments, words};
use super::live::Live;
use crate::answer::{Answer, Shown};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::policy::PolicyArgument;
use crate::target::{KeyArgument, Target};

const EXAMPLES: &str = "\
Examples:
  pgdba config tune --name prod --workload oltp
  pgdba config tune --snapshot snapshot.json.gz --memory 64GB --cpus 16 --storage ssd
  pgdba config tune --name prod --output sql
  pgdba config tune --name prod --apply --dry-run
  pgdba config tune --pgtune-only --memory 64GB --cpus 8 --storage ssd --workload oltp";

/// Recommend values for a workload and a machine: PGTune's, and measured ones where the server's counters show more
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    key: KeyArgument,
    #[command(flatten)]
    policy: PolicyArgument,
    #[command(flatten)]
    hardware: HardwareArguments,
    /// Print the values in another form
    #[arg(long, value_name = "FORM", value_enum)]
    output: Option<Output>,
    /// Print PGTune's answer for a machine, without a server
    #[arg(long, requires = "memory", conflicts_with_all = ["name", "dsn", "snapshot", "snapshot_key", "policy", "no_policy", "wal_space", "apply"])]
    pgtune_only: bool,
    /// With --pgtune-only: major version of PostgreSQL, by default the newest
    #[arg(long, value_name = "MAJOR", requires = "pgtune_only", value_parser = clap::value_parser!(i64).range(12..=99))]
    pg_version: Option<i64>,
    /// With --pgtune-only: operating system of the host
    #[arg(long, value_name = "SYSTEM", requires = "pgtune_only", value_parser = words::<OperatingSystem>(&["linux", "windows", "mac"]))]
    os: Option<OperatingSystem>,
    /// Apply the values to the live server, as `pgdba config apply` does
    #[arg(long, conflicts_with_all = ["snapshot", "output"])]
    apply: bool,
    /// With --apply: show the plan for each parameter and change nothing
    #[arg(long, requires = "apply")]
    dry_run: bool,
    /// With --apply: do not ask for confirmation
    #[arg(short, long, requires = "apply")]
    yes: bool,
    /// With --apply: on this server only, or through Patroni on all members of its cluster
    #[arg(long, value_enum, default_value_t = Way::AlterSystem, requires = "apply")]
    via: Way,
    #[command(flatten)]
    patroni: PatroniArguments,
}

/// A form of the values that another program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Lines of postgresql.conf
    Conf,
    /// ALTER SYSTEM statements
    Sql,
    /// The file that `pgdba config apply --file` reads
    Changeset,
}

/// Recommends, or applies what it recommends.
pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    if args.pgtune_only {
        return formulas_only(args);
    }
    let policy = args.policy.load(args.target.file())?;
    let (snapshot, mut warnings) = args.target.load(&[])?;
    let snapshot = args.key.restore(snapshot, &mut warnings)?;
    let analysis = analyze(&snapshot, &Options { policy: Some(&policy), rules_only: true, ..Options::default() });
    let tuning = tuned(&snapshot, &analysis, &args.hardware.given())?;
    warnings.extend(tuning.recommendations.iter().filter_map(elsewhere));
    let cluster = &analysis.cluster;
    let changes = Changes::for_cluster(&tuning.recommendations, cluster);
    if args.apply {
        return apply_all(args, &tuning, &changes, warnings);
    }
    let major = snapshot.server_version().map_or_else(newest, ServerVersion::major);
    let shown = match args.output {
        Some(output) => verbatim(output, &tuning.recommendations, major, &changes)?,
        None => Report::about(cluster).with(tuning.blocks()).into(),
    };
    let data = serde_json::to_value(Data { cluster, changes: &changes, tuning: &tuning })?;
    Ok(Answer { shown, data: data.into(), warnings, ..Answer::default() })
}

/// What programs get.
#[derive(Serialize)]
struct Data<'a> {
    cluster: &'a ClusterSummary,
    /// What can be applied here, as a file for `pgdba config apply`.
    changes: &'a Changes,
    #[serde(flatten)]
    tuning: &'a Tuning,
}

/// The values for the server of a snapshot.
pub(super) fn tuned(snapshot: &DiagSnapshot, analysis: &Analysis, given: &Given) -> Result<Tuning, Failure> {
    tune(&Facts::of(snapshot), &analysis.findings, given).map_err(|reason| Failure {
        code: "not_assessed",
        message: format!("cannot recommend values: {}", reason.reason),
        hint: Some("The configuration in force must be readable: collect the section pg_settings.".to_owned()),
        exit: Exit::Failed,
    })
}

/// Hands over to `pgdba config apply`.
fn apply_all(args: &Args, tuning: &Tuning, changes: &Changes, warnings: Vec<String>) -> Result<Answer, Failure> {
    if changes.is_empty() {
        let shown = [Block::paragraph("No change is recommended that can be applied here.")].into();
        return Ok(Answer { shown, data: serde_json::to_value(tuning)?.into(), warnings, ..Answer::default() });
    }
    let live = Live::new(args.target.server().clone(), args.patroni.clone());
    let request = apply::Args::set(live, changes.pairs(), args.via, args.dry_run, args.yes);
    let mut answer = apply::run(&request).map_err(|failure| failure.with_server(&args.target.server().again()))?;
    answer.warnings.splice(0..0, warnings.into_iter().chain(tuning.notes.iter().cloned()));
    Ok(answer)
}

/// PGTune's answer.
fn formulas_only(args: &Args) -> Result<Answer, Failure> {
    let given = args.hardware.given();
    if given.workload == Some(Workload::RemoteConservative) {
        let message = "PGTune does not have the profile remote-conservative";
        return Err(Failure::usage("unknown_profile", message, "Use oltp, olap, mixed, web or desktop."));
    }
    let major = args.pg_version.unwrap_or_else(newest);
    let input = Input {
        major,
        os: args.os.unwrap_or_default(),
        workload: given.workload.unwrap_or_default(),
        memory: given.memory.unwrap_or_default(),
        cpus: given.cpus,
        connections: given.connections,
        storage: given.storage.unwrap_or(Storage::Ssd),
        data_size: given.data_size.unwrap_or(pgdba_analysis::tuning::DataSize::MidRam),
    };
    let recommendations = pgtune_only(&input);
    let shown = match args.output {
        Some(output) => verbatim(output, &recommendations, major, &Changes::new(&recommendations, None))?,
        None => [Block::Table(formula_values(&recommendations))].into(),
    };
    Ok(Answer { shown, data: json!({ "recommendations": recommendations }).into(), ..Answer::default() })
}

fn newest() -> i64 {
    ServerVersion::KNOWN_MAJORS.into_iter().max().unwrap_or_default()
}

fn verbatim(output: Output, wanted: &[Recommendation], major: i64, changes: &Changes) -> Result<Shown, Failure> {
    let (language, text) = match output {
        Output::Conf => ("ini", script::conf(wanted)),
        Output::Sql => ("sql", script::sql(wanted, major)),
        Output::Changeset => ("json", changes.text()?),
    };
    Ok(Shown::Verbatim { language, text })
}
