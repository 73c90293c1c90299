//! The report as plain text; the command line adds colors.

use std::borrow::Cow;
use std::fmt::Write;

use pgdba_analysis::format::{Cell, Tree};
use pgdba_analysis::{Block, Chart, Figure, Finding, Table};
use pgdba_pg::text::{layout, message, one_line};

use crate::document::{FindingItem, Item, Report};

/// Columns of text before it is wrapped.
const WIDTH: usize = 100;

/// The report as plain text.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let about: Vec<Cow<'_, str>> = report.about.iter().map(|part| printable(part)).collect();
    line(&mut out, &printable(&report.cluster));
    line(&mut out, &about.join(" · "));
    if let Some(alarm) = &report.alarm {
        out.push('\n');
        wrapped(&mut out, "!! ", alarm);
    }
    out.push('\n');
    line(&mut out, &format!("{}: {}", report.verdict.words().to_uppercase(), report.counts));
    wrapped(&mut out, "  ", &report.coverage);
    for note in &report.notes {
        wrapped(&mut out, "  ", note);
    }
    for part in &report.parts {
        out.push('\n');
        line(&mut out, &format!("== {} ==", part.title));
        wrapped(&mut out, "", &part.lead);
        items(&mut out, "", &part.items);
    }
    out
}

/// One finding as plain text.
#[must_use]
pub fn finding(found: &Finding) -> String {
    let mut out = String::new();
    finding_item(&mut out, "", &FindingItem::of("finding", found));
    out
}

fn items(out: &mut String, indent: &str, items_of: &[Item]) {
    for item in items_of {
        match item {
            Item::Block { block: shown, .. } => block(out, indent, shown),
            Item::Finding(found) => finding_item(out, indent, found),
            // The rule's page is one command away: `pgdba rule CODE`.
            Item::Fold { .. } => {}
        }
    }
}

fn finding_item(out: &mut String, indent: &str, found: &FindingItem) {
    out.push('\n');
    line(out, &format!("{indent}[{}] {}", found.severity.word().to_uppercase(), printable(&found.summary)));
    let inner = format!("{indent}    ");
    wrapped(out, &inner, &found.rationale);
    items(out, &inner, &found.items);
    wrapped(out, &inner, &found.footnote);
}

fn block(out: &mut String, indent: &str, block: &Block) {
    match block {
        Block::Heading { text } => line(out, &format!("{indent}{text}:")),
        Block::Paragraph { text } => wrapped(out, indent, text),
        Block::Figures { items } => items.iter().for_each(|shown| line(out, &format!("{indent}{}", figure(shown)))),
        Block::List { items } => items.iter().for_each(|item| wrapped(out, &format!("{indent}- "), item)),
        Block::Code { caption, code } => {
            line(out, &format!("{indent}{caption}:"));
            layout(&code.text).lines().for_each(|text| out.push_str(&format!("{indent}    {text}\n")));
        }
        Block::Chart(shown) => chart(out, indent, shown),
        Block::Table(rows) => table(out, indent, rows),
        Block::Tree { caption, roots } => {
            line(out, &format!("{indent}{caption}:"));
            roots.iter().for_each(|root| tree(out, &format!("{indent}  "), root));
        }
    }
}

/// `dead rows: 150 000 (threshold 25 050)`.
fn figure(figure: &Figure) -> String {
    let limit = figure.limit_text().map(|limit| format!(" ({})", printable(&limit)));
    format!("{}: {}{}", printable(&figure.label), printable(&figure.value.display()), limit.unwrap_or_default())
}

fn tree(out: &mut String, indent: &str, node: &Tree) {
    let figures: Vec<String> = node.figures.iter().map(figure).collect();
    let figures = if figures.is_empty() { String::new() } else { format!("  ({})", figures.join(", ")) };
    line(out, &format!("{indent}{}{figures}", printable(&node.label)));
    node.children.iter().for_each(|child| tree(out, &format!("{indent}  "), child));
}

/// Columns of a chart's longest figure.
const BAR: f64 = 40.0;

fn chart(out: &mut String, indent: &str, chart: &Chart) {
    line(out, &format!("{indent}{}:", chart.caption()));
    let lines = || chart.figures().iter().map(|bar| (bar, '█')).chain(chart.limits().iter().map(|mark| (mark, '░')));
    let longest = lines().map(|(bar, _)| bar.size()).fold(0.0, f64::max);
    let width = lines().map(|(bar, _)| printable(&bar.label).chars().count()).max().unwrap_or(0);
    for (bar, fill) in lines() {
        let length = (bar.size() / longest * BAR).round().max(1.0) as usize;
        let label = printable(&bar.label);
        line(out, &format!("{indent}  {label:<width$}  {} {}", fill.to_string().repeat(length), bar.value.display()));
    }
}

fn table(out: &mut String, indent: &str, table: &Table) {
    let headings: Vec<String> = table.columns.iter().map(|column| printable(&column.label).into_owned()).collect();
    let texts = |row: &Vec<Cell>| row.iter().map(|cell| printable(&cell.value.display()).into_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(headings).chain(table.rows.iter().map(texts)).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    rows.iter().for_each(|cells| row(out, indent, &widths, table, cells));
    if table.hidden > 0 {
        line(out, &format!("{indent}and {} more", table.hidden));
    }
}

fn row(out: &mut String, indent: &str, widths: &[usize], table: &Table, texts: &[String]) {
    let padded = texts.iter().zip(widths).enumerate().map(|(column, (text, width))| {
        if table.is_numeric(column) { format!("{text:>width$}") } else { format!("{text:<width$}") }
    });
    line(out, format!("{indent}{}", padded.collect::<Vec<_>>().join("  ")).trim_end());
}

/// Words of `text` in lines of [`WIDTH`], the later ones under the first.
fn wrapped(out: &mut String, indent: &str, text: &str) {
    let hanging = " ".repeat(indent.chars().count());
    let mut current = indent.to_owned();
    for word in printable(text).split_whitespace() {
        let is_empty = current.trim().is_empty() || current == indent;
        if !is_empty && current.chars().count() + 1 + word.chars().count() > WIDTH {
            line(out, &current);
            current.clone_from(&hanging);
        } else if !is_empty {
            current.push(' ');
        }
        current.push_str(word);
    }
    line(out, &current);
}

fn line(out: &mut String, text: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{}", message(text));
}

/// Text from a server as part of a line: it must not control the terminal, nor break the line.
fn printable(text: &str) -> Cow<'_, str> {
    one_line(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        let mut out = String::new();
        wrapped(&mut out, "", "a\u{1b}[31mb");
        assert_eq!(out, "a\\u001B[31mb\n");
    }

    #[test]
    fn long_texts_wrap_under_their_beginning() {
        let mut out = String::new();
        wrapped(&mut out, "- ", &"word ".repeat(40));
        assert!(out.lines().all(|line| line.chars().count() <= WIDTH), "{out}");
        assert!(out.lines().nth(1).is_some_and(|line| line.starts_with("  word")), "{out}");
    }
}
