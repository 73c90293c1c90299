//! The Markdown face, for tickets and wikis.

use std::fmt::Write;

use pgdba_analysis::Chart;
use pgdba_pg::text::fenced;

use crate::block::{Block, Report, Table};

/// The report as Markdown.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    line(&mut out, &format!("# {}\n", escape(&report.cluster)));
    line(&mut out, &format!("{}\n", escape(&report.about.join(" · "))));
    line(&mut out, &format!("**{}**: {}", report.verdict.words(), report.counts));
    for note in &report.notes {
        line(&mut out, &format!("\n> {}", escape(note)));
    }
    for part in &report.parts {
        line(&mut out, &format!("\n## {}\n\n{}", part.title, escape(&part.lead)));
        blocks(&mut out, &part.blocks);
    }
    out
}

fn blocks(out: &mut String, blocks_of: &[Block]) {
    for block in blocks_of {
        match block {
            Block::Heading(text) => line(out, &format!("\n#### {}", escape(text))),
            Block::Paragraph(text) => line(out, &format!("\n{}", escape(text))),
            Block::Figures(figures) => {
                line(out, "");
                for figure in figures {
                    let limit = figure.limit.as_ref().map(|limit| format!(" (against {})", escape(&limit.text)));
                    let value = escape(&figure.value.text);
                    line(out, &format!("- {}: **{value}**{}", escape(&figure.name), limit.unwrap_or_default()));
                }
            }
            Block::List(items) => items.iter().for_each(|item| line(out, &format!("- {}", escape(item)))),
            Block::Sql { caption, text } => {
                line(out, &format!("\n{}:\n\n{}", escape(caption), fenced("sql", text)));
            }
            Block::Chart(block) => chart(out, &block.chart),
            Block::Table(rows) => table(out, rows),
            Block::Finding(found) => {
                line(out, &format!("\n### {}: {}", found.severity.word(), escape(&found.summary)));
                line(out, &format!("\n{}", escape(&found.rationale)));
                blocks(out, &found.blocks);
                line(out, &format!("\n*{}*", escape(&found.footnote)));
            }
            // The rule's page is one command away: `pgdba rule CODE`.
            Block::Fold { .. } => {}
        }
    }
}

/// A chart's text alternative: the figures themselves.
fn chart(out: &mut String, chart: &Chart) {
    line(out, &format!("\n{}:\n", escape(&chart.caption)));
    for bar in &chart.bars {
        line(out, &format!("- {}: **{}**", escape(&bar.label), escape(&bar.value.display())));
    }
    for mark in &chart.marks {
        line(out, &format!("- limit {}: {}", escape(&mark.label), escape(&mark.value.display())));
    }
}

fn table(out: &mut String, table: &Table) {
    let cells = |texts: Vec<String>| format!("| {} |", texts.join(" | "));
    line(out, &format!("\n{}", cells(table.columns.iter().map(|column| escape(column)).collect())));
    let rule = (0..table.columns.len()).map(|column| if table.is_numeric(column) { "--:" } else { "---" });
    line(out, &cells(rule.map(str::to_owned).collect()));
    for row in &table.rows {
        line(out, &cells(row.iter().map(|cell| escape(&cell.text)).collect()));
    }
    if table.hidden > 0 {
        line(out, &format!("\n{} more rows are in the snapshot.", table.hidden));
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
