//! How two configurations differ, as `pgdba config diff --against` says it.

use pgdba_analysis::configuration::{Comparison, Difference, ParameterText, Side, Unseen};
use pgdba_pg::display::counted;

use super::show::{about, wrapped};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::table::{Table, escape};
use crate::terminal::{self, one_line};

/// The comparison in every format.
pub(super) fn answer(found: &Comparison, warnings: Vec<String>) -> Result<Answer, Failure> {
    Ok(Answer {
        text: text(found, terminal::width()),
        markdown: Some(markdown(found)),
        data: serde_json::to_value(found)?,
        warnings,
        ..Answer::default()
    })
}

fn text(found: &Comparison, columns: Option<usize>) -> String {
    let mut out = heads(found).iter().map(|head| format!("{}\n", one_line(head))).collect::<String>();
    out.push_str(&format!("\n{}\n", lead(found)));
    for table in tables(found) {
        out.push_str(&format!("\n{}", table.text_within(columns)));
    }
    let notes = notes(found);
    if !notes.is_empty() {
        out.push('\n');
        notes.iter().for_each(|note| out.push_str(&wrapped(0, note, columns)));
    }
    out
}

fn markdown(found: &Comparison) -> String {
    let mut out = heads(found).iter().map(|head| format!("- {}\n", escape(head))).collect::<String>();
    out.push_str(&format!("\n{}\n", lead(found)));
    tables(found).iter().for_each(|table| out.push_str(&format!("\n{}", table.markdown())));
    notes(found).iter().for_each(|note| out.push_str(&format!("\n{}\n", escape(note))));
    out
}

fn heads(found: &Comparison) -> [String; 2] {
    [format!("first:  {}", about(&found.first)), format!("second: {}", about(&found.second))]
}

fn lead(found: &Comparison) -> String {
    let number = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let equal = counted(i64::try_from(found.equal).unwrap_or(i64::MAX), "is equal", "are equal");
    if found.is_equal() {
        return format!("no difference: {equal}");
    }
    let mut parts = vec![counted(number(found.differences.len()), "parameter differs", "parameters differ")];
    if !found.overrides.is_empty() {
        let words = ["setting of a role or database differs", "settings of roles and databases differ"];
        parts.push(counted(number(found.overrides.len()), words[0], words[1]));
    }
    parts.push(equal);
    parts.join(", ")
}

fn tables(found: &Comparison) -> Vec<Table<5>> {
    let side = |side: &Option<Side>| match side {
        Some(side) => [shown(&side.value), side.origin.words.clone()],
        None => ["–".to_owned(), String::new()],
    };
    let row = |one: &Difference| {
        let ([first, first_origin], [second, second_origin]) = (side(&one.first), side(&one.second));
        [one.parameter.clone(), first, second, first_origin, second_origin]
    };
    let changed = found.one_sided.iter().filter(|one| is_changed(one));
    let overrides = found.overrides.iter().map(|one| {
        [
            format!("{} ({})", one.parameter, one.scope()),
            shown(&one.first),
            shown(&one.second),
            String::new(),
            String::new(),
        ]
    });
    let rows: Vec<[String; 5]> = found.differences.iter().map(row).chain(changed.map(row)).chain(overrides).collect();
    let headings = ["parameter", "first", "second", "first set by", "second set by"];
    if rows.is_empty() { Vec::new() } else { vec![Table::new(headings, rows)] }
}

fn shown(value: &Option<ParameterText>) -> String {
    value.as_ref().map_or_else(|| "–".to_owned(), |value| value.shown.clone())
}

fn is_changed(one: &Difference) -> bool {
    [&one.first, &one.second].into_iter().flatten().any(|side| side.changed)
}

fn notes(found: &Comparison) -> Vec<String> {
    let only = |which: &str, is_here: fn(&Difference) -> bool| {
        let names: Vec<&str> = found
            .one_sided
            .iter()
            .filter(|one| is_here(one) && !is_changed(one))
            .map(|one| one.parameter.as_str())
            .collect();
        (!names.is_empty()).then(|| format!("only the {which} shows, unchanged: {}", names.join(", ")))
    };
    let unseen = |which: &'static str, unseen: &[Unseen]| {
        let said = unseen
            .iter()
            .map(move |one| format!("not or not wholly seen of the {which}: {}: {}", one.section, one.reason));
        said.collect::<Vec<_>>()
    };
    let masked = (!found.masked.is_empty())
        .then(|| format!("masked, so that nobody can say whether they differ: {}", found.masked.join(", ")));
    let mut notes: Vec<String> = masked.into_iter().collect();
    notes.extend(only("first", |one| one.second.is_none()));
    notes.extend(only("second", |one| one.first.is_none()));
    notes.extend(unseen("first", &found.first_unseen));
    notes.extend(unseen("second", &found.second_unseen));
    notes
}
