//! What a snapshot contains about each topic, independent of findings.
//!
//! To add one: `cargo xtask new topic NAME`, then move its name to its place in the list below. A topic does
//! not evaluate anything: rules do.

use crate::facts::{Beside, Fact, Facts, View};
use crate::format::{Block, Checked, TopicView};

/// A topic: which facts it shows, and how.
#[derive(Debug)]
pub struct Topic {
    /// Its name, also its anchor in the report.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The facts it reads. It can read no other.
    pub reads: &'static [&'static Fact],
    /// Shows it.
    pub show: fn(&View<'_>) -> Checked<Shown>,
}

/// What a topic shows.
#[derive(Debug, Default)]
pub struct Shown {
    /// The sentence that answers the topic's question.
    pub lead: String,
    /// Charts and tables, the most important first.
    pub blocks: Vec<Block>,
}

/// What a `query` command about a topic answers.
#[derive(Debug)]
pub struct Reply<T> {
    /// For people. The topic shows the same, with the default options.
    pub shown: Shown,
    /// For programs: rows with a type.
    pub data: T,
}

impl Topic {
    /// The names of the sections that it reads.
    #[must_use]
    pub fn sections(&self) -> Vec<&'static str> {
        Fact::section_names(self.reads)
    }

    /// What this snapshot contains about it, or why nothing.
    #[must_use]
    pub fn view<'a>(&self, facts: &'a Facts<'a>, beside: Beside<'a>) -> TopicView {
        let (shown, missing) = match (self.show)(&View::new(facts, beside, self.reads)) {
            Ok(shown) => (shown, None),
            Err(missing) => (Shown::default(), Some(missing.reason)),
        };
        TopicView {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            lead: shown.lead,
            blocks: shown.blocks,
            missing,
        }
    }
}

/// Declares the modules and the list of all topics in one go.
macro_rules! topics {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// Every topic, in reading order.
        pub fn all() -> impl Iterator<Item = &'static Topic> {
            [$(&$name::TOPIC),+].into_iter()
        }
    };
}

topics! {
    queries,
    tables,
    indexes,
    index_advice,
    bloat,
    vacuum,
    databases,
    sessions,
    locks,
    waits,
    checkpoints,
    replication,
    io,
    settings,
}

/// The length of a list.
fn number_of<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

/// Largest first, unknown last.
fn largest_first<T, K: PartialOrd>(items: &mut [T], key: impl Fn(&T) -> K) {
    items.sort_by(|a, b| key(b).partial_cmp(&key(a)).unwrap_or(std::cmp::Ordering::Equal));
}
