//! The report as plain text; the command line adds colors.

mod layout;
mod table;

use pgdba_analysis::format::Tree;
use pgdba_analysis::{Block, Chart, Figure, Table};
use pgdba_pg::text::{self, message};
use textwrap::core::display_width;

pub use self::layout::Layout;
use crate::document::{FindingItem, Head, Item, Part, Report};

/// The report as plain text.
#[must_use]
pub fn render(report: &Report, layout: Layout) -> String {
    let mut text = Text { out: String::new(), layout };
    text.report(report);
    text.out
}

/// A text as it grows.
struct Text {
    out: String,
    layout: Layout,
}

impl Text {
    fn report(&mut self, report: &Report) {
        if !report.title.is_empty() {
            self.prose("", &report.title);
        }
        if !report.about.is_empty() {
            self.prose("", &report.about.join(" · "));
        }
        if let Some(alarm) = &report.alarm {
            self.gap();
            self.prose("!! ", alarm);
        }
        if let Some(head) = &report.head {
            self.gap();
            self.head(head);
        }
        report.notes.iter().for_each(|note| self.prose("  ", note));
        report.parts.iter().for_each(|part| self.part(part));
    }

    fn head(&mut self, head: &Head) {
        match head {
            Head::Verdict { verdict, counts, coverage, .. } => {
                self.line(&format!("{}: {counts}", verdict.words().to_uppercase()));
                self.prose("  ", coverage);
            }
            Head::Diff { first, second, summary } => {
                self.prose("first:  ", first);
                self.prose("second: ", second);
                self.gap();
                self.prose("", summary);
            }
            Head::Plan { summary, .. } => self.prose("", summary),
        }
    }

    fn part(&mut self, part: &Part) {
        if !part.title.is_empty() {
            self.gap();
            self.line(&format!("== {} ==", part.title));
        }
        if !part.lead.is_empty() {
            self.prose("", &part.lead);
        }
        let mut is_below_heading = false;
        for item in &part.items {
            if !is_below_heading {
                self.gap();
            }
            self.item("", item);
            is_below_heading = matches!(item, Item::Block { block: Block::Heading { .. }, .. });
        }
    }

    /// An empty line, unless nothing stands above it.
    fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn items(&mut self, indent: &str, items: &[Item]) {
        items.iter().for_each(|item| self.item(indent, item));
    }

    fn item(&mut self, indent: &str, item: &Item) {
        match item {
            Item::Block { block, .. } => self.block(indent, block),
            Item::Finding(found) => self.finding(indent, found),
            // The rule's page is one command away: `pgdba rule CODE`.
            Item::Fold { .. } => {}
        }
    }

    fn finding(&mut self, indent: &str, found: &FindingItem) {
        self.gap();
        let severity = found.severity.word().to_uppercase();
        self.line(&format!("{indent}[{severity}] {}", message(&found.summary)));
        let inner = format!("{indent}    ");
        self.prose(&inner, &found.rationale);
        self.items(&inner, &found.items);
        self.prose(&inner, &found.footnote);
    }

    fn block(&mut self, indent: &str, block: &Block) {
        match block {
            Block::Heading { text } => self.line(&format!("{indent}{}:", message(text))),
            Block::Paragraph { text } => self.prose(indent, text),
            Block::Figures { items } => self.figures(indent, items),
            Block::List { items } => items.iter().for_each(|item| self.prose(&format!("{indent}- "), item)),
            Block::Code { caption, code } => {
                self.caption(indent, caption);
                text::layout(&code.text).lines().for_each(|text| self.line(&format!("{indent}    {text}")));
            }
            Block::Chart(shown) => self.chart(indent, shown),
            Block::Table(shown) => self.table(indent, shown),
            Block::Tree { caption, roots } => {
                self.caption(indent, caption);
                let indent = if caption.is_empty() { indent.to_owned() } else { format!("{indent}  ") };
                roots.iter().for_each(|root| self.tree(&indent, root));
            }
        }
    }

    fn caption(&mut self, indent: &str, caption: &str) {
        if !caption.is_empty() {
            self.line(&format!("{indent}{}:", message(caption)));
        }
    }

    /// Labels and figures, the figures below each other.
    fn figures(&mut self, indent: &str, figures: &[Figure]) {
        let width = figures.iter().map(|figure| display_width(&message(&figure.label))).max().unwrap_or(0);
        for figure in figures {
            let label = message(&figure.label);
            let blanks = " ".repeat(width.saturating_sub(display_width(&label)) + 1);
            self.prose(&format!("{indent}{label}:{blanks}"), &value(figure));
        }
    }

