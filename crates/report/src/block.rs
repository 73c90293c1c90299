//! The closed set of things that a face can show.

use pgdba_analysis::{Chart, Quantity, Severity, Verdict};

/// An analysis arranged for reading: the first screen, then the parts.
#[derive(Debug, Clone)]
pub struct Report {
    /// The cluster's name.
    pub cluster: String,
    /// Version, role, time and way of collection, in one line.
    pub about: Vec<String>,
    /// The state in one word.
    pub verdict: Verdict,
    /// The gravest severity found, which colours the verdict.
    pub worst: Option<Severity>,
    /// Counts behind the verdict, such as "2 critical, 1 warning".
    pub counts: String,
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
    pub blocks: Vec<Block>,
}

/// One thing that a face can show.
#[derive(Debug, Clone)]
pub enum Block {
    /// A sub-heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Named figures.
    Figures(Vec<Figure>),
    /// Rows of figures.
    Table(Table),
    /// Bars.
    Chart(ChartBlock),
    /// Short lines.
    List(Vec<String>),
    /// A statement that can be copied, under a caption.
    Sql {
        /// What it is for.
        caption: String,
        /// The text.
        text: String,
    },
    /// A finding with all it carries.
    Finding(Box<FindingBlock>),
    /// Blocks behind a line that opens them.
    Fold {
        /// The line.
        summary: String,
        /// What is behind it.
        blocks: Vec<Block>,
    },
}

/// A named figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// The figure.
    pub value: Cell,
    /// What it was held against.
    pub limit: Option<Cell>,
}

/// A figure ready to be shown.
#[derive(Debug, Clone)]
pub struct Cell {
    /// As people read it.
    pub text: String,
    /// The exact figure, where the text rounds.
    pub exact: Option<String>,
    /// Whether it stands at the right.
    pub is_number: bool,
}

impl From<&Quantity> for Cell {
    fn from(quantity: &Quantity) -> Self {
        Self { text: quantity.display(), exact: quantity.exact(), is_number: quantity.is_number() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), exact: None, is_number: false }
    }
}

/// Rows under headings.
#[derive(Debug, Clone)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The headings; a column holds numbers if any of its cells does.
    pub columns: Vec<String>,
    /// The rows shown.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows there are that are not shown.
    pub hidden: u64,
}

impl Table {
    /// Whether the column at `index` stands at the right.
    #[must_use]
    pub fn is_numeric(&self, index: usize) -> bool {
        self.rows.iter().filter_map(|row| row.get(index)).any(|cell| cell.is_number)
    }
}

/// A chart ready to be shown.
#[derive(Debug, Clone)]
pub struct ChartBlock {
    /// Its anchor, used for nothing else in the report.
    pub anchor: String,
    /// What it shows.
    pub chart: Chart,
}

/// A finding ready to be shown.
#[derive(Debug, Clone)]
pub struct FindingBlock {
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
    pub blocks: Vec<Block>,
    /// Code, area, subject and confidence, in one line.
    pub footnote: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_has_no_say_in_where_a_column_stands() {
        let row = |word: Option<&str>, count: Option<i64>| {
            vec![Cell::from(&Quantity::from(word)), Cell::from(&Quantity::from(count))]
        };
        let rows = vec![row(None, None), row(Some("default"), Some(1)), row(None, None)];
        let table = Table { caption: String::new(), columns: Vec::new(), rows, hidden: 0 };
        assert_eq!((table.is_numeric(0), table.is_numeric(1)), (false, true));
    }
}
