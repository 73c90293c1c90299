//! `pgdba snapshot verify`: whether a file is complete and unchanged, which names it contains, and whether it holds secrets.

use std::collections::BTreeMap;

use pgdba_snapshot::redact::{Survey, survey};
use pgdba_snapshot::section::{Availability, read_table};
use pgdba_snapshot::{DiagSnapshot, sections};
use serde_json::json;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::table::escape;
use crate::terminal::one_line;

/// What is wrong or missing, and what the file contains.
struct Verification {
    checksum: &'static str,
    /// Sections that were not read, or not wholly.
    missing: Vec<String>,
    redacted: &'static str,
    is_redacted: bool,
    survey: Survey,
    /// What looks like a secret, by section and what it looks like.
    suspicions: BTreeMap<(String, &'static str), u64>,
}

pub(super) fn verify(snapshot: &DiagSnapshot) -> Answer {
    let survey = survey(snapshot);
    let mut suspicions = BTreeMap::new();
    for suspicion in &survey.suspicions {
        *suspicions.entry((suspicion.section.clone(), suspicion.what)).or_default() += 1;
    }
    let found = Verification {
        checksum: match snapshot.checksum_fits {
            Some(true) => "matches",
            Some(false) => "does not match: the file was changed after it was collected",
            None => "none: changes to the file cannot be detected",
        },
        missing: missing(snapshot),
        redacted: if snapshot.redacted { "yes" } else { "no" },
        is_redacted: snapshot.redacted,
        survey,
        suspicions,
    };
    let is_clean = found.suspicions.is_empty() && found.survey.leaks.is_empty();
    let sound = snapshot.checksum_fits == Some(true) && is_clean;
    Answer {
        text: text(&found),
        markdown: Some(markdown(&found)),
        data: data(snapshot, &found),
        warnings: [snapshot.problems.clone(), sections::problems(snapshot)].concat(),
        exit: if sound { Exit::Done } else { Exit::Failed },
        ..Answer::default()
    }
}

fn missing(snapshot: &DiagSnapshot) -> Vec<String> {
    let state = |name: &String| {
        let section = read_table(snapshot, name);
        match section.availability {
            Availability::Unavailable(_) | Availability::Absent => Some(name.clone()),
            Availability::Available if section.limited.is_some() || !section.partial.is_empty() => {
                Some(format!("{name} (in part)"))
            }
            Availability::Available => None,
        }
    };
    snapshot.sections.keys().filter_map(state).collect()
}

/// The lines of the text and of the Markdown: what is checked, and the result.
fn lines(found: &Verification) -> [(&'static str, String); 6] {
    let whole = match found.missing.as_slice() {
        [] => "yes".to_owned(),
        missing => format!("no, missing or partial: {}", missing.join(", ")),
    };
    let secrets = match found.suspicions.values().sum::<u64>() {
        0 => "none found".to_owned(),
        count => format!("{count} found"),
    };
    [
        ("checksum", found.checksum.to_owned()),
        ("complete", whole),
        ("redacted", found.redacted.to_owned()),
        ("contains", found.survey.words()),
        ("plain names", plain_names(found)),
        ("secrets", secrets),
    ]
}

/// The columns of a redacted file that hold plain names.
fn plain_names(found: &Verification) -> String {
    if !found.is_redacted {
        return "not checked: the file is not redacted".to_owned();
    }
    let places = found.survey.leaks.iter().map(|leak| one_line(&format!("{}.{}", leak.section, leak.column)));
    let places: Vec<String> = places.collect();
    if places.is_empty() { "none found".to_owned() } else { format!("found in {}", places.join(", ")) }
}

fn text(found: &Verification) -> String {
    let mut text = String::new();
    for (name, value) in lines(found) {
        text.push_str(&format!("{name:<22} {}\n", one_line(&value)));
    }
    for ((section, what), count) in &found.suspicions {
        text.push_str(&format!("  {}: {what}, {count} time(s)\n", one_line(section)));
    }
    if !found.survey.sections.is_empty() {
        text.push_str(&format!("\n{:<28} {:>8} {:>10} {:>9}\n", "section", "names", "statements", "addresses"));
    }
    for section in &found.survey.sections {
        let name = one_line(&section.name);
        let (names, statements, addresses) = (section.names, section.statements, section.addresses);
        text.push_str(&format!("{name:<28} {names:>8} {statements:>10} {addresses:>9}\n"));
    }
    text
}

fn markdown(found: &Verification) -> String {
    let mut text = String::from("# Snapshot\n\n");
    for (name, value) in lines(found) {
        text.push_str(&format!("- **{name}**: {}\n", escape(&value)));
    }
    for ((section, what), count) in &found.suspicions {
        text.push_str(&format!("    - {}: {what}, {count} time(s)\n", escape(section)));
    }
    if !found.survey.sections.is_empty() {
        text.push_str("\n| section | names | statements | addresses |\n|---|---|---|---|\n");
    }
    for section in &found.survey.sections {
        let name = escape(&section.name);
        text.push_str(&format!("| {name} | {} | {} | {} |\n", section.names, section.statements, section.addresses));
    }
    text
}

fn data(snapshot: &DiagSnapshot, found: &Verification) -> serde_json::Value {
    let kinds = found.survey.kinds.iter().map(|(kind, count)| json!({ "kind": kind.words().0, "distinct": count }));
    let sections = found.survey.sections.iter().map(|section| {
        json!({ "name": section.name, "names": section.names, "statements": section.statements,
                "addresses": section.addresses })
    });
    let suspicions = found
        .suspicions
        .iter()
        .map(|((section, what), count)| json!({ "section": section, "looks_like": what, "count": count }));
    json!({
        "checksum_fits": snapshot.checksum_fits,
        "complete": found.missing.is_empty(),
        "missing": found.missing,
        "redacted": snapshot.redacted,
        "redaction_key": snapshot.redaction_key,
        "tells": kinds.collect::<Vec<_>>(),
        "statements": found.survey.statements,
        "sections": sections.collect::<Vec<_>>(),
        "plain_names": found.survey.leaks.iter().map(|leak| json!({ "section": leak.section, "column": leak.column })).collect::<Vec<_>>(),
        "suspicions": suspicions.collect::<Vec<_>>(),
    })
}
