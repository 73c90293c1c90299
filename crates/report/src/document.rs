//! An analysis arranged for reading.

use pgdba_analysis::{Block, Severity, Verdict};

/// An analysis arranged for reading: the first screen, then the parts.
#[derive(Debug, Clone)]
pub struct Report {
    /// The cluster's name.
    pub cluster: String,
    /// Version, role, time and collector, in one line.
    pub about: Vec<String>,
    /// Why the report cannot be trusted, if so.
    pub alarm: Option<String>,
    /// The state in one word.
    pub verdict: Verdict,
    /// The greatest severity found, which determines the color of the verdict.
    pub worst: Option<Severity>,
    /// Findings by severity, such as "2 critical and 1 warning".
    pub counts: String,
    /// How many checks ran, could not run and were ignored.
    pub coverage: String,
    /// Problems of the document and data that could not be read, one sentence each.
    pub notes: Vec<String>,
    /// The three most urgent findings.
    pub actions: Vec<Action>,
    /// Everything else, in reading order.
    pub parts: Vec<Part>,
}

/// One of the most urgent findings.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its severity.
    pub severity: Severity,
    /// What to do.
    pub summary: String,
    /// Its effort.
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
    /// The sentence that summarizes the part.
    pub lead: String,
    /// What it shows.
    pub items: Vec<Item>,
}

/// One thing in a part.
#[derive(Debug, Clone)]
pub enum Item {
    /// A block.
    Block {
        /// Its anchor, unique in the report.
        anchor: String,
        /// What it shows.
        block: Block,
    },
    /// A finding with all its parts.
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
    /// Whether it is shown open.
    pub open: bool,
    /// Its severity.
    pub severity: Severity,
    /// What to do, in one sentence.
    pub summary: String,
    /// What was measured, and its consequences.
    pub rationale: String,
    /// Evidence, details, remedy and background.
    pub items: Vec<Item>,
    /// Code, area, subject and confidence, in one line.
    pub footnote: String,
}
