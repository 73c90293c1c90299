//! A comparison as blocks: what became worse first, then each subject.

mod objects;
mod server;
mod statements;

use pgdba_pg::display::counted;

use super::{Diff, FindingChange, Presence, Regression};
use crate::format::{Block, Cell, Table, Tone};

/// Everything that is shown, regressions first.
pub(super) fn blocks(diff: &Diff) -> Vec<Block> {
    let mut blocks = vec![Block::list(diff.identity.notes.iter().map(|note| note.text.clone()))];
    blocks.extend(regressions(&diff.regressions));
    let parts = [
        statements::blocks(&diff.statements),
        server::settings(&diff.settings),
        server::findings(&diff.findings),
        objects::blocks(&diff.relations),
        server::rates(&diff.rates),
        server::waits(&diff.waits),
    ];
    blocks.extend(parts.into_iter().flatten());
    blocks
}

fn regressions(all: &[Regression]) -> Vec<Block> {
    if all.is_empty() {
        return Vec::new();
    }
    let rows = all.iter().map(|one| {
        vec![Cell::from(one.summary.clone()).with_tone(Some(Tone::Worse)), Cell::from(one.confidence.word())]
    });
    let columns = [("regression", "regression"), ("confidence", "confidence")];
    vec![Block::heading("Regressions"), Block::Table(Table::whole("What became worse", &columns, rows))]
}

/// `2 regressions; 1 parameter changed; 3 statements changed; …`
pub(super) fn summary(diff: &Diff) -> String {
    let between = diff.identity.time_between().map(|time| format!(" in {time}")).unwrap_or_default();
    let regressions = match diff.regressions.len() {
        0 => "No regressions".to_owned(),
        count => counted(count, "regression", "regressions"),
    };
    let statements = diff.statements.notable(|one| !one.changes.is_empty()).count();
    let objects = diff.relations.tables.iter().chain(&diff.relations.indexes);
    let presence = objects.filter(|one| one.presence != Presence::Kept).count();
    let findings = diff.findings.subjects.iter().filter(|one| one.change != FindingChange::Stayed).count();
    let parts = [
        (diff.settings.changed.len(), "parameter changed", "parameters changed"),
        (statements, "statement changed", "statements changed"),
        (presence, "table or index is new or dropped", "tables and indexes are new or dropped"),
        (findings, "finding changed", "findings changed"),
    ];
    let parts = parts.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(count, one, many));
    let parts: Vec<String> = [regressions + &between].into_iter().chain(parts).collect();
    format!("{}.", parts.join(", "))
}
