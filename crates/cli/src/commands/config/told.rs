//! Changes as people and programs are told of them. A secret in a value is masked.

use pgdba_change::change_set::{Change, Former, Outcome};
use pgdba_change::journal::Journal;
use pgdba_change::precheck::Precheck;
use pgdba_change::refusal::Refusal;
use pgdba_pg::mask::setting;
use serde_json::{Value, json};

use super::dcs;
use crate::table::{Table, escape};

/// What becomes of each parameter.
pub(super) fn plan(place: &str, planned: &Precheck) -> String {
    format!("{place}\n\n{}{}", table(&planned.changes).text(), notes(&planned.changes, &planned.refusals))
}

/// What a dry run says: the plan, and everything that speaks against it with what to do about it.
pub(super) fn dry_run(place: &str, planned: &Precheck) -> String {
    let lines = planned.refusals.iter().map(|refusal| format!("  {refusal}\n    hint: {}\n", refusal.hint()));
    format!("{}\n{}\n{}", plan(place, planned), verdict(planned), lines.collect::<String>())
}

/// The same as Markdown.
pub(super) fn dry_run_markdown(place: &str, planned: &Precheck) -> String {
    let notes = noted(&planned.changes, &planned.refusals);
    let notes: String = notes.map(|note| format!("\n{}\n", escape(&note))).collect();
    let item = |refusal: &Refusal| format!("- {}\n  hint: {}\n", escape(&refusal.to_string()), escape(&refusal.hint()));
    let items: String = planned.refusals.iter().map(item).collect();
    let list = if items.is_empty() { items } else { format!("\n{items}") };
    let table = table(&planned.changes).markdown();
    format!("{}\n\n{table}{notes}\n{}\n{list}", escape(place), verdict(planned))
}

fn verdict(planned: &Precheck) -> &'static str {
    if planned.refusals.is_empty() { "Nothing was changed." } else { "It would be refused as a whole:" }
}

/// The parameters with what is said of each.
pub(super) fn changes(changes: &[Change]) -> String {
    format!("{}{}", table(changes).text(), notes(changes, &[]))
}

fn table(changes: &[Change]) -> Table<4> {
    let rows =
        changes.iter().map(|change| [change.name.clone(), now(change), wanted(change), outcome(change).to_owned()]);
    Table::new(["parameter", "now", "becomes", "outcome"], rows)
}

fn notes(changes: &[Change], refusals: &[Refusal]) -> String {
    let lines: String = noted(changes, refusals).map(|note| format!("  {note}\n")).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// What is said of each parameter, without what stands among the refusals.
fn noted<'a>(changes: &'a [Change], refusals: &[Refusal]) -> impl Iterator<Item = String> + use<'a> {
    let refused: Vec<String> = refusals.iter().map(Refusal::to_string).collect();
    let notes = changes.iter().flat_map(|change| change.notes.iter().map(move |note| (change, note)));
    notes.filter(move |(_, note)| !refused.contains(note)).map(|(change, note)| format!("{}: {note}", change.name))
}

/// The parameters and what stands there again.
pub(super) fn put_back(changes: &[Change]) -> String {
    if changes.iter().any(|change| matches!(change.former, Former::Dynamic { .. })) {
        return dcs::put_back(changes);
    }
    let back = changes.iter().filter(|change| change.outcome.is_step());
    let rows = back.map(|change| [change.name.clone(), wanted(change), now(change), former(change).to_owned()]);
    Table::new(["parameter", "was set to", "is again", "in postgresql.auto.conf"], rows).text()
}

fn former(change: &Change) -> &'static str {
    match change.former {
        Former::Absent | Former::AssumedAbsent => "nothing, as before",
        Former::Line { .. } | Former::Value { .. } => "its former line",
        // Shown as the value itself.
        Former::Dynamic { .. } => "",
    }
}

pub(super) fn now(change: &Change) -> String {
    if let Former::Dynamic { value } = &change.former {
        return dcs::now(change, value.as_deref());
    }
    change.old_value.as_ref().map_or_else(|| "–".to_owned(), |value| shown(&change.name, value))
}

pub(super) fn wanted(change: &Change) -> String {
    change.new_value.as_ref().map_or_else(|| "(reset)".to_owned(), |value| shown(&change.name, value))
}

pub(super) fn shown(name: &str, value: &str) -> String {
    if value.is_empty() { "''".to_owned() } else { setting::mask(name, value) }
}

fn outcome(change: &Change) -> &'static str {
    match change.outcome {
        Outcome::Applies => "at a reload",
        Outcome::WaitsForRestart => "at a restart",
        Outcome::Unchanged => "is so already",
        Outcome::Refused => "REFUSED",
    }
}

/// The changes for programs, without secrets.
pub(super) fn masked(changes: &[Change]) -> Vec<Change> {
    let mask = |change: &Change| {
        let hide = |value: &String| setting::mask(&change.name, value);
        let former = match &change.former {
            Former::Line { text } => Former::Line { text: hide(text) },
            Former::Value { setting } => Former::Value { setting: hide(setting) },
            Former::Dynamic { value } => Former::Dynamic { value: value.as_ref().map(hide) },
            other => other.clone(),
        };
        Change {
            old_value: change.old_value.as_ref().map(hide),
            new_value: change.new_value.as_ref().map(hide),
            former,
            ..change.clone()
        }
    };
    changes.iter().map(mask).collect()
}

/// A change and how it stands, for programs.
pub(super) fn journal(journal: &Journal) -> Value {
    let mut change_set = journal.change_set.clone();
    change_set.parameters = masked(&change_set.parameters);
    change_set.former_dcs = change_set.former_dcs.map(dcs::masked);
    json!({ "state": journal.state, "server": journal.server, "change_set": change_set, "entered": journal.entered })
}

/// A refusal for programs.
pub(super) fn refusal(refusal: &Refusal) -> Value {
    json!({
        "parameter": refusal.parameter(),
        "code": refusal.code(),
        "message": refusal.to_string(),
        "hint": refusal.hint(),
    })
}
