//! `pgdba query`: answers about statements, tables, indexes and sessions, one file a question.
//!
//! To add one: `cargo xtask new command query NAME`. What is shown is made by a topic (`pgdba_analysis::topics`), so that the
//! report shows the same.

mod analyze;
mod bloat;
mod index_suggest;
mod locks;
mod show;
mod slow_log;
mod top;
mod vacuum_health;
mod waits;

use std::path::Path;
use std::time::Duration;

use clap::Subcommand;
use pgdba_analysis::topics::{Reply, Topic, queries};
use pgdba_analysis::{Block, Checked, Facts, NotAssessed, View, facts::Beside};
use pgdba_snapshot::DiagSnapshot;
use serde::Serialize;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::nodes::NodeArgument;
use crate::target::{self, KeyArgument, Target};

/// Answer questions about statements, tables, indexes and sessions
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the statements that cost most
    Top(top::Args),
    /// Show autovacuum thresholds, freeze ages, and what holds VACUUM back
    VacuumHealth(vacuum_health::Args),
    /// Show which sessions wait for locks, and which block them
    Locks(locks::Args),
    /// Show what client sessions wait for
    Waits(waits::Args),
    /// List the statements that have slow calls
    SlowLog(slow_log::Args),
    /// Show everything about one statement
    Show(show::Args),
    /// Estimate the bloat of tables and indexes
    Bloat(bloat::Args),
    /// Suggest which indexes to create, rebuild and drop
    IndexSuggest(index_suggest::Args),
    /// Show where the time of a statement goes, by its plan
    Analyze(analyze::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Top(_) => "query top",
            What::VacuumHealth(_) => "query vacuum-health",
            What::Locks(_) => "query locks",
            What::Waits(_) => "query waits",
            What::SlowLog(_) => "query slow-log",
            What::Show(_) => "query show",
            What::Bloat(_) => "query bloat",
            What::IndexSuggest(_) => "query index-suggest",
            What::Analyze(_) => "query analyze",
        }
    }
}

/// Answers a question.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Top(args) => top::run(args),
        What::VacuumHealth(args) => vacuum_health::run(args),
        What::Locks(args) => locks::run(args),
        What::Waits(args) => waits::run(args),
        What::SlowLog(args) => slow_log::run(args),
        What::Show(args) => show::run(args),
        What::Bloat(args) => bloat::run(args),
        What::IndexSuggest(args) => index_suggest::run(args),
        What::Analyze(args) => analyze::run(args),
    }
}

/// The server or the snapshot that a question is about.
#[derive(Debug, clap::Args)]
struct About {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    key: KeyArgument,
}

/// What an answer is made from, besides the sections that a topic reads.
#[derive(Debug, Default)]
struct Extent<'a> {
    /// The sections that are collected from a live server, if not those of the topic; all of them if none are named.
    sections: Option<&'a [&'a str]>,
    /// The time over which a live server is sampled.
    interval: Option<Duration>,
    /// An earlier snapshot of the cluster.
    before: Option<&'a Path>,
    /// Snapshots of other nodes of the cluster.
    nodes: Option<&'a NodeArgument>,
}

impl About {
    /// What `ask` derives from the facts that `topic` reads. Of a live server only their sections are collected.
    fn answer<T: Serialize>(
        &self,
        topic: &Topic,
        ask: impl FnOnce(&View<'_>) -> Checked<Reply<T>>,
    ) -> Result<Answer, Failure> {
        self.answer_from(&Extent::default(), topic, |view, _| ask(view))
    }

    /// The same from more.
    fn answer_from<T: Serialize>(
        &self,
        extent: &Extent<'_>,
        topic: &Topic,
        ask: impl FnOnce(&View<'_>, &DiagSnapshot) -> Checked<Reply<T>>,
    ) -> Result<Answer, Failure> {
        let before = extent.before.map(target::read).transpose()?;
        let earlier = before.as_ref().map(Facts::of);
        let of_topic = topic.sections();
        let (snapshot, mut warnings) = self.target.load_over(extent.interval, extent.sections.unwrap_or(&of_topic))?;
        let snapshot = self.key.restore(snapshot, &mut warnings)?;
        let nodes =
            extent.nodes.map_or_else(|| Ok(Vec::new()), |nodes| nodes.load(&snapshot, &self.key, &mut warnings))?;
        let nodes: Vec<Facts<'_>> = nodes.iter().map(Facts::of).collect();
        let facts = Facts::of(&snapshot);
        let beside = Beside { earlier: earlier.as_ref(), nodes: &nodes, ..Beside::default() };
        let reply = ask(&View::new(&facts, beside, topic.reads), &snapshot);
        let Reply { shown, data } = reply.map_err(|reason| not_assessed(reason, topic, &facts))?;
        warnings.extend(facts.problems());
        let blocks: Vec<Block> = std::iter::once(Block::paragraph(shown.lead)).chain(shown.blocks).collect();
        Ok(Answer { shown: blocks.into(), data: serde_json::to_value(data)?.into(), warnings, ..Answer::default() })
    }
}

/// The options that choose statements by who runs them.
#[derive(Debug, clap::Args)]
struct Owners {
    /// Only statements of this database
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// Only statements of this role
    #[arg(long, value_name = "ROLE")]
    user: Option<String>,
}

/// The facts do not answer the question. If it is about statements and the server does not record them, the hint tells how to
/// make it.
fn not_assessed(reason: NotAssessed, topic: &Topic, facts: &Facts<'_>) -> Failure {
    let is_about_statements = topic.sections().contains(&"pg_stat_statements");
    let hint = is_about_statements.then(|| queries::install::hint(facts)).flatten();
    Failure { code: "not_assessed", message: reason.reason, hint, exit: Exit::Failed }
}
