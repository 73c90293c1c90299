//! The plan of a change, as a person reads it before saying yes. A secret in a value is masked.

use pgdba_change::change_set::{Change, Former, Outcome, PlacedValue};
use pgdba_change::precheck::Precheck;
use pgdba_change::refusal::Refusal;

use super::changes::{replaced_in_dcs, shown};
use crate::table::escape;
use crate::terminal::one_line;

/// The whole plan.
pub(super) fn text(place: &str, planned: &Precheck) -> String {
    let mut out = format!("{}\n\n", one_line(place));
    for part in parts(planned) {
        out.push_str(&format!("{}\n", one_line(&part.head)));
        part.items.iter().for_each(|item| out.push_str(&format!("  {}\n", one_line(item))));
    }
    out
}

/// The same as Markdown.
pub(super) fn markdown(place: &str, planned: &Precheck) -> String {
    let mut out = format!("{}\n\n", escape(place));
    for part in parts(planned) {
        out.push_str(&format!("- {}\n", escape(&part.head)));
        part.items.iter().for_each(|item| out.push_str(&format!("  - {}\n", escape(item))));
    }
    out
}

/// What a dry run adds: every refusal with its hint, or that nothing was changed.
pub(super) fn verdict(planned: &Precheck) -> String {
    if planned.refusals.is_empty() {
        return "Nothing was changed.\n".to_owned();
    }
    let lines = planned
        .refusals
        .iter()
        .map(|refusal| format!("  {}\n    hint: {}\n", one_line(&refusal.to_string()), one_line(&refusal.hint())));
    format!("This change would be refused:\n{}", lines.collect::<String>())
}

/// The lines of the parameters alone, for a change that was made.
pub(super) fn changes(changes: &[Change]) -> String {
    let lines = changes.iter().map(|change| {
        let part = of(change, &[]);
        let items = part.items.iter().map(|item| format!("  {}\n", one_line(item))).collect::<String>();
        format!("{}\n{items}", one_line(&part.head))
    });
    lines.collect()
}

/// A line and what belongs below it.
struct Part {
    head: String,
    items: Vec<String>,
}

fn parts(planned: &Precheck) -> Vec<Part> {
    let refused: Vec<String> = planned.refusals.iter().map(Refusal::to_string).collect();
    let mut parts: Vec<Part> = planned.changes.iter().map(|change| of(change, &refused)).collect();
    let waiting: Vec<&str> = planned
        .changes
        .iter()
        .filter(|change| change.outcome == Outcome::WaitsForRestart)
        .map(|change| change.name.as_str())
        .collect();
    if !planned.reload.is_empty() {
        parts.push(Part { head: "The reload also does this:".to_owned(), items: planned.reload.clone() });
    }
    if !waiting.is_empty() {
        let head = format!("Restart required, which pgdba never does: {}", waiting.join(", "));
        parts.push(Part { head, items: Vec::new() });
    }
    if planned.refusals.is_empty() && planned.changes.iter().any(|change| change.outcome.is_step()) {
        parts.push(Part { head: way_back(&waiting), items: Vec::new() });
    }
    parts
}

fn way_back(waiting: &[&str]) -> String {
    let restart =
        if waiting.is_empty() { "" } else { ", and another restart once the server runs with the new values" };
    format!("To go back: pgdba config rollback, which takes a reload{restart}")
}

fn of(change: &Change, refused: &[String]) -> Part {
    if change.context.is_empty() && change.outcome == Outcome::Refused {
        return Part { head: format!("{} -> {}: REFUSED", change.name, wanted(change)), items: Vec::new() };
    }
    let (now, place) = now(change);
    let head = match change.outcome {
        Outcome::Unchanged => format!("{}: {now}{place}, unchanged", change.name),
        Outcome::Refused => format!("{}: {now}{place} -> {}, REFUSED", change.name, wanted(change)),
        Outcome::Applies | Outcome::WaitsForRestart => {
            format!("{}: {now}{place} -> {}", change.name, wanted(change))
        }
    };
    let notes = change.notes.iter().filter(|note| !refused.contains(note)).cloned();
    let items = takes_effect(change).into_iter().chain(notes).collect();
    Part { head, items }
}

/// The value that is replaced, and where it comes from in brackets.
fn now(change: &Change) -> (String, String) {
    if let Former::Dynamic { value } = &change.former {
        let place = if value.is_some() { " (dynamic configuration)" } else { "" };
        return (replaced_in_dcs(change, value.as_deref()), place.to_owned());
    }
    let value =
        change.old_value.as_ref().map_or_else(|| "(not visible)".to_owned(), |value| shown(&change.name, value));
    (value, change.old_place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default())
}

fn takes_effect(change: &Change) -> Option<String> {
    let when = match (change.outcome, change.context.as_str()) {
        (Outcome::Unchanged | Outcome::Refused, _) => return None,
        (Outcome::WaitsForRestart, _) => "at the next restart",
        (_, "user" | "superuser") => "at the reload, in sessions that do not set it themselves",
        (_, "backend" | "superuser-backend") => "at the reload, in new sessions",
        _ => "at the reload",
    };
    Some(format!("takes effect {when}"))
}

fn wanted(change: &Change) -> String {
    match (&change.new_value, &change.after_reset) {
        (Some(value), _) => shown(&change.name, value),
        (None, Some(PlacedValue { value: Some(value), place: Some(place) })) => {
            format!("{} ({place})", shown(&change.name, value))
        }
        (None, Some(PlacedValue { value: Some(value), place: None })) => {
            format!("{} (default)", shown(&change.name, value))
        }
        (None, _) => "reset to what the other files say, or the default".to_owned(),
    }
}
