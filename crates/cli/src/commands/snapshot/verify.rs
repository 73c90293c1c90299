//! `pgdba snapshot verify`: whether a file is complete and unchanged, which names it contains, and whether it holds secrets.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_analysis::{Block, Figure, Table};
use pgdba_pg::display::counted;
use pgdba_snapshot::redact::{Leak, Survey, search, survey};
use pgdba_snapshot::section::{Availability, read_table};
use pgdba_snapshot::{DiagSnapshot, sections};
use serde_json::json;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;

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
    /// Where a redacted file has plain names.
    leaks: BTreeSet<Leak>,
}

/// Verifies a snapshot and the text that it was read from.
pub(super) fn verify(snapshot: &DiagSnapshot, text: &str) -> Answer {
    let search = search(text, snapshot.redacted);
    let mut suspicions = BTreeMap::new();
    for suspicion in search.suspicions {
        *suspicions.entry((suspicion.section, suspicion.what)).or_default() += 1;
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
        survey: survey(snapshot),
        suspicions,
        leaks: search.leaks,
    };
    let reasons = [
        (snapshot.checksum_fits != Some(true)).then_some("its checksum does not show that it is unchanged"),
        (!found.suspicions.is_empty()).then_some("it contains what looks like secrets"),
        (!found.leaks.is_empty()).then_some("it contains plain names although it is redacted"),
    ];
    let reasons: Vec<&str> = reasons.into_iter().flatten().collect();
    Answer {
        shown: blocks(&found).into(),
        data: data(snapshot, &found).into(),
        warnings: [snapshot.problems.clone(), sections::problems(snapshot)].concat(),
        failure: (!reasons.is_empty()).then(|| Failure {
            code: "snapshot_unverified",
            message: format!("the snapshot did not pass: {}", reasons.join("; ")),
            hint: None,
            exit: Exit::Failed,
        }),
        is_failure_shown: true,
        ..Answer::default()
    }
}

fn missing(snapshot: &DiagSnapshot) -> Vec<String> {
    if snapshot.sections.is_empty() {
        return vec!["all sections".to_owned()];
    }
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
    let is_delta = snapshot.sampling.mode == "delta";
    let expected = sections::ALL.iter().filter(|spec| spec.is_collected(snapshot.server_version(), is_delta));
    let absent = expected.filter(|spec| !snapshot.sections.contains_key(spec.name));
    let absent = absent.map(|spec| format!("{} (not in the file)", spec.name));
    snapshot.sections.keys().filter_map(state).chain(absent).collect()
}

/// What is checked, and the result.
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
    let places = found.leaks.iter().map(|leak| format!("{}.{}", leak.section, leak.column));
    let places: Vec<String> = places.collect();
    if places.is_empty() { "none found".to_owned() } else { format!("found in {}", places.join(", ")) }
}

fn blocks(found: &Verification) -> [Block; 3] {
    let items = lines(found).into_iter().map(|(name, value)| Figure::new(name, value)).collect();
    let suspicions = found
        .suspicions
        .iter()
        .map(|((section, what), count)| format!("{section}: {what}, {}", counted(*count, "time", "times")));
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).into();
    let rows = found.survey.sections.iter().map(|section| {
        let counts = [section.names, section.statements, section.addresses];
        std::iter::once(section.name.as_str().into()).chain(counts.map(number)).collect()
    });
    let columns =
        [("section", "section"), ("names", "names"), ("statements", "statements"), ("addresses", "addresses")];
    [
        Block::Figures { items },
        Block::list(suspicions),
        Block::Table(Table::whole("What the sections contain", &columns, rows)),
    ]
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
        "plain_names": found.leaks.iter().map(|leak| json!({ "section": leak.section, "column": leak.column })).collect::<Vec<_>>(),
        "suspicions": suspicions.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_pass_is_a_failure_with_its_reasons() {
        let text = r#"{"format":"pgdba.diag_snapshot","format_version":1,"sections":{},"checksum":"00"}"#;
        let answer = verify(&pgdba_snapshot::read(text.as_bytes()).unwrap(), text);
        let failure = answer.failure.unwrap();
        assert_eq!((failure.code, failure.exit), ("snapshot_unverified", Exit::Failed));
        assert!(failure.message.contains("checksum"), "{}", failure.message);
    }

    #[test]
    fn a_section_that_the_version_has_and_the_file_lacks_is_missing() {
        let missing_in = |version: i64| {
            let text = format!(
                r#"{{ "format": "pgdba.diag_snapshot", "format_version": 1, "identity": {{ "server_version_num": {version} }},
                     "sections": {{ "pg_roles": {{ "available": true, "columns": ["oid"], "rows": [] }} }} }}"#
            );
            missing(&pgdba_snapshot::read(text.as_bytes()).unwrap())
        };
        let (old, new) = (missing_in(120_000), missing_in(180_000));
        let lacks = |missing: &[String], name: &str| missing.contains(&format!("{name} (not in the file)"));
        assert!(lacks(&old, "pg_class") && lacks(&new, "pg_class") && !lacks(&new, "pg_roles"), "{new:?}");
        assert!(!lacks(&old, "pg_stat_io") && lacks(&new, "pg_stat_io"), "from 16 on");
        assert!(!lacks(&new, "wait_samples"), "in a delta only");
    }
}
