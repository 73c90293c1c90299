//! An analysis arranged for reading.

use pgdba_analysis::{Block, Severity, Verdict};

/// An analysis arranged for reading: the first screen, then the parts.
#[derive(Debug, Clone)]
pub struct Report {
    /// The cluster's name.
    pub cluster: String,
    /// Version, role, time and way of collection, in one line.
    pub about: Vec<String>,
    /// Why nothing below can be trusted, where that is so.
    pub alarm: Option<String>,
    /// The state in one word.
    pub verdict: Verdict,
    /// The greatest severity found, which colours the verdict.
    pub worst: Option<Severity>,
    /// Counts behind the verdict, such as "2 critical, 1 warning".
    pub counts: String,
    /// How many checks ran, could not run and were ignored.
    pub coverage: String,
    /// What was odd or could not be read, one sentence each.
    pub notes: Vec<String>,
    /// The three things to do first.
    pub actions: Vec<Action>,
    /// Everything else, in reading order.
    pub parts: Vec<Part>,
}

/// One of the things to do first.
#[derive(Debug, Clone)]
pub struct Action {
    /// How much it matters.
    pub severity: Severity,
    /// What to do.
    pub summary: String,
    /// What it costs.
    pub effort: &'static str,
    /// The anchor of its finding.
    pub anchor: String,
}

/// A part of the report under a heading of its own.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its anchor.
    pub anchor: String,
    /// Its heading.
    pub title: String,
    /// The sentence that answers the part's question.
    pub lead: String,
    /// What it shows.
    pub items: Vec<Item>,
}

/// One thing in a part.
#[derive(Debug, Clone)]
pub enum Item {
    /// A block.
    Block {
        /// Its anchor, used for nothing else in the report.
        anchor: String,
        /// What it shows.
        block: Block,
    },
    /// A finding with all it carries.
    Finding(Box<FindingItem>),
    /// Blocks behind a line that opens them.
    Fold {
        /// The line.
        summary: String,
        /// What is behind it.
        items: Vec<Item>,
    },
}

/// A finding ready to be shown.
#[derive(Debug, Clone)]
pub struct FindingItem {
    /// Its anchor.
    pub anchor: String,
    /// Whether it is shown unfolded.
    pub open: bool,
    /// How much it matters.
    pub severity: Severity,
    /// What to do, in one sentence.
    pub summary: String,
    /// What was seen and what it leads to.
    pub rationale: String,
    /// Evidence, details, remedy and background.
    pub items: Vec<Item>,
    /// Code, area, subject and confidence, in one line.
    pub footnote: String,
}
