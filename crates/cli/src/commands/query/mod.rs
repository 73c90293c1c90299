//! `pgdba query`: answers about statements, tables, indexes and sessions, one file a question.
//!
//! To add one: `cargo xtask new command query NAME`. What is shown is made by a topic (`pgdba_analysis::topics`), so that the
//! report shows the same.

mod show;
mod slow_log;
mod top;

use clap::Subcommand;
use pgdba_analysis::topics::{Reply, Topic, queries};
use pgdba_analysis::{Block, Checked, Facts, NotAssessed, View, facts::Beside};
use pgdba_snapshot::DiagSnapshot;
use serde::Serialize;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::{KeyArgument, Target};

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
    /// List the statements that have slow calls
    SlowLog(slow_log::Args),
    /// Show everything about one statement
    Show(show::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Top(_) => "query top",
            What::SlowLog(_) => "query slow-log",
            What::Show(_) => "query show",
        }
    }
}

/// Answers a question.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Top(args) => top::run(args),
        What::SlowLog(args) => slow_log::run(args),
        What::Show(args) => show::run(args),
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

impl About {
    /// What `ask` derives from the facts that `topic` reads. Of a live server only their sections are collected.
    fn answer<T: Serialize>(
        &self,
        topic: &Topic,
        ask: impl FnOnce(&View<'_>) -> Checked<Reply<T>>,
    ) -> Result<Answer, Failure> {
        self.answer_from(&topic.sections(), topic, |view, _| ask(view))
    }

    /// The same from `sections`, which are collected from a live server; all of them if none are named.
    fn answer_from<T: Serialize>(
        &self,
        sections: &[&str],
        topic: &Topic,
        ask: impl FnOnce(&View<'_>, &DiagSnapshot) -> Checked<Reply<T>>,
    ) -> Result<Answer, Failure> {
        let (snapshot, mut warnings) = self.target.load(sections)?;
        let snapshot = self.key.restore(snapshot, &mut warnings)?;
        let facts = Facts::of(&snapshot);
        let reply = ask(&View::new(&facts, Beside::default(), topic.reads), &snapshot);
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
    Failure { code: "not_assessed", message: reason.0, hint, exit: Exit::Failed }
}
