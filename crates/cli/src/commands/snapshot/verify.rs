//! `pgdba snapshot verify`: whether a file is whole and unchanged, and what it tells.

use std::collections::BTreeMap;

use pgdba_snapshot::redact::{Survey, survey};
use pgdba_snapshot::section::{Availability, read_table};
use pgdba_snapshot::{DiagSnapshot, sections};
use serde_json::json;

use crate::answer::{Answer, Exit};
use crate::table::escape;
use crate::terminal::one_line;

/// What is wrong or missing, and what the file tells.
struct Verification {
    checksum: &'static str,
    /// Sections that were not read, or not wholly.
    missing: Vec<String>,
    redacted: &'static str,
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
            Some(true) => "fits",
            Some(false) => "does not fit: the file was changed since it was collected",
            None => "none: whether the file was changed cannot be told",
        },
        missing: missing(snapshot),
        redacted: if snapshot.redacted { "yes: names are tokens" } else { "no" },
        survey,
        suspicions,
    };
    let sound = snapshot.checksum_fits == Some(true) && found.suspicions.is_empty();
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

/// The lines that both faces have: what is looked at and what came of it.
fn lines(found: &Verification) -> [(&'static str, String); 5] {
    let whole = match found.missing.as_slice() {
        [] => "yes".to_owned(),
        missing => format!("no, these sections were not or not wholly read: {}", missing.join(", ")),
    };
    let secrets = match found.suspicions.values().sum::<u64>() {
        0 => "nothing looks like one".to_owned(),
        count => format!("{count} found"),
    };
    [
        ("checksum", found.checksum.to_owned()),
        ("whole", whole),
        ("redacted", found.redacted.to_owned()),
        ("would tell a stranger", found.survey.words()),
        ("secrets", secrets),
    ]
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
        "whole": found.missing.is_empty(),
        "missing": found.missing,
        "redacted": snapshot.redacted,
        "redaction_key": snapshot.redaction_key,
        "tells": kinds.collect::<Vec<_>>(),
        "statements": found.survey.statements,
        "sections": sections.collect::<Vec<_>>(),
        "suspicions": suspicions.collect::<Vec<_>>(),
    })
}
