//! Tables of psql and other clients, and Markdown.

/// The name of the only column.
const COLUMN: &str = "QUERY PLAN";

/// The characters that borders consist of.
const BORDERS: &str = "-+=:|─│├┤┼┌┐└┘┬┴═║╔╗╚╝╠╣╬╞╡╟╢╪╫·";

/// The vertical lines between cells.
const VERTICAL: [char; 3] = ['|', '│', '║'];

/// The table that a reader is in.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// None that is known.
    #[default]
    None,
    /// A header without vertical lines, whose first row shows what follows.
    Undecided,
    /// psql with its usual border: a blank before each line.
    Aligned,
    /// Only a line behind each cell, as in DBeaver.
    ClosedRight,
    /// A vertical line on both sides.
    Bordered,
    /// Nothing around the lines.
    Bare,
}

/// Where a reader is in a table.
#[derive(Debug, Default)]
pub(super) struct Table {
    style: Style,
    /// Whether a blank separates the cells from their borders; unknown before the first row, which is the root of the plan.
    is_padded: Option<bool>,
}

impl Table {
    /// A line without the borders of its table; none if the line is only one of them, within a plan.
    pub(super) fn strip<'l>(&mut self, line: &'l str) -> Option<&'l str> {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            *self = Self::default();
            return Some("");
        }
        if is_record(trimmed) {
            return None;
        }
        if let Some(style) = header(line) {
            *self = Self { style, is_padded: None };
            return Some("");
        }
        if let Some(cell) = expanded(trimmed) {
            return Some(cell);
        }
        if self.style != Style::None && (is_border(trimmed) || is_footer(trimmed)) {
            if is_footer(trimmed) {
                *self = Self::default();
            }
            return Some("");
        }
        Some(self.cell(line))
    }

    fn cell<'l>(&mut self, line: &'l str) -> &'l str {
        if self.style == Style::Undecided && !line.trim().is_empty() {
            self.style = if line.starts_with(' ') { Style::Aligned } else { Style::Bare };
        }
        let inner = line.trim_start().strip_prefix(VERTICAL);
        match (self.style, inner) {
            (Style::Aligned, _) => line.strip_prefix(' ').unwrap_or(line),
            (Style::ClosedRight, _) => without_right(line),
            (Style::Bordered, Some(inner)) => self.bordered(inner),
            // A border without the header: only a part was copied.
            (Style::None, Some(inner)) if line.trim_end().ends_with(VERTICAL) && line.trim().len() > 1 => {
                self.bordered(inner)
            }
            _ => line,
        }
    }

    /// The cell behind its left border.
    fn bordered<'l>(&mut self, inner: &'l str) -> &'l str {
        let is_padded = *self.is_padded.get_or_insert(inner.starts_with(' '));
        without_right(inner.strip_prefix(' ').filter(|_| is_padded).unwrap_or(inner))
    }
}

fn without_right(line: &str) -> &str {
    line.trim_end().strip_suffix(VERTICAL).unwrap_or(line).trim_end()
}

/// The style of a table whose header this line is.
fn header(line: &str) -> Option<Style> {
    let trimmed = line.trim();
    let name = trimmed.trim_matches(VERTICAL).trim().trim_matches('"');
    if name != COLUMN {
        return None;
    }
    Some(match (trimmed.starts_with(VERTICAL), trimmed.ends_with(VERTICAL)) {
        (true, _) => Style::Bordered,
        (false, true) => Style::ClosedRight,
        _ => Style::Undecided,
    })
}

/// `QUERY PLAN | Limit  (…)`: a row of the expanded form.
fn expanded(trimmed: &str) -> Option<&str> {
    let (inner, is_bordered) = match trimmed.strip_prefix(VERTICAL) {
        Some(inner) => (inner.trim_start(), true),
        None => (trimmed, false),
    };
    let rest = inner.strip_prefix(COLUMN)?.trim_start().strip_prefix(VERTICAL)?;
    let cell = rest.strip_prefix(' ').unwrap_or(rest);
    Some(if is_bordered { without_right(cell) } else { cell })
}

/// `-[ RECORD 1 ]----`, in any language.
fn is_record(trimmed: &str) -> bool {
    let inner = trimmed.trim_matches(|c: char| BORDERS.contains(c));
    let words = inner.strip_prefix("[ ").and_then(|inner| inner.strip_suffix(" ]"));
    let number = words.and_then(|words| words.rsplit_once(' ')).map(|(_, number)| number);
    inner.len() < trimmed.len() && number.is_some_and(|number| number.parse::<u64>().is_ok())
}

fn is_border(trimmed: &str) -> bool {
    trimmed.chars().count() > 2 && trimmed.chars().all(|c| BORDERS.contains(c))
}

/// `(12 rows)`, in any language.
fn is_footer(trimmed: &str) -> bool {
    let inner = trimmed.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let parts = inner.and_then(|inner| inner.split_once(' '));
    parts.is_some_and(|(count, word)| count.parse::<u64>().is_ok() && word.chars().all(char::is_alphabetic))
}
