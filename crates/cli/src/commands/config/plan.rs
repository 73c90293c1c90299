//! The plan of a change, as a person reads it before saying yes. A secret in a value is masked.

use pgdba_analysis::Block;
use pgdba_analysis::format::Tree;
use pgdba_change::change_set::{Change, Former, Outcome, PlacedValue};
use pgdba_change::precheck::Precheck;
use pgdba_change::refusal::Refusal;
use pgdba_pg::display::counted;
use pgdba_report::{Head, Report};

use super::changes::{replaced_in_dcs, shown};

/// The whole plan: what would become of each parameter.
pub(super) fn report(place: &str, planned: &Precheck) -> Report {
    let head = Head::Plan { summary: summary(planned), is_refused: !planned.refusals.is_empty() };
    let report = Report { title: place.to_owned(), head: Some(head), ..Report::default() };
    report.with([Block::tree(trees(planned)), Block::list(consequences(planned))])
}

/// How many parameters change, in one sentence.
fn summary(planned: &Precheck) -> String {
    let steps = planned.changes.iter().filter(|change| change.outcome.is_step()).count();
    match (planned.refusals.len(), steps) {
        (0, 0) => "No parameter would change.".to_owned(),
        (0, steps) => format!("{} would change.", counted(steps, "parameter", "parameters")),
        (refusals, _) => format!("Refused for {}.", counted(refusals, "reason", "reasons")),
    }
}

/// What a dry run adds: every refusal with its hint, or that nothing was changed.
pub(super) fn verdict(planned: &Precheck) -> Block {
    if planned.refusals.is_empty() {
        return Block::paragraph("Nothing was changed.");
    }
    let roots = planned
        .refusals
        .iter()
        .map(|refusal| Tree::leaf(refusal.to_string()).over([format!("hint: {}", refusal.hint())]));
    Block::Tree { caption: "This change would be refused".to_owned(), roots: roots.collect() }
}

/// The parameters alone, for a change that was made.
pub(super) fn changes(changes: &[Change]) -> Block {
    Block::tree(changes.iter().map(|change| tree(change, &[])).collect())
}

fn trees(planned: &Precheck) -> Vec<Tree> {
    let refused: Vec<String> = planned.refusals.iter().map(Refusal::to_string).collect();
    let changes = planned.changes.iter().map(|change| tree(change, &refused));
    let reload = (!planned.reload.is_empty())
        .then(|| Tree::leaf("The reload also does this:").over(planned.reload.iter().cloned()));
    changes.chain(reload).collect()
}

/// What the change asks of the user later.
fn consequences(planned: &Precheck) -> Vec<String> {
    let waiting = planned.changes.iter().filter(|change| change.outcome == Outcome::WaitsForRestart);
    let waiting: Vec<&str> = waiting.map(|change| change.name.as_str()).collect();
    let restart = (!waiting.is_empty()).then(|| needs_restart(&waiting));
    let is_change = planned.refusals.is_empty() && planned.changes.iter().any(|change| change.outcome.is_step());
    restart.into_iter().chain(is_change.then(|| way_back(&waiting))).collect()
}

/// Which parameters take effect only after a restart.
pub(super) fn needs_restart(names: &[&str]) -> String {
    format!("Restart required for {}. pgdba never restarts a server.", names.join(", "))
}

fn way_back(waiting: &[&str]) -> String {
    let restart =
        if waiting.is_empty() { "" } else { ", and another restart if the server was restarted in the meantime" };
    format!("To undo it: pgdba config rollback. It requires a reload{restart}.")
}

fn tree(change: &Change, refused: &[String]) -> Tree {
    if change.context.is_empty() && change.outcome == Outcome::Refused {
        return Tree::leaf(format!("{} -> {}: REFUSED", change.name, wanted(change)));
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
    Tree::leaf(head).over(takes_effect(change).into_iter().chain(notes))
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
        (None, _) => "reset to the value in the other files, or to the default".to_owned(),
    }
}
