//! A table as text: columns below each other, two blanks between them.

use pgdba_analysis::Table;
use pgdba_analysis::format::Cell;
use pgdba_pg::text::message;
use textwrap::core::display_width;

use super::layout;

/// Columns that a cell keeps, however narrow the terminal is.
const NARROWEST: usize = 10;

/// Percent of its own width below which a table is not shown as one.
const TOLERABLE: usize = 80;

/// Columns of a table with long texts where its lines may have any length.
const WITH_LONG_TEXTS: usize = 80;

/// The lines of a table on so many columns. What is too long goes on below its beginning; the first column is never
/// broken, since it holds names. Where too much would be broken, each row stands in lines of its own instead.
pub(super) fn lines(table: &Table, columns: Option<usize>) -> Vec<String> {
    let headings: Vec<String> = table.columns.iter().map(|column| message(&column.label).into_owned()).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let width = |column: usize| {
        let cells = std::iter::once(&headings).chain(&rows).filter_map(|row| row.get(column));
        cells.map(|cell| display_width(cell)).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let has_long_texts = table.columns.iter().any(|column| column.is_long);
    match columns.or(has_long_texts.then_some(WITH_LONG_TEXTS)) {
        Some(columns) if total(&widths) * TOLERABLE > columns * 100 => {
            // A number says nothing without its heading, which the second cell of a row does not have.
            let bare = if table.is_numeric(1) { 1 } else { 2 };
            return rows.iter().flat_map(|row| stacked(&headings, row, bare, &widths, columns)).collect();
        }
        Some(columns) => narrow(&mut widths, columns),
        None => {}
    }
    std::iter::once(&headings).chain(&rows).flat_map(|cells| row(table, cells, &widths)).collect()
}

/// The figure, and the result of a comparison.
fn cell(cell: &Cell) -> String {
    let shown = cell.value.display();
    let text = message(&shown);
    cell.tone.map_or_else(|| text.clone().into_owned(), |tone| format!("{} {text}", tone.mark()))
}

/// The columns of a row of these widths.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
}

