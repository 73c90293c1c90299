//! What holds of every policy: nothing that was found is lost, and the words are about what is left.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_analysis::format::Affected;
use pgdba_analysis::{Analysis, Options, Policy, analyze, example, page, read_policy, rules};
use pgdba_snapshot::DiagSnapshot;
use serde_json::Value;

use crate::fixtures;

fn with(snapshot: &DiagSnapshot, policy: &Policy) -> Analysis {
    analyze(snapshot, &Options { policy: Some(policy), ..Options::default() })
}

fn subjects(analysis: &Analysis) -> Vec<&Affected> {
    analysis.findings.iter().flat_map(|finding| &finding.subjects).collect()
}

fn ids(analysis: &Analysis) -> BTreeSet<&str> {
    subjects(analysis).into_iter().map(|subject| subject.id.as_str()).collect()
}

/// Policies of every kind, which match some subjects here and some there.
const POLICIES: [&str; 5] = [
    "[[silence]]\nname = '*a*'\nreason = 'r'\n",
    "[[silence]]\nkind = ['index', 'query']\nreason = 'r'\n[[raise]]\nname = '*o*'\nto = 'critical'\nreason = 's'\n",
    "[[lower]]\narea = ['vacuum', 'settings']\nto = 'info'\nreason = 'r'\n[[silence]]\nschema = 'p*'\nreason = 's'\n",
    "[[silence]]\ndatabase = '*'\nreason = 'r'\n[[lower]]\nname = '?????????*'\nto = 'info'\nreason = 's'\n",
    "[[raise]]\nrule = 'dead_tuples'\nto = 'warning'\nreason = 'r'\n[[silence]]\nname = '*_*'\nuntil = 2000-01-01\nreason = 's'\n",
];

#[test]
fn what_is_shown_and_what_is_set_aside_is_all_that_was_found() {
    let (mut silenced, mut overridden) = (0, 0);
    for name in fixtures::names() {
        let snapshot = pgdba_snapshot::read(&fixtures::bytes(&name)).unwrap();
        let whole = analyze(&snapshot, &Options::default());
        for text in POLICIES {
            let found = with(&snapshot, &read_policy(text.as_bytes()).unwrap());
            let aside: BTreeSet<&str> = found.set_aside.iter().map(|aside| aside.id.as_str()).collect();
            let shown = ids(&found);
            assert!(aside.is_disjoint(&shown), "{name}: {text}");
            assert_eq!(aside.union(&shown).copied().collect::<BTreeSet<_>>(), ids(&whole), "{name}: {text}");
            assert_eq!(found.set_aside.len() + subjects(&found).len(), subjects(&whole).len(), "{name}: {text}");
            assert_eq!(found.policy.silenced, u64::try_from(found.set_aside.len()).unwrap());
            for finding in &found.findings {
                let worst = finding.subjects.iter().map(|subject| subject.severity).max();
                assert_eq!(Some(finding.severity), worst, "{name}: {}", finding.summary);
            }
            assert!(found.findings.is_sorted_by(|a, b| a.severity >= b.severity), "{name}: the most urgent first");
            let before: BTreeMap<&str, &Affected> =
                subjects(&whole).into_iter().map(|subject| (subject.id.as_str(), subject)).collect();
            for subject in subjects(&found) {
                let from = subject.overridden.as_ref().map_or(subject.severity, |overridden| overridden.from);
                assert_eq!(from, before[subject.id.as_str()].severity, "{name}: {}", subject.id);
            }
            silenced += found.policy.silenced;
            overridden += found.policy.overridden;
        }
    }
    assert!(silenced > 100 && overridden > 100, "{silenced} silenced, {overridden} overridden");
}

/// The `found` example of a rule's page with each of its rows twice, the second time about something else of that kind.
fn doubled(text: &str) -> DiagSnapshot {
    const NAMES: [&str; 4] = ["name", "relname", "indexrelname", "queryid"];
    const OIDS: [&str; 4] = ["oid", "relid", "indexrelid", "indrelid"];
    let mut document: Value = serde_json::from_str(text).unwrap();
    for rows in document.as_object_mut().unwrap().values_mut().filter_map(Value::as_array_mut) {
        let mut others = rows.clone();
        for row in others.iter_mut().filter_map(Value::as_object_mut) {
            for (column, value) in row.iter_mut() {
                match value {
                    Value::String(name) if NAMES.contains(&column.as_str()) => name.push_str("_b"),
                    Value::Number(oid) if OIDS.contains(&column.as_str()) => {
                        *value = (oid.as_i64().unwrap() + 100_000).into()
                    }
                    _ => {}
                }
            }
        }
        rows.extend(others);
    }
    example::snapshot(&document.to_string()).unwrap()
}

#[test]
fn the_words_of_every_rule_are_about_what_is_left() {
    let mut tried = BTreeSet::new();
    for rule in rules::of_servers() {
        for found in page::examples(rule).into_iter().filter(|example| example.claim == page::Claim::Found) {
            let snapshot = doubled(&found.text);
            let whole = analyze(&snapshot, &Options::default());
            let Some(finding) = whole.findings.iter().find(|finding| finding.code == rule.code) else { continue };
            let [kept, other] = finding.subjects.as_slice() else { continue };
            // A name that both have silences both.
            if kept.subject.name == other.subject.name {
                continue;
            }
            let text = format!("[[silence]]\nrule = '{}'\nname = '{}'\nreason = 'r'\n", rule.code, other.subject.name);
            let part = with(&snapshot, &read_policy(text.as_bytes()).unwrap());
            let left = part.findings.iter().find(|left| left.code == rule.code);
            let left = left.unwrap_or_else(|| panic!("{}: nothing is left without {:?}", rule.name, other.subject));
            assert_eq!(left.subjects.iter().map(|left| &left.id).collect::<Vec<_>>(), [&kept.id], "{}", rule.name);
            let says_two = |text: &str| text.split([' ', ':']).any(|word| word == "2");
            // A summary can be about some of the subjects.
            if !says_two(&finding.summary) {
                continue;
            }
            assert!(!says_two(&left.summary), "{}: {}", rule.name, left.summary);
            assert_eq!((left.severity, part.policy.silenced), (kept.severity, 1), "{}", rule.name);
            tried.insert(rule.name);
        }
    }
    let lists = ["dead_tuples", "duplicate_index", "invalid_index", "missing_statistics", "pending_restart"];
    assert!(lists.iter().all(|rule| tried.contains(rule)), "only {tried:?}");
}

#[test]
fn a_large_policy_is_read_in_time_in_proportion_to_its_size() {
    let time = |entries: usize| {
        let text = "[[silence]]\nname = 'a'\nreason = 'r'\n".repeat(entries);
        let start = std::time::Instant::now();
        read_policy(text.as_bytes()).unwrap();
        start.elapsed()
    };
    // Quadratic, ten times as many would take a hundred times as long.
    let (few, many) = (time(2_000), time(20_000));
    assert!(many < few * 40, "{few:?} and {many:?}");
}
