//! The closed set of blocks that rules and topics show, and that every output format supports.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Chart, Figure, Quantity};

/// Rows that a table keeps. The snapshot has them all.
const MAX_ROWS: usize = 100;

/// A block that an output format can show.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A sub-heading.
    Heading {
        /// The heading.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// The text.
        text: String,
    },
    /// Named figures.
    Figures {
        /// The figures.
        items: Vec<Figure>,
    },
    /// Rows of figures.
    Table(Table),
    /// Figures as a picture.
    Chart(Chart),
    /// Short lines.
    List {
        /// One line each.
        items: Vec<String>,
    },
    /// Statements, commands or a query text, under a caption.
    Code {
        /// What it is.
        caption: String,
        /// The text.
        #[serde(flatten)]
        code: Code,
    },
    /// A tree, such as a plan or a chain of blocked sessions.
    Tree {
        /// What it shows.
        caption: String,
        /// The roots.
        roots: Vec<Tree>,
    },
}

impl<C: Into<Chart>> From<C> for Block {
    fn from(chart: C) -> Self {
        Self::Chart(chart.into())
    }
}

impl Block {
    /// A paragraph.
    pub fn paragraph(text: impl Into<String>) -> Self {
        Self::Paragraph { text: text.into() }
    }

    /// A sub-heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::Heading { text: text.into() }
    }

    /// SQL under a caption.
    pub fn sql(caption: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Code { caption: caption.into(), code: Code::sql(text) }
    }

    /// A shell command under a caption.
    pub fn shell(caption: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Code { caption: caption.into(), code: Code::shell(text) }
    }

    /// Lines of `postgresql.conf`.
    pub fn conf(text: impl Into<String>) -> Self {
        Self::Code { caption: Language::Conf.caption().to_owned(), code: Code::conf(text) }
    }

    /// Short lines.
    pub fn list<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List { items: items.into_iter().map(Into::into).collect() }
    }

    /// A tree without a caption.
    #[must_use]
    pub fn tree(roots: Vec<Tree>) -> Self {
        Self::Tree { caption: String::new(), roots }
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Heading { text } | Self::Paragraph { text } => text.is_empty(),
            Self::Figures { items } => items.is_empty(),
            Self::Table(table) => table.rows.is_empty(),
            Self::Chart(chart) => chart.figures().is_empty(),
            Self::List { items } => items.is_empty(),
            Self::Code { code, .. } => code.text.is_empty(),
            Self::Tree { roots, .. } => roots.is_empty(),
        }
    }
}

/// The language of a text that can be pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// SQL, for psql.
    Sql,
    /// A shell's commands.
    Shell,
    /// A JSON document.
    Json,
    /// Lines of `postgresql.conf`.
    Conf,
}

impl Language {
    /// The info string of a Markdown fence.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Shell => "sh",
            Self::Json => "json",
            Self::Conf => "ini",
        }
    }

    /// What the text is, as a caption.
    #[must_use]
    pub fn caption(self) -> &'static str {
        match self {
            Self::Sql => "SQL",
            Self::Shell => "Command",
            Self::Json => "JSON",
            Self::Conf => "postgresql.conf",
        }
    }
}

/// A text that can be pasted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Code {
    /// Its language.
    pub language: Language,
    /// The text.
    pub text: String,
}

impl Code {
    /// Statements.
    pub fn sql(text: impl Into<String>) -> Self {
        Self { language: Language::Sql, text: text.into() }
    }

    /// Commands.
    pub fn shell(text: impl Into<String>) -> Self {
        Self { language: Language::Shell, text: text.into() }
    }

    /// Lines of a configuration file.
    pub fn conf(text: impl Into<String>) -> Self {
        Self { language: Language::Conf, text: text.into() }
    }
}

/// Rows under headings.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// Rows in the order of the columns, most important first.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows were left out.
    pub hidden: u64,
}

