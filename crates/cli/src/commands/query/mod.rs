//! `pgdba query`: answers about statements, tables, indexes and sessions, one file a question.
//!
//! To add one: `cargo xtask new command query NAME`. What is shown is made by a topic (`pgdba_analysis::topics`), so that the
//! report shows the same.

mod bloat;
mod top;

use clap::Subcommand;
use pgdba_analysis::topics::{Reply, Topic};
use pgdba_analysis::{Block, Checked, Facts, NotAssessed, View, facts::Beside};
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
    /// Estimate the bloat of tables and indexes
    Bloat(bloat::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Top(_) => "query top",
            What::Bloat(_) => "query bloat",
        }
    }
}

/// Answers a question.
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Top(args) => top::run(args),
        What::Bloat(args) => bloat::run(args),
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
        let (snapshot, mut warnings) = self.target.load(&topic.sections())?;
        let snapshot = self.key.restore(snapshot, &mut warnings)?;
        let facts = Facts::of(&snapshot);
        let Reply { shown, data } = ask(&View::new(&facts, Beside::default(), topic.reads)).map_err(not_assessed)?;
        warnings.extend(facts.problems());
        let blocks: Vec<Block> = std::iter::once(Block::paragraph(shown.lead)).chain(shown.blocks).collect();
        Ok(Answer { shown: blocks.into(), data: serde_json::to_value(data)?.into(), warnings, ..Answer::default() })
    }
}

/// The facts do not answer the question.
fn not_assessed(reason: NotAssessed) -> Failure {
    Failure { code: "not_assessed", message: reason.0, hint: None, exit: Exit::Failed }
}
