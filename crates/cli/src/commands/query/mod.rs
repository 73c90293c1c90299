//! `pgdba query`: answers about statements, tables, indexes and sessions, one file a question.
//!
//! To add one: `cargo xtask new command query NAME`. What is shown is made by a topic (`pgdba_analysis::topics`), so that the
//! report shows the same.

mod locks;
mod top;
mod vacuum_health;

use std::path::Path;
mod waits;

use std::time::Duration;

use clap::Subcommand;
use pgdba_analysis::topics::{Reply, Topic};
use pgdba_analysis::{Block, Checked, Facts, NotAssessed, View, facts::Beside};
use serde::Serialize;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
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
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Top(_) => "query top",
            What::VacuumHealth(_) => "query vacuum-health",
            What::Locks(_) => "query locks",
            What::Waits(_) => "query waits",
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
        self.answer_since(topic, None, ask)
    }

    /// The same with what an earlier snapshot of the cluster adds.
    fn answer_since<T: Serialize>(
        &self,
        topic: &Topic,
        before: Option<&Path>,
        ask: impl FnOnce(&View<'_>) -> Checked<Reply<T>>,
    ) -> Result<Answer, Failure> {
        let before = before.map(target::read).transpose()?;
        let earlier = before.as_ref().map(Facts::of);
        let (snapshot, mut warnings) = self.target.load(&topic.sections())?;
        self.answer_over(None, topic, ask)
    }

    /// The same; a live server is sampled over `interval`.
    fn answer_over<T: Serialize>(
        &self,
        interval: Option<Duration>,
        topic: &Topic,
        ask: impl FnOnce(&View<'_>) -> Checked<Reply<T>>,
    ) -> Result<Answer, Failure> {
        let (snapshot, mut warnings) = self.target.load_over(interval, &topic.sections())?;
        let snapshot = self.key.restore(snapshot, &mut warnings)?;
        let facts = Facts::of(&snapshot);
        let beside = Beside { earlier: earlier.as_ref(), ..Beside::default() };
        let Reply { shown, data } = ask(&View::new(&facts, beside, topic.reads)).map_err(not_assessed)?;
        warnings.extend(facts.problems());
        let blocks: Vec<Block> = std::iter::once(Block::paragraph(shown.lead)).chain(shown.blocks).collect();
        Ok(Answer { shown: blocks.into(), data: serde_json::to_value(data)?.into(), warnings, ..Answer::default() })
    }
}

/// The facts do not answer the question.
fn not_assessed(reason: NotAssessed) -> Failure {
    Failure { code: "not_assessed", message: reason.0, hint: None, exit: Exit::Failed }
}
