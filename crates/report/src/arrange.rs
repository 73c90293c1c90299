//! Arranges an analysis into parts and blocks.

use pgdba_analysis::engine::page;
use pgdba_analysis::finding::{Assessment, Evidence, SectionState, TopicView};
use pgdba_analysis::quantity::time_of_day;
use pgdba_analysis::{Analysis, Detail, Finding, Outcome, Severity, rules};
use pgdba_pg::display::counted;

use crate::block::{Action, Block, Cell, ChartBlock, Figure, FindingBlock, Part, Report, Table};

/// Findings that are shown unfolded.
const OPEN_FINDINGS: usize = 3;

impl Report {
    /// The report of an analysis.
    #[must_use]
    pub fn of(analysis: &Analysis) -> Self {
        Self {
            cluster: analysis.cluster.name.clone(),
            about: about(analysis),
            verdict: analysis.verdict,
            worst: analysis.worst(),
            counts: counts(analysis),
            notes: notes(analysis),
            actions: analysis.findings.iter().take(3).enumerate().map(action).collect(),
            parts: std::iter::once(findings(analysis))
                .chain(analysis.topics.iter().map(topic))
                .chain([clean(analysis), not_assessed(analysis), sections(analysis), method(analysis)])
                .collect(),
        }
    }

    /// The report without the topics: what the rules came to, for a terminal.
    #[must_use]
    pub fn of_rules(analysis: &Analysis) -> Self {
        Self::of(&Analysis { topics: Vec::new(), ..analysis.clone() })
    }
}

fn about(analysis: &Analysis) -> Vec<String> {
    let cluster = &analysis.cluster;
    let version = cluster.version.as_ref().map(|version| format!("PostgreSQL {version}"));
    let database = cluster.database.as_ref().map(|database| format!("database {database}"));
    let time = cluster.collected_at.map(|time| format!("collected {}", time_of_day(time)));
    let redacted = cluster.redacted.then(|| "names redacted".to_owned());
    [version, cluster.role.clone(), database, time, Some(format!("by {}", cluster.collected_by)), redacted]
        .into_iter()
        .flatten()
        .collect()
}