    fn tree(&mut self, indent: &str, node: &Tree) {
        let figures: Vec<String> =
            node.figures.iter().map(|figure| format!("{}: {}", figure.label, value(figure))).collect();
        let figures = if figures.is_empty() { String::new() } else { format!("  ({})", figures.join(", ")) };
        let label = format!("{}{figures}", node.label);
        self.layout.branch(indent, &message(&label)).iter().for_each(|line| self.line(line));
        node.children.iter().for_each(|child| self.tree(&format!("{indent}  "), child));
    }

    fn chart(&mut self, indent: &str, chart: &Chart) {
        self.caption(indent, chart.caption());
        let bars = chart.figures().iter().map(|bar| (bar, '█'));
        let bars: Vec<_> = bars.chain(chart.limits().iter().map(|mark| (mark, '░'))).collect();
        let longest = bars.iter().map(|(bar, _)| bar.size()).fold(0.0, f64::max);
        let width = bars.iter().map(|(bar, _)| display_width(&message(&bar.label))).max().unwrap_or(0);
        for (bar, fill) in bars {
            let length = (bar.size() / longest * BAR).round().max(1.0) as usize;
            let label = message(&bar.label);
            let blanks = " ".repeat(width.saturating_sub(display_width(&label)));
            let fill = fill.to_string().repeat(length);
            self.line(&format!("{indent}  {label}{blanks}  {fill} {}", bar.value.display()));
        }
    }

    fn table(&mut self, indent: &str, table: &Table) {
        let columns = self.layout.table.map(|columns| columns.saturating_sub(indent.len()));
        table::lines(table, columns).iter().for_each(|line| self.line(&format!("{indent}{line}")));
        if table.hidden > 0 {
            self.line(&format!("{indent}and {} more", table.hidden));
        }
    }

    /// Lines of prose, the later ones below the beginning of `text`.
    fn prose(&mut self, first: &str, text: &str) {
        self.layout.prose(first, &message(text)).iter().for_each(|line| self.line(line));
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(&message(text.trim_end()));
        self.out.push('\n');
    }
}

/// `150 000 (threshold 25 050)`.
fn value(figure: &Figure) -> String {
    let limit = figure.limit_text().map(|limit| format!(" ({limit})"));
    format!("{}{}", figure.value.display(), limit.unwrap_or_default())
}

/// Columns of a chart's longest figure.
const BAR: f64 = 40.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(blocks: impl IntoIterator<Item = Block>) -> String {
        render(&blocks.into_iter().collect(), Layout::FILE)
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(shown([Block::paragraph("a\u{1b}[31mb")]), "a\\u001B[31mb\n");
    }

    #[test]
    fn a_backslash_stays_one() {
        let label = "public.U&\"a\\000A\"";
        let list = Block::list([format!("Set the password with \\password for {label}")]);
        assert_eq!(shown([list]), format!("- Set the password with \\password for {label}\n"));
    }

    #[test]
    fn an_answer_has_empty_lines_between_its_blocks() {
        let list = Block::List { items: vec!["a".to_owned(), "b".to_owned()] };
        assert_eq!(shown([Block::paragraph("lead"), list]), "lead\n\n- a\n- b\n");
    }

    #[test]
    fn figures_stand_below_each_other() {
        let items = vec![Figure::new("name", "prod"), Figure::new("rows", 5).labelled("dead rows").against(3)];
        assert_eq!(shown([Block::Figures { items }]), "name:      prod\ndead rows: 5 (threshold 3)\n");
    }

    #[test]
    fn a_tree_without_a_caption_begins_at_the_margin() {
        let leaf = |label: &str, children| Tree { label: label.to_owned(), figures: Vec::new(), children };
        let roots = vec![leaf("root", vec![leaf("child", Vec::new())])];
        assert_eq!(shown([Block::Tree { caption: String::new(), roots }]), "root\n  child\n");
    }

    #[test]
    fn a_command_to_paste_is_not_broken() {
        let command = format!("pgdba config rollback --changeset-id {}", "x".repeat(200));
        let text = shown([Block::shell("Roll it back with", command.as_str())]);
        assert_eq!(text, format!("Roll it back with:\n    {command}\n"));
    }
}