impl Table {
    /// A table of the first rows; the others are counted and not made.
    #[must_use]
    pub fn new(
        caption: impl Into<String>,
        columns: &[(&str, &str)],
        rows: impl IntoIterator<Item = Vec<Quantity>, IntoIter: ExactSizeIterator>,
    ) -> Self {
        let rows = rows.into_iter();
        let hidden = rows.len().saturating_sub(MAX_ROWS);
        let kept = rows.take(MAX_ROWS);
        Self {
            caption: caption.into(),
            columns: columns.iter().map(|(key, label)| Column::new(key, label)).collect(),
            rows: kept.map(|row| row.into_iter().map(Cell::from).collect()).collect(),
            hidden: u64::try_from(hidden).unwrap_or(u64::MAX),
        }
    }

    /// A table of all rows, for an answer that is about them.
    #[must_use]
    pub fn whole(
        caption: impl Into<String>,
        columns: &[(&str, &str)],
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Self {
        let columns = columns.iter().map(|(key, label)| Column::new(key, label)).collect();
        Self { caption: caption.into(), columns, rows: rows.into_iter().collect(), hidden: 0 }
    }

    /// The same, with a column that contains long texts.
    #[must_use]
    pub fn with_long(mut self, key: &str) -> Self {
        self.columns.iter_mut().filter(|column| column.key == key).for_each(|column| column.is_long = true);
        self
    }

    /// Whether the column at `index` contains numbers; unknown values do not count.
    #[must_use]
    pub fn is_numeric(&self, index: usize) -> bool {
        self.rows.iter().filter_map(|row| row.get(index)).any(|cell| cell.value.is_number())
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    /// The stable word for it.
    pub key: String,
    /// Its heading.
    pub label: String,
    /// Whether it contains long texts, such as statements, for which a table in plain text would be too wide.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    pub is_long: bool,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(key: &str, label: &str) -> Self {
        Self { key: key.to_owned(), label: label.to_owned(), is_long: false }
    }

    /// The column of a figure.
    #[must_use]
    pub fn of(figure: &Figure) -> Self {
        Self::new(&figure.key, &figure.label)
    }
}

/// The result of a comparison for a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It became worse.
    Worse,
    /// It became better.
    Better,
}

impl Tone {
    /// The character before the figure.
    #[must_use]
    pub fn mark(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '−',
            Self::Worse => '▼',
            Self::Better => '▲',
        }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cell {
    /// The figure.
    #[serde(flatten)]
    pub value: Quantity,
    /// The result of a comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
}

impl<T: Into<Quantity>> From<T> for Cell {
    fn from(value: T) -> Self {
        Self { value: value.into(), tone: None }
    }
}

impl Cell {
    /// The same, with the result of a comparison.
    #[must_use]
    pub fn with_tone(self, tone: Option<Tone>) -> Self {
        Self { tone, ..self }
    }
}

/// A node of a tree.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Tree {
    /// What it is.
    pub label: String,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Its children.
    pub children: Vec<Tree>,
}

impl Tree {
    /// A node without figures or children.
    pub fn leaf(label: impl Into<String>) -> Self {
        Self { label: label.into(), figures: Vec::new(), children: Vec::new() }
    }

    /// The same, with lines below it.
    #[must_use]
    pub fn over<T: Into<String>>(self, lines: impl IntoIterator<Item = T>) -> Self {
        Self { children: lines.into_iter().map(Self::leaf).collect(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_counts_the_rows_it_left_out() {
        let rows = (0..250).map(|number: i32| {
            assert!(number < 100, "a row that nobody sees was made");
            vec![Quantity::from(i64::from(number))]
        });
        let table = Table::new("numbers", &[("number", "number")], rows);
        assert_eq!((table.rows.len(), table.hidden), (100, 150));
    }

    #[test]
    fn what_is_not_known_has_no_say_in_where_a_column_stands() {
        let row = |word: Option<&str>, count: Option<i64>| vec![Quantity::from(word), Quantity::from(count)];
        let table = Table::new("t", &[("a", "a"), ("b", "b")], [row(None, None), row(Some("default"), Some(1))]);
        assert_eq!((table.is_numeric(0), table.is_numeric(1)), (false, true));
    }

    #[test]
    fn a_cell_is_a_figure_in_json() {
        let json = serde_json::to_string(&Cell::from(pgdba_pg::Bytes(8192))).unwrap();
        assert_eq!(json, r#"{"unit":"bytes","value":8192}"#);
    }
}
