//! The report as Markdown, for tickets and wikis.

use std::fmt::Write;

use pgdba_analysis::format::Tree;
use pgdba_analysis::{Block, Chart, Figure, Table};
use pgdba_pg::text::fenced;

use crate::document::{Item, Report};

/// The report as Markdown.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    line(&mut out, &format!("# {}\n", escape(&report.cluster)));
    line(&mut out, &format!("{}\n", escape(&report.about.join(" · "))));
    report.alarm.iter().for_each(|alarm| line(&mut out, &format!("**{}**\n", escape(alarm))));
    line(&mut out, &format!("**{}**: {}\n", report.verdict.words(), escape(&report.counts)));
    line(&mut out, &escape(&report.coverage));
    for note in &report.notes {
        line(&mut out, &format!("\n> {}", escape(note)));
    }
    for part in &report.parts {
        line(&mut out, &format!("\n## {}\n\n{}", escape(&part.title), escape(&part.lead)));
        items(&mut out, &part.items);
    }
    out
}

fn items(out: &mut String, items_of: &[Item]) {
    for item in items_of {
        match item {
            Item::Block { block: shown, .. } => block(out, shown),
            Item::Finding(found) => {
                line(out, &format!("\n### {}: {}", found.severity.word(), escape(&found.summary)));
                line(out, &format!("\n{}", escape(&found.rationale)));
                items(out, &found.items);
                line(out, &format!("\n*{}*", escape(&found.footnote)));
            }
            // The rule's page is one command away: `pgdba rule CODE`.
            Item::Fold { .. } => {}
        }
    }
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Heading { text } => line(out, &format!("\n#### {}", escape(text))),
        Block::Paragraph { text } => line(out, &format!("\n{}", escape(text))),
        Block::Figures { items } => {
            line(out, "");
            items.iter().for_each(|shown| line(out, &format!("- {}", figure(shown))));
        }
        Block::List { items } => {
            line(out, "");
            items.iter().for_each(|item| line(out, &format!("- {}", escape(item))));
        }
        Block::Code { caption, code } => {
            line(out, &format!("\n{}:\n\n{}", escape(caption), fenced(code.language.word(), &code.text)));
        }
        Block::Chart(shown) => chart(out, shown),
        Block::Table(rows) => table(out, rows),
        Block::Tree { caption, roots } => {
            line(out, &format!("\n{}:\n", escape(caption)));
            roots.iter().for_each(|root| tree(out, "", root));
        }
    }
}

/// `dead rows: **150 000** (threshold 25 050)`.
fn figure(figure: &Figure) -> String {
    let limit = figure.limit_text().map(|limit| format!(" ({})", escape(&limit)));
    format!("{}: **{}**{}", escape(&figure.label), escape(&figure.value.display()), limit.unwrap_or_default())
}

fn tree(out: &mut String, indent: &str, node: &Tree) {
    let figures: Vec<String> = node.figures.iter().map(figure).collect();
    let figures = if figures.is_empty() { String::new() } else { format!(" ({})", figures.join(", ")) };
    line(out, &format!("{indent}- {}{figures}", escape(&node.label)));
    node.children.iter().for_each(|child| tree(out, &format!("{indent}  "), child));
}

/// A chart's text alternative: the figures themselves.
fn chart(out: &mut String, chart: &Chart) {
    line(out, &format!("\n{}:\n", escape(chart.caption())));
    for bar in chart.figures() {
        line(out, &format!("- {}: **{}**", escape(&bar.label), escape(&bar.value.display())));
    }
    for mark in chart.limits() {
        line(out, &format!("- limit {}: {}", escape(&mark.label), escape(&mark.value.display())));
    }
}

fn table(out: &mut String, table: &Table) {
    let cells = |texts: Vec<String>| format!("| {} |", texts.join(" | "));
    line(out, &format!("\n{}", cells(table.columns.iter().map(|column| escape(&column.label)).collect())));
    let rule = (0..table.columns.len()).map(|column| if table.is_numeric(column) { "--:" } else { "---" });
    line(out, &cells(rule.map(str::to_owned).collect()));
    for row in &table.rows {
        line(out, &cells(row.iter().map(|cell| escape(&cell.value.display())).collect()));
    }
    if table.hidden > 0 {
        line(out, &format!("\nand {} more", table.hidden));
    }
}

/// Text from a snapshot, so that none of it becomes markup.
fn escape(text: &str) -> String {
    pgdba_pg::text::markdown(text)
}

fn line(out: &mut String, text: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_become_markup() {
        assert_eq!(escape("a|b<c>`d`"), "a\\|b\\<c\\>\\`d\\`");
    }
}
