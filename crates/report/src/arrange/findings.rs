//! Arranges findings: the most urgent ones, and each finding with its evidence, remedy and background.

use pgdba_analysis::{Analysis, Block, Finding, page, rules};

use super::{capital, counts};
use crate::document::{Action, FindingItem, Item, Part};
use crate::prose;

/// Findings that are shown open.
const OPEN_FINDINGS: usize = 3;

/// Number of most urgent findings.
const ACTIONS: usize = 3;

/// The most urgent findings.
pub(super) fn actions(analysis: &Analysis) -> Vec<Action> {
    let first = analysis.findings.iter().take(ACTIONS).enumerate();
    first
        .map(|(position, finding)| Action {
            severity: finding.severity,
            summary: finding.summary.clone(),
            effort: finding.remedy.effort.words(),
            anchor: anchor(position),
        })
        .collect()
}

/// Every finding.
pub(super) fn part(analysis: &Analysis) -> Part {
    let found = analysis.findings.iter().enumerate().map(|(position, finding)| {
        let item = FindingItem::of(&anchor(position), finding);
        Item::Finding(Box::new(FindingItem { open: position < OPEN_FINDINGS, ..item }))
    });
    Part {
        anchor: "findings".to_owned(),
        title: "Findings".to_owned(),
        lead: match analysis.findings.len() {
            0 => "No problems were found.".to_owned(),
            _ => format!("{}, most urgent first.", capital(&counts(analysis))),
        },
        items: found.collect(),
    }
}

impl FindingItem {
    /// A finding, closed.
    #[must_use]
    pub fn of(anchor: &str, finding: &Finding) -> Self {
        Self {
            anchor: anchor.to_owned(),
            open: false,
            severity: finding.severity,
            summary: finding.summary.clone(),
            rationale: finding.rationale.clone(),
            items: parts(anchor, finding),
            footnote: footnote(finding),
        }
    }
}

fn anchor(position: usize) -> String {
    format!("finding-{}", position + 1)
}

fn parts(anchor: &str, finding: &Finding) -> Vec<Item> {
    let figures = Block::Figures { items: finding.figures() };
    let policy = Block::List { items: finding.policy_words() };
    let shown = [figures].into_iter().chain(finding.table()).chain([policy]);
    let blocks = shown.chain(remedy(finding)).chain(finding.details.clone());
    let mut parts = Item::of(anchor, blocks);
    parts.extend(why(anchor, finding));
    parts
}

fn remedy(finding: &Finding) -> Vec<Block> {
    let remedy = &finding.remedy;
    let mut blocks = vec![Block::heading("Remedy"), Block::paragraph(remedy.text.as_str())];
    let code = |caption: &str, code: &pgdba_analysis::format::Code| Block::Code {
        caption: caption.to_owned(),
        code: code.clone(),
    };
    blocks.extend(remedy.script.iter().map(|script| code(script.language.caption(), script)));
    blocks.extend(finding.statements().map(|sql| Block::sql("SQL", sql)));
    blocks.extend(remedy.impact.iter().map(|impact| Block::paragraph(format!("Impact: {impact}"))));
    blocks.extend(remedy.undo_text.iter().map(|undo| Block::paragraph(format!("To undo: {undo}"))));
    let undo_caption = |undo: &pgdba_analysis::format::Code| match remedy.undo_text {
        // The text before says what they are for.
        Some(_) => undo.language.caption(),
        None => "To undo",
    };
    blocks.extend(finding.undo().map(|undo| code(undo_caption(&undo), &undo)));
    blocks
}

/// The rule's page, closed.
fn why(anchor: &str, finding: &Finding) -> Option<Item> {
    let rule = rules::find(&finding.code)?;
    let summary = format!("About rule {} {}", rule.code, rule.name);
    Some(Item::Fold { summary, items: Item::of(&format!("{anchor}-why"), prose::blocks(&page::why(rule))) })
}

fn footnote(finding: &Finding) -> String {
    let subject = match finding.subjects.as_slice() {
        [only] => format!("{} {}", only.subject.kind.word(), only.label).trim_end().to_owned(),
        many => format!("{} affected", many.len()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undo_text_is_not_among_the_statements() {
        let document = r#"{ "pg_settings": [ { "name": "fsync", "setting": "off", "source": "command line" } ] }"#;
        let snapshot = pgdba_analysis::example::snapshot(document).unwrap();
        let analysis = pgdba_analysis::analyze(&snapshot, &pgdba_analysis::Options::default());
        let blocks = remedy(analysis.findings.first().unwrap());
        let is_undo =
            |block: &Block| matches!(block, Block::Paragraph { text } if text.starts_with("To undo: Restore the"));
        assert!(blocks.iter().any(is_undo), "{blocks:?}");
        assert!(!blocks.iter().any(|block| matches!(block, Block::Code { .. })), "{blocks:?}");
    }

    #[test]
    fn how_to_undo_a_remedy_is_announced_once() {
        let document = r#"{
            "pg_class": [ { "oid": 1, "nspname": "s", "relname": "ids", "relkind": "S" } ], "pg_attribute": [],
            "pg_sequence": [ { "seqrelid": 1, "typname": "int4", "seqincrement": 1, "seqmin": 1, "seqmax": 2147483647,
                               "seqcycle": false, "is_read": true, "last_value": 2000000000 } ] }"#;
        let snapshot = pgdba_analysis::example::snapshot(document).unwrap();
        let analysis = pgdba_analysis::analyze(&snapshot, &pgdba_analysis::Options::default());
        let blocks = remedy(analysis.findings.iter().find(|finding| finding.code == "PGD1402").unwrap());
        let is_announced = |block: &&Block| match block {
            Block::Paragraph { text } => text.starts_with("To undo"),
            Block::Code { caption, .. } => caption == "To undo",
            _ => false,
        };
        assert_eq!(blocks.iter().filter(is_announced).count(), 1, "{blocks:?}");
        let Some(Block::Code { code, .. }) = blocks.last() else { panic!("the statements come last") };
        assert_eq!(code.text, "ALTER SEQUENCE s.ids AS integer MAXVALUE 2147483647;");
    }

    #[test]
    fn what_keeps_dead_rows_ends_before_their_table_is_vacuumed() {
        let document = r#"{
            "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
                             { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
            "pg_class": [ { "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 100, "reltuples": 1000 } ],
            "pg_stat_user_tables": [ { "relid": 1, "n_live_tup": 1000, "n_dead_tup": 90000,
                                       "last_vacuum": "2026-01-01T11:00:00Z" } ],
            "pg_stat_activity": [ { "pid": 7, "backend_type": "client backend", "state": "idle in transaction",
                                    "backend_xid_age": 9, "backend_start": "2026-01-01T08:00:00Z",
                                    "xact_start": "2026-01-01T08:00:00Z" } ] }"#;
        let snapshot = pgdba_analysis::example::snapshot(document).unwrap();
        let analysis = pgdba_analysis::analyze(&snapshot, &pgdba_analysis::Options::default());
        let blocks = remedy(analysis.findings.iter().find(|finding| finding.code == "PGD502").unwrap());
        let codes = blocks
            .iter()
            .filter_map(|block| if let Block::Code { code, .. } = block { Some(&code.text) } else { None });
        let is_vacuum: Vec<bool> = codes.map(|sql| sql.starts_with("VACUUM")).collect();
        assert_eq!(is_vacuum, [false, true], "{blocks:?}");
    }
}