/// Takes from the widest columns until all fit, or until none of them can give more.
fn narrow(widths: &mut [usize], columns: usize) {
    while total(widths) > columns {
        match widths.iter_mut().skip(1).max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

/// One row, in as many lines as its longest cell needs.
fn row(table: &Table, cells: &[String], widths: &[usize]) -> Vec<String> {
    let parts: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, width)| layout::cell(cell, *width)).collect();
    let height = parts.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let cells = parts.iter().zip(widths).enumerate().map(|(column, (part, width))| {
            let text = part.get(number).map_or("", String::as_str);
            let blanks = " ".repeat(width.saturating_sub(display_width(text)));
            if table.is_numeric(column) { format!("{blanks}{text}") } else { format!("{text}{blanks}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

/// The first one or two cells beside each other, without their headings, the others below: `heading cell · heading cell`.
fn stacked(headings: &[String], cells: &[String], bare: usize, widths: &[usize], columns: usize) -> Vec<String> {
    let (beside, below) = cells.split_at_checked(bare).unwrap_or((cells, &[]));
    let [first, beside @ ..] = beside else { return Vec::new() };
    let width = widths.first().copied().unwrap_or(0);
    let blanks = " ".repeat(width.saturating_sub(display_width(first)) + 2);
    let second = beside.first().map_or("", String::as_str);
    let second = layout::cell(second, columns.saturating_sub(width + 2).max(NARROWEST));
    let mut lines: Vec<String> = Vec::new();
    for (number, part) in second.iter().enumerate() {
        let head = if number == 0 { format!("{first}{blanks}") } else { " ".repeat(width + 2) };
        lines.push(format!("{head}{part}").trim_end().to_owned());
    }
    let others = headings.iter().skip(bare).zip(below).filter(|(_, cell)| !cell.is_empty());
    let others: Vec<String> = others.map(|(heading, cell)| format!("{heading} {cell}")).collect();
    if !others.is_empty() {
        let indent = " ".repeat(first.chars().take_while(|c| *c == ' ').count() + 4);
        let below = layout::cell(&others.join(" · "), columns.saturating_sub(indent.len() + 4));
        let below = below.iter().enumerate();
        lines.extend(below.map(|(number, text)| format!("{indent}{}{text}", if number == 0 { "" } else { "    " })));
    }
    lines
}

#[cfg(test)]
mod tests {
    use pgdba_analysis::format::Tone;

    use super::*;

    fn table(headings: &[&str], rows: &[&[&str]]) -> Table {
        let columns: Vec<(&str, &str)> = headings.iter().map(|heading| (*heading, *heading)).collect();
        let rows: Vec<_> = rows.iter().map(|row| row.iter().map(|cell| (*cell).into()).collect::<Vec<_>>()).collect();
        Table::new("t", &columns, rows)
    }

    #[test]
    fn columns_line_up_by_the_width_of_their_characters() {
        let table = table(&["name", "tags"], &[&["a", "x|y"], &["long_name", ""], &["表", "z"]]);
        assert_eq!(lines(&table, None), ["name       tags", "a          x|y", "long_name", "表         z"]);
    }

    #[test]
    fn what_is_too_long_for_the_terminal_goes_on_below_its_beginning() {
        let row = ["a_long_name", "one, two and three", "/etc/postgresql/main.conf"];
        let table = table(&["name", "value", "file"], &[&row]);
        assert_eq!(
            lines(&table, Some(48)),
            [
                "name         value              file",
                "a_long_name  one, two and       /etc/postgresql/",
                "             three              main.conf",
            ]
        );
        assert_eq!(lines(&table, Some(200)), lines(&table, None));
        assert_eq!(lines(&table, Some(40)), ["a_long_name  one, two and three", "    file /etc/postgresql/main.conf"]);
        assert!(!lines(&table, Some(1)).is_empty());
    }

    #[test]
    fn a_table_with_long_texts_is_readable_in_a_file_too() {
        let row = ["-42", &"select a from t ".repeat(10), "shop"];
        let table = table(&["query ID", "query", "database"], &[&row]);
        assert_eq!(lines(&table, None).len(), 2);
        let stacked = lines(&table.with_long("query"), None);
        assert!(stacked.iter().all(|line| line.chars().count() <= WITH_LONG_TEXTS), "{stacked:?}");
        assert_eq!(stacked.first().map(|line| line.starts_with("-42       select a")), Some(true), "{stacked:?}");
        assert_eq!(stacked.last().map(String::as_str), Some("    database shop"));
    }

    #[test]
    fn numbers_are_aligned_to_the_right() {
        let rows = [vec!["a".into(), 5.into()], vec!["b".into(), 1_234.into()]];
        let table = Table::new("t", &[("name", "name"), ("rows", "rows")], rows);
        assert_eq!(lines(&table, None), ["name  rows", "a        5", "b     1234"]);
    }

    #[test]
    fn a_number_below_a_row_has_its_heading() {
        let row = vec!["a_long_name".into(), 5.into(), "/etc/postgresql/main.conf".into()];
        let table = Table::new("t", &[("name", "name"), ("rows", "rows"), ("file", "file")], [row]);
        assert_eq!(lines(&table, Some(30)), ["a_long_name", "    rows 5 · file /etc/", "        postgresql/main.conf"]);
    }

    #[test]
    fn a_comparison_is_marked() {
        let mut table = table(&["name"], &[&["a"]]);
        table.rows[0][0].tone = Some(Tone::Added);
        assert_eq!(lines(&table, None), ["name", "+ a"]);
    }

    #[test]
    fn no_cell_steers_the_terminal() {
        let table = table(&["name"], &[&["a\u{1b}[31m\nb\u{202e}"]]);
        assert_eq!(lines(&table, None), ["name", "a\\u001B[31m\\nb\\u202E"]);
    }
}
