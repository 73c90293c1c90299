//! What every output format shows: an analysis arranged for reading, or the answer of a command.

use pgdba_analysis::{Block, Severity, Verdict};

/// What is shown: a head, if there is one, then the parts. A command's answer is a report without a title.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What it is about, such as the cluster's name; empty for a short answer.
    pub title: String,
    /// Version, role, time and collector, in one line.
    pub about: Vec<String>,
    /// Why the report cannot be trusted, if so.
    pub alarm: Option<String>,
    /// The result.
    pub head: Option<Head>,
    /// Problems of the document and data that could not be read, one sentence each.
    pub notes: Vec<String>,
    /// Everything else, in reading order.
    pub parts: Vec<Part>,
}

impl Report {
    /// The same, with these blocks below everything else.
    #[must_use]
    pub fn with(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        let number = self.parts.len() + 1;
        self.parts.push(Part::untitled(&format!("part-{number}"), blocks));
        self
    }
}

impl FromIterator<Block> for Report {
    fn from_iter<I: IntoIterator<Item = Block>>(blocks: I) -> Self {
        Self::default().with(blocks)
    }
}

/// The result at the top of a report.
#[derive(Debug, Clone)]
pub enum Head {
    /// The result of the checks.
    Verdict {
        /// The state in one word.
        verdict: Verdict,
        /// Findings by severity, such as "2 critical and 1 warning".
        counts: String,
        /// How many checks ran, could not run and were ignored.
        coverage: String,
        /// The three most urgent findings.
        actions: Vec<Action>,
    },
    /// Two states and how they differ.
    Diff {
        /// The first.
        first: String,
        /// The second.
        second: String,
        /// How many things differ, in one sentence.
        summary: String,
    },
    /// What would be changed.
    Plan {
        /// How many things change, or that the change is refused, in one sentence.
        summary: String,
        /// Whether it is refused.
        is_refused: bool,
    },
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

/// A part of a report.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its anchor.
    pub anchor: String,
    /// Its heading, if it has one.
    pub title: String,
    /// The sentence that summarizes it, if it has one.
    pub lead: String,
    /// What it shows.
    pub items: Vec<Item>,
}

impl Part {
    /// Blocks without a heading.
    #[must_use]
    pub fn untitled(anchor: &str, blocks: impl IntoIterator<Item = Block>) -> Self {
        Self { anchor: anchor.to_owned(), title: String::new(), lead: String::new(), items: Item::of(anchor, blocks) }
    }
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

impl Item {
    /// Blocks with anchors below `anchor`, without empty ones.
    pub fn of(anchor: &str, blocks: impl IntoIterator<Item = Block>) -> Vec<Self> {
        let shown = blocks.into_iter().enumerate().filter(|(_, block)| !block.is_empty());
        shown.map(|(position, block)| Self::Block { anchor: format!("{anchor}-{}", position + 1), block }).collect()
    }
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
