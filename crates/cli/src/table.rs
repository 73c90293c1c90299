//! A small table for a command's answer, as text and as Markdown.

pub(crate) use pgdba_pg::text::markdown as escape;

use crate::terminal::one_line;

/// Columns that a cell keeps however narrow the terminal is.
const NARROWEST: usize = 10;

/// Percent of its own width on which a table is still one.
const TOLERABLE: usize = 80;

/// Rows under headings.
pub(crate) struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table of these rows.
    pub(crate) fn new(headings: [&'static str; N], rows: impl IntoIterator<Item = [String; N]>) -> Self {
        Self { headings, rows: rows.into_iter().collect() }
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Columns under each other, two blanks between them.
    pub(crate) fn text(&self) -> String {
        self.text_within(None)
    }

    /// The same on a terminal of so many columns: what is too long goes on under its beginning; the first column is never
    /// broken, since it holds names. Where too much would be broken, the other columns stand under the first two instead.
    pub(crate) fn text_within(&self, columns: Option<usize>) -> String {
        let headings = self.headings.map(str::to_owned);
        let lines: Vec<[String; N]> =
            std::iter::once(&headings).chain(&self.rows).map(|row| row.each_ref().map(|cell| one_line(cell))).collect();
        let mut widths = [0; N];
        for line in &lines {
            widths.iter_mut().zip(line).for_each(|(width, cell)| *width = cell.chars().count().max(*width));
        }
        let Some(columns) = columns else { return lines.iter().map(|line| wrapped_row(line, widths)).collect() };
        if total(&widths) * TOLERABLE > columns * 100 {
            let width = widths.first().copied().unwrap_or(0);
            return lines.iter().skip(1).map(|row| self.stacked(row, width, columns)).collect();
        }
        narrow(&mut widths, columns);
        lines.iter().map(|line| wrapped_row(line, widths)).collect()
    }

    /// The first two cells beside each other, the others under them: `heading cell · heading cell`.
    fn stacked(&self, row: &[String; N], width: usize, columns: usize) -> String {
        let [first, second, rest @ ..] = row.as_slice() else { return String::new() };
        let second_width = columns.saturating_sub(width + 2).max(NARROWEST).min(second.chars().count());
        let head = wrapped_row(&[first.clone(), second.clone()], [width, second_width]);
        let cells = self.headings.iter().skip(2).zip(rest).filter(|(_, cell)| !cell.is_empty());
        let cells: Vec<String> = cells.map(|(heading, cell)| format!("{heading} {cell}")).collect();
        let indent = first.chars().take_while(|c| *c == ' ').count() + 4;
        if cells.is_empty() { head } else { head + &indented(indent, &cells.join(" · "), columns) }
    }

    /// A Markdown table; nothing in a cell becomes markup.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = line(self.headings.map(str::to_owned).to_vec()) + &line(vec!["---".to_owned(); N]);
        self.rows.iter().for_each(|row| out.push_str(&line(row.iter().map(|cell| escape(cell)).collect())));
        out
    }
}

/// The columns of a row of such widths.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
}

/// A text under an indent; what goes on in another line is indented further.
pub(crate) fn indented(indent: usize, text: &str, columns: usize) -> String {
    let (first, later) = (" ".repeat(indent), " ".repeat(indent + 4));
    let lines = wrap(text, columns.saturating_sub(indent + 4));
    let lines =
        lines.iter().enumerate().map(|(number, line)| format!("{}{line}\n", if number == 0 { &first } else { &later }));
    lines.collect()
}

/// Takes from the widest columns until all fit, or until none of them can give more.
fn narrow<const N: usize>(widths: &mut [usize; N], columns: usize) {
    while total(widths) > columns {
        match widths.iter_mut().skip(1).max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

/// One row, in as many lines as its longest cell needs.
fn wrapped_row<const N: usize>(cells: &[String; N], widths: [usize; N]) -> String {
    let mut index = 0;
    let parts = cells.each_ref().map(|cell| {
        let width = widths.get(index).copied().unwrap_or(0);
        index += 1;
        wrap(cell, width)
    });
    let lines = parts.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let cells = parts.iter().zip(widths).map(|(part, width)| {
            let text = part.get(number).map_or("", String::as_str);
            format!("{text:<width$}")
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    (0..lines).map(line).collect()
}

/// `text` in lines of `width`, broken where a blank, a comma or a slash is; in the middle of a word only where it must be.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > width.max(1) {
        let head = rest.get(..=width).unwrap_or_default();
        // A blank may stand just behind the last column; a comma or a slash stays on its line.
        let blank = head.iter().rposition(|c| *c == ' ').filter(|at| *at > 0);
        let mark = head.iter().take(width).rposition(|c| ",/".contains(*c)).map(|at| at + 1);
        let at = blank.or(mark.filter(|at| *at > 1)).unwrap_or(width.max(1));
        let tail = rest.split_off(at.min(rest.len()));
        lines.push(rest.iter().collect::<String>().trim_end().to_owned());
        rest = tail.into_iter().skip_while(|c| *c == ' ').collect();
    }
    lines.push(rest.into_iter().collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_cells_do_not_become_markup() {
        let rows = [["a".to_owned(), "x|y".to_owned()], ["long_name".to_owned(), String::new()]];
        let table = Table::new(["name", "tags"], rows);
        assert_eq!(table.text(), "name       tags\na          x|y\nlong_name\n");
        assert_eq!(table.markdown(), "| name | tags |\n| --- | --- |\n| a | x\\|y |\n| long\\_name |  |\n");
    }

    #[test]
    fn what_is_too_long_for_the_terminal_goes_on_under_its_beginning() {
        let row = ["a_long_name", "one, two and three", "/etc/postgresql/main.conf"].map(str::to_owned);
        let table = Table::new(["name", "value", "file"], [row]);
        assert_eq!(
            table.text_within(Some(48)),
            "name         value              file\n\
             a_long_name  one, two and       /etc/postgresql/\n\
             \x20            three              main.conf\n"
        );
        assert_eq!(table.text_within(Some(200)), table.text());
        assert_eq!(
            table.text_within(Some(40)),
            "a_long_name  one, two and three\n    file /etc/postgresql/main.conf\n"
        );
        assert!(!table.text_within(Some(1)).is_empty());
    }

    #[test]
    fn a_text_is_broken_at_blanks_and_where_it_must() {
        assert_eq!(wrap("abc def", 3), ["abc", "def"]);
        assert_eq!(wrap("ab cd ef", 7), ["ab cd", "ef"]);
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("a b", 0), ["a", "b"]);
    }

    #[test]
    fn no_cell_steers_the_terminal() {
        let table = Table::new(["name"], [["a\u{1b}[31m\nb\u{202e}".to_owned()]]);
        assert_eq!(table.text(), "name\na\\u001B[31m\\nb\\u202E\n");
        assert!(!table.markdown().contains('\u{1b}'));
    }
}
