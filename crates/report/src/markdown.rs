//! The report as Markdown, for tickets and wikis.

use std::fmt::Write;

use pgdba_analysis::format::{Cell, Tree};
use pgdba_analysis::{Block, Chart, Figure, Table};
use pgdba_pg::text::fenced;

use crate::document::{Head, Item, Report};

/// The report as Markdown.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    if !report.title.is_empty() {
        paragraph(&mut out, &format!("# {}", escape(&report.title)));
    }
    if !report.about.is_empty() {
        paragraph(&mut out, &escape(&report.about.join(" · ")));
    }
    report.alarm.iter().for_each(|alarm| paragraph(&mut out, &format!("**{}**", escape(alarm))));
    report.head.iter().for_each(|shown| head(&mut out, shown));
    report.notes.iter().for_each(|note| paragraph(&mut out, &format!("> {}", escape(note))));
    for part in &report.parts {
        if !part.title.is_empty() {
            paragraph(&mut out, &format!("## {}", escape(&part.title)));
        }
        if !part.lead.is_empty() {
            paragraph(&mut out, &escape(&part.lead));
        }
        items(&mut out, &part.items);
    }
    out
}

fn head(out: &mut String, head: &Head) {
    match head {
        Head::Verdict { verdict, counts, coverage, .. } => {
            paragraph(out, &format!("**{}**: {}", verdict.words(), escape(counts)));
            paragraph(out, &escape(coverage));
        }
        Head::Diff { first, second, summary } => {
            paragraph(out, &format!("- first: {}\n- second: {}", escape(first), escape(second)));
            paragraph(out, &format!("**{}**", escape(summary)));
        }
        Head::Plan { summary, .. } => paragraph(out, &format!("**{}**", escape(summary))),
    }
}

fn items(out: &mut String, items_of: &[Item]) {
    for item in items_of {
        match item {
            Item::Block { block: shown, .. } => paragraph(out, &block(shown)),
            Item::Finding(found) => {
                paragraph(out, &format!("### {}: {}", found.severity.word(), escape(&found.summary)));
                paragraph(out, &escape(&found.rationale));
                items(out, &found.items);
                paragraph(out, &format!("*{}*", escape(&found.footnote)));
            }
            // The rule's page is one command away: `pgdba rule CODE`.
            Item::Fold { .. } => {}
        }
    }
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading { text } => format!("#### {}", escape(text)),
        Block::Paragraph { text } => escape(text),
        Block::Figures { items } => list(items.iter().map(figure)),
        Block::List { items } => list(items.iter().map(|item| escape(item))),
        Block::Code { caption, code } => captioned(caption, &fenced(code.language.word(), &code.text)),
        Block::Chart(shown) => chart(shown),
        Block::Table(rows) => table(rows),
        Block::Tree { caption, roots } => {
            captioned(caption, &roots.iter().flat_map(|root| tree("", root)).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// `text` below its caption, if it has one.
fn captioned(caption: &str, text: &str) -> String {
    if caption.is_empty() { text.to_owned() } else { format!("{}:\n\n{text}", escape(caption)) }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n")
}

/// `dead rows: **150 000** (threshold 25 050)`.
fn figure(figure: &Figure) -> String {
    let limit = figure.limit_text().map(|limit| format!(" ({})", escape(&limit)));
    format!("{}: **{}**{}", escape(&figure.label), escape(&figure.value.display()), limit.unwrap_or_default())
}

fn tree(indent: &str, node: &Tree) -> Vec<String> {
    let figures: Vec<String> = node.figures.iter().map(figure).collect();
    let figures = if figures.is_empty() { String::new() } else { format!(" ({})", figures.join(", ")) };
    let own = format!("{indent}- {}{figures}", escape(&node.label));
    let below = node.children.iter().flat_map(|child| tree(&format!("{indent}  "), child));
    std::iter::once(own).chain(below).collect()
}

/// A chart's text alternative: the figures themselves.
fn chart(chart: &Chart) -> String {
    let bars = chart.figures().iter();
    let bars = bars.map(|bar| format!("{}: **{}**", escape(&bar.label), escape(&bar.value.display())));
    let limits = chart.limits().iter();
    let limits = limits.map(|mark| format!("limit {}: {}", escape(&mark.label), escape(&mark.value.display())));
    captioned(chart.caption(), &list(bars.chain(limits)))
}

fn table(table: &Table) -> String {
    let cells = |texts: Vec<String>| format!("| {} |", texts.join(" | "));
    let headings = cells(table.columns.iter().map(|column| escape(&column.label)).collect());
    let rule = (0..table.columns.len()).map(|column| if table.is_numeric(column) { "--:" } else { "---" });
    let rule = cells(rule.map(str::to_owned).collect());
    let rows = table.rows.iter().map(|row| cells(row.iter().map(cell).collect()));
    let lines: Vec<String> = [headings, rule].into_iter().chain(rows).collect();
    let more = if table.hidden > 0 { format!("\n\nand {} more", table.hidden) } else { String::new() };
    lines.join("\n") + &more
}

/// The figure, and the result of a comparison.
fn cell(cell: &Cell) -> String {
    let text = escape(&cell.value.display());
    cell.tone.map_or_else(|| text.clone(), |tone| format!("{} {text}", escape(&tone.mark().to_string())))
}

/// Text from a snapshot, so that none of it becomes markup.
fn escape(text: &str) -> String {
    pgdba_pg::text::markdown(text)
}

/// Adds a paragraph, an empty line before it.
fn paragraph(out: &mut String, text: &str) {
    let gap = if out.is_empty() { "" } else { "\n" };
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{gap}{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_become_markup() {
        assert_eq!(escape("a|b<c>`d`"), "a\\|b\\<c\\>\\`d\\`");
    }
}