fn counts(analysis: &Analysis) -> String {
    let words: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (severity, analysis.count_of(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| match (severity, count) {
            (Severity::Critical | Severity::Info, _) | (_, 1) => format!("{count} {}", severity.word()),
            _ => format!("{count} {}s", severity.word()),
        })
        .collect();
    if words.is_empty() { "nothing found".to_owned() } else { words.join(", ") }
}

fn notes(analysis: &Analysis) -> Vec<String> {
    let unread = analysis.sections.iter().filter(|section| section.reason.is_some());
    let names: Vec<&str> = unread.map(|section| section.name.as_str()).collect();
    let unread = (!names.is_empty()).then(|| format!("Not or not wholly read: {}", names.join(", ")));
    unread.into_iter().chain(analysis.problems.iter().map(|problem| sentence(problem))).collect()
}

fn action((position, finding): (usize, &Finding)) -> Action {
    Action {
        severity: finding.severity,
        summary: finding.summary.clone(),
        effort: finding.remedy.effort.words(),
        anchor: anchor(position),
    }
}

fn anchor(position: usize) -> String {
    format!("finding-{}", position + 1)
}

fn findings(analysis: &Analysis) -> Part {
    let blocks = analysis.findings.iter().enumerate().map(|(position, finding)| {
        Block::Finding(Box::new(FindingBlock {
            anchor: anchor(position),
            open: position < OPEN_FINDINGS,
            severity: finding.severity,
            summary: finding.summary.clone(),
            rationale: finding.rationale.clone(),
            blocks: finding_blocks(&anchor(position), finding),
            footnote: footnote(finding),
        }))
    });
    Part {
        anchor: "findings".to_owned(),
        title: "Findings".to_owned(),
        lead: match analysis.findings.len() {
            0 => "Nothing was found.".to_owned(),
            _ => format!("{}, the first thing to do first.", capital(&counts(analysis))),
        },
        blocks: blocks.collect(),
    }
}

fn finding_blocks(anchor: &str, finding: &Finding) -> Vec<Block> {
    let mut blocks = vec![Block::Figures(finding.evidence.iter().map(figure).collect())];
    blocks.push(Block::Heading("What to do".to_owned()));
    blocks.push(Block::Paragraph(finding.remedy.text.clone()));
    if let Some(sql) = &finding.remedy.sql {
        blocks.push(Block::Sql { caption: "SQL".to_owned(), text: sql.clone() });
    }
    if let Some(impact) = &finding.remedy.impact {
        blocks.push(Block::Paragraph(format!("Effect while it runs: {impact}")));
    }
    if let Some(undo) = &finding.remedy.undo_text {
        blocks.push(Block::Paragraph(format!("To take it back: {undo}")));
    }
    if let Some(undo) = &finding.remedy.undo {
        blocks.push(Block::Sql { caption: "To take it back".to_owned(), text: undo.clone() });
    }
    blocks.extend(details(anchor, &finding.details));
    blocks.extend(why(finding));
    blocks
}

/// The rule's page, folded.
fn why(finding: &Finding) -> Option<Block> {
    let rule = rules::find(&finding.code)?;
    let blocks = page::why(rule).into_iter().flat_map(|(heading, body)| {
        let paragraphs = body.split("\n\n").map(|text| Block::Paragraph(plain(text))).collect::<Vec<_>>();
        std::iter::once(Block::Heading(heading)).chain(paragraphs)
    });
    Some(Block::Fold { summary: format!("Why: the rule {} {}", rule.code, rule.name), blocks: blocks.collect() })
}

/// Markdown of a rule's page as running text.
fn plain(markdown: &str) -> String {
    markdown.replace('`', "").replace('\n', " ")
}

fn footnote(finding: &Finding) -> String {
    let subject = match finding.subject.name() {
        "" => finding.subject.kind().to_owned(),
        name => format!("{} {name}", finding.subject.kind()),
    };
    format!(
        "{} {} · {} · {subject} · confidence {} · source: {}",
        finding.code,
        finding.name,
        finding.area.title(),
        finding.confidence.word(),
        finding.source
    )
}

fn figure(evidence: &Evidence) -> Figure {
    Figure {
        name: evidence.name.clone(),
        value: Cell::from(&evidence.value),
        limit: evidence.limit.as_ref().map(Cell::from),
    }
}

/// What a finding or a topic shows; `anchor` is its own. A table without rows says nothing that the lead does not.
fn details(anchor: &str, details: &[Detail]) -> Vec<Block> {
    let is_empty = |detail: &Detail| matches!(detail, Detail::Table { rows, .. } if rows.is_empty());
    let shown = details.iter().enumerate().filter(|(_, shown)| !is_empty(shown));
    shown.map(|(position, shown)| detail(&format!("{anchor}-{}", position + 1), shown)).collect()
}

fn detail(anchor: &str, detail: &Detail) -> Block {
    match detail {
        Detail::Figures { items } => Block::Figures(items.iter().map(figure).collect()),
        Detail::Table { caption, columns, rows, hidden } => Block::Table(Table {
            caption: caption.clone(),
            columns: columns.clone(),
            rows: rows.iter().map(|row| row.iter().map(Cell::from).collect()).collect(),
            hidden: *hidden,
        }),
        Detail::Chart(chart) => Block::Chart(ChartBlock { anchor: anchor.to_owned(), chart: chart.clone() }),
        Detail::List { items } => Block::List(items.clone()),
        Detail::Sql { caption, text } => Block::Sql { caption: caption.clone(), text: text.clone() },
    }
}

/// What the snapshot shows of a topic, or why nothing.
fn topic(view: &TopicView) -> Part {
    let lead = view.missing.as_ref().map(|reason| format!("Nothing to show: {reason}"));
    Part {
        anchor: view.name.clone(),
        title: view.title.clone(),
        lead: lead.unwrap_or_else(|| view.lead.clone()),
        blocks: details(&view.name, &view.details),
    }
}

fn clean(analysis: &Analysis) -> Part {
    let clean: Vec<&Assessment> = analysis.assessments.iter().filter(|a| a.outcome == Outcome::Clean).collect();
    let rows = clean.iter().map(|a| vec![a.area.title().into(), a.title.as_str().into(), code(a)]);
    let count = i64::try_from(clean.len()).unwrap_or(i64::MAX);
    Part {
        anchor: "fine".to_owned(),
        title: "Looked at and fine".to_owned(),
        lead: format!("{} looked and found nothing to say.", capital(&counted(count, "rule", "rules"))),
        blocks: table("What was looked for and not found", &["area", "what was not found", "rule"], rows.collect()),
    }
}

fn not_assessed(analysis: &Analysis) -> Part {
    let blind = analysis.assessments.iter().filter_map(|a| match &a.outcome {
        Outcome::NotAssessed { reason } => Some(vec![a.title.as_str().into(), reason.as_str().into(), code(a)]),
        Outcome::Found { .. } | Outcome::Clean => None,
    });
    let rows: Vec<Vec<Cell>> = blind.collect();
    let lead = if rows.is_empty() {
        "Every rule could look.".to_owned()
    } else {
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        format!("{} could not look. That is no clean bill.", counted(count, "rule", "rules"))
    };
    Part {
        anchor: "not-assessed".to_owned(),
        title: "Could not be looked at".to_owned(),
        lead,
        blocks: table("What could not be judged, and why", &["what was looked for", "why not", "rule"], rows),
    }
}

fn sections(analysis: &Analysis) -> Part {
    let rows = analysis.sections.iter().map(section_row).collect();
    let read = analysis.sections.iter().filter(|section| section.available).count();
    Part {
        anchor: "sections".to_owned(),
        title: "What was read".to_owned(),
        lead: format!("{read} of {} sections were read.", analysis.sections.len()),
        blocks: table("Sections of the snapshot", &["section", "rows", "state"], rows),
    }
}

fn section_row(section: &SectionState) -> Vec<Cell> {
    let rows = i64::try_from(section.rows).unwrap_or(i64::MAX);
    let state = match (&section.reason, section.available) {
        (None, _) => "read".to_owned(),
        (Some(reason), true) => format!("read in part: {reason}"),
        (Some(reason), false) => format!("not read: {reason}"),
    };
    let rows =
        if section.available { pgdba_analysis::Quantity::Count(rows) } else { pgdba_analysis::Quantity::Unknown };
    vec![section.name.as_str().into(), Cell::from(&rows), state.as_str().into()]
}

fn method(analysis: &Analysis) -> Part {
    let fingerprint = analysis.cluster.fingerprint.as_deref().unwrap_or("unknown");
    let figure = |name: &str, value: &str| Figure { name: name.to_owned(), value: value.into(), limit: None };
    Part {
        anchor: "method".to_owned(),
        title: "About this report".to_owned(),
        lead: "Made from one snapshot, without a connection to the server.".to_owned(),
        blocks: vec![Block::Figures(vec![
            figure("collected by", &analysis.cluster.collected_by),
            figure("fingerprint of the cluster", fingerprint),
            figure("rules run", &analysis.assessments.len().to_string()),
        ])],
    }
}

fn table(caption: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    vec![Block::Table(Table { caption: caption.to_owned(), columns, rows, hidden: 0 })]
}

fn code(assessment: &Assessment) -> Cell {
    format!("{} {}", assessment.code, assessment.name).as_str().into()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn sentence(text: &str) -> String {
    capital(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_without_rows_is_left_out() {
        let table = |rows: Vec<Vec<pgdba_analysis::Quantity>>| Detail::table("t", &["a"], rows);
        let shown = details("x", &[table(Vec::new()), table(vec![vec!["a".into()]])]);
        assert!(matches!(shown.as_slice(), [Block::Table(table)] if table.rows.len() == 1), "{shown:?}");
    }

    #[test]
    fn words_about_taking_it_back_do_not_stand_among_statements() {
        let document = r#"{ "pg_settings": [ { "name": "fsync", "setting": "off", "source": "command line" } ] }"#;
        let snapshot = pgdba_analysis::example::snapshot(document).unwrap();
        let analysis = pgdba_analysis::analyze(&snapshot, &pgdba_analysis::Options::default());
        let blocks = finding_blocks("x", analysis.findings.first().unwrap());
        let is_said =
            |block: &Block| matches!(block, Block::Paragraph(text) if text.starts_with("To take it back: Put the"));
        assert!(blocks.iter().any(is_said), "{blocks:?}");
        assert!(!blocks.iter().any(|block| matches!(block, Block::Sql { .. })), "{blocks:?}");
    }
}
