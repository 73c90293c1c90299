//! The terminal's face. Plain text; colour is the command line's business.

use std::borrow::Cow;
use std::fmt::Write;

use pgdba_analysis::Chart;
use pgdba_pg::text::{layout, message, one_line};

use crate::block::{Block, FindingBlock, Report, Table};

/// Columns of text before it is wrapped.
const WIDTH: usize = 100;

/// The report as plain text.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let about = report.about.join(" · ");
    line(&mut out, &printable(&report.cluster));
    line(&mut out, &about);
    out.push('\n');
    line(&mut out, &format!("{}: {}", report.verdict.words().to_uppercase(), report.counts));
    for note in &report.notes {
        wrapped(&mut out, "  ", note);
    }
    for part in &report.parts {
        out.push('\n');
        line(&mut out, &format!("== {} ==", part.title));
        wrapped(&mut out, "", &part.lead);
        blocks(&mut out, "", &part.blocks);
    }
    out
}

fn blocks(out: &mut String, indent: &str, blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Heading(text) => line(out, &format!("{indent}{text}:")),
            Block::Paragraph(text) => wrapped(out, indent, text),
            Block::Figures(figures) => {
                for figure in figures {
                    let limit = figure.limit.as_ref().map(|limit| format!(" (against {})", limit.text));
                    let value = format!("{}{}", figure.value.text, limit.unwrap_or_default());
                    line(out, &format!("{indent}{}: {value}", figure.name));
                }
            }
            Block::List(items) => items.iter().for_each(|item| wrapped(out, &format!("{indent}- "), item)),
            Block::Sql { caption, text } => {
                line(out, &format!("{indent}{caption}:"));
                layout(text).lines().for_each(|sql| out.push_str(&format!("{indent}    {sql}\n")));
            }
            Block::Chart(block) => chart(out, indent, &block.chart),
            Block::Table(rows) => table(out, indent, rows),
            Block::Finding(found) => finding(out, indent, found),
            // The rule's page is one command away: `pgdba rule CODE`.
            Block::Fold { .. } => {}
        }
    }
}

fn finding(out: &mut String, indent: &str, found: &FindingBlock) {
    out.push('\n');
    line(out, &format!("{indent}[{}] {}", found.severity.word().to_uppercase(), found.summary));
    let inner = format!("{indent}    ");
    wrapped(out, &inner, &found.rationale);
    blocks(out, &inner, &found.blocks);
    wrapped(out, &inner, &found.footnote);
}

/// Columns of a chart's longest bar.
const BAR: f64 = 40.0;

fn chart(out: &mut String, indent: &str, chart: &Chart) {
    line(out, &format!("{indent}{}:", chart.caption));
    let lines = || chart.bars.iter().map(|bar| (bar, '█')).chain(chart.marks.iter().map(|mark| (mark, '░')));
    let longest = lines().map(|(bar, _)| bar.size()).fold(0.0, f64::max);
    let width = lines().map(|(bar, _)| printable(&bar.label).chars().count()).max().unwrap_or(0);
    for (bar, fill) in lines() {
        let length = (bar.size() / longest * BAR).round().max(1.0) as usize;
        let label = printable(&bar.label);
        line(out, &format!("{indent}  {label:<width$}  {} {}", fill.to_string().repeat(length), bar.value.display()));
    }
}

fn table(out: &mut String, indent: &str, table: &Table) {
    let width = |column: usize| {
        let cells =
            table.rows.iter().filter_map(|row| row.get(column)).map(|cell| printable(&cell.text).chars().count());
        let heading = table.columns.get(column).map_or(0, |heading| heading.chars().count());
        cells.chain([heading]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let headings: Vec<&str> = table.columns.iter().map(String::as_str).collect();
    row(out, indent, &widths, table, &headings);
    for cells in &table.rows {
        let texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
        row(out, indent, &widths, table, &texts);
    }
    if table.hidden > 0 {
        line(out, &format!("{indent}{} more rows are in the snapshot", table.hidden));
    }
}

fn row(out: &mut String, indent: &str, widths: &[usize], table: &Table, texts: &[&str]) {
    let padded = texts.iter().zip(widths).enumerate().map(|(column, (text, width))| {
        let text = printable(text);
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

/// A text from a server as part of a line: it does not steer the terminal, and breaks no line.
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
