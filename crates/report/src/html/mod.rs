//! The report as a single HTML file: no external references, a strict content security policy, readable without scripts.

use askama::Template;
use base64::Engine;
use pgdba_analysis::format::{Cell, Tone, Tree};
use pgdba_analysis::{Block, Chart, Severity, Table, Verdict};
use sha2::{Digest, Sha256};

use crate::chart;
use crate::document::{Head, Item, Report};

/// The style of the report; the page shows the report with the same.
pub const STYLE: &str = include_str!("../../templates/report.css");

/// The script: buttons that copy SQL, and folds that open for printing.
pub const SCRIPT: &str = include_str!("../../templates/report.js");

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    style_hash: String,
    script_hash: String,
}

#[derive(Template)]
#[template(path = "items.html")]
struct Items<'a> {
    items: &'a [Item],
}

#[derive(Template)]
#[template(path = "tree.html")]
struct Nodes<'a> {
    nodes: &'a [Tree],
}

/// The whole file.
#[must_use]
pub fn render(report: &Report) -> String {
    let page = Page { report, style_hash: hash(STYLE), script_hash: hash(SCRIPT) };
    page.render().unwrap_or_else(unwritable)
}

/// Items inside items. The result is HTML, which the templates mark with `|safe`.
fn nested(items: &[Item]) -> String {
    Items { items }.render().unwrap_or_else(unwritable)
}

/// Nodes below a node, likewise.
fn nodes(nodes: &[Tree]) -> String {
    Nodes { nodes }.render().unwrap_or_else(unwritable)
}

/// A chart, as SVG.
fn svg(chart: &Chart, anchor: &str) -> String {
    chart::svg(chart, anchor).unwrap_or_else(unwritable)
}

/// Writing into a string cannot fail; if a template ever does, the reader sees that a part is missing.
fn unwritable(error: impl std::fmt::Display) -> String {
    format!("<p>Could not render this part: {error}</p>")
}

/// The source expression of a Content-Security-Policy for exactly this text.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// What a browser shows as the title of the file.
fn title(report: &Report) -> String {
    match &report.head {
        Some(Head::Verdict { verdict, .. }) => format!("{}: {}", report.title, verdict.words()),
        Some(Head::Diff { .. }) => format!("{}: differences", report.title),
        Some(Head::Plan { .. }) => format!("{}: plan", report.title),
        None if report.title.is_empty() => "Answer".to_owned(),
        None => report.title.clone(),
    }
}

/// The color class of the result of a comparison.
fn tone_class(cell: &Cell) -> &'static str {
    match cell.tone {
        Some(Tone::Added) => " added",
        Some(Tone::Removed) => " removed",
        Some(Tone::Worse) => " worse",
        Some(Tone::Better) => " better",
        None => "",
    }
}

/// The color class of a severity.
fn class(severity: &Severity) -> &'static str {
    severity.word()
}

/// The color class of a verdict.
fn verdict_class(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::ActNow => "critical",
        Verdict::NeedsAttention => "warning",
        Verdict::HealthyWithSuggestions => "notice",
        Verdict::Healthy => "ok",
        Verdict::Incomplete => "info",
    }
}

/// The exact figure of a cell, where what is shown rounds it.
fn exact(cell: &Cell) -> Option<String> {
    cell.value.exact()
}

/// `num` for the cells of a column of numbers.
fn column_class(table: &Table, index: &usize) -> &'static str {
    if table.is_numeric(*index) { "num" } else { "" }
}

#[cfg(test)]
mod tests {
    use pgdba_analysis::{Block, Figure, Quantity};

    use super::*;

    fn with_head(head: Head) -> String {
        render(&Report { title: "<b>".to_owned(), head: Some(head), ..Report::default() })
    }

    #[test]
    fn the_differences_of_two_states_name_both_and_mark_what_only_one_has() {
        let (first, second) = ("<i>one".to_owned(), "two".to_owned());
        let html = with_head(Head::Diff { first, second, summary: "1 differs.".to_owned() });
        assert!(html.contains("</strong> &lt;i&gt;one<br>") && html.contains("</strong> two</p>"), "{html}");
        assert!(html.contains("<title>&lt;b&gt;: differences – pgdba</title>"), "{html}");

        let cells = vec![Cell::from("work_mem"), Cell::from("4 MB").with_tone(Some(Tone::Added))];
        let table = Table::whole("t", &[("parameter", "parameter"), ("second", "second")], [cells]);
        let html = render(&[Block::Table(table)].into_iter().collect());
        assert!(html.contains(r#"<td class=" added"><span class="tone">+</span> 4 MB</td>"#), "{html}");
    }

    #[test]
    fn numbers_over_time_have_words_for_readers_who_cannot_see_them() {
        let items = vec![Figure::new("waiting", Quantity::Series(vec![0.0, 2.0, 4.0]))];
        let html = render(&[Block::Figures { items }].into_iter().collect());
        let expected = r#"<span class="spark" role="img" aria-label="3 samples: 0 to 4, last 4">▁▅█ 0 to 4</span>"#;
        assert!(html.contains(expected), "{html}");
    }

    #[test]
    fn a_plan_that_is_refused_looks_refused() {
        for (is_refused, class) in [(true, "verdict critical"), (false, "verdict notice")] {
            let html = with_head(Head::Plan { summary: "2 parameters would change.".to_owned(), is_refused });
            assert!(html.contains(&format!("class=\"{class}\"")), "{html}");
        }
    }
}
