//! What holds of every policy: nothing that was found is lost, and the words are about what is left.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_analysis::format::Affected;
use pgdba_analysis::{Analysis, Options, Policy, analyze, read_policy};
use pgdba_snapshot::DiagSnapshot;

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

#[test]
fn the_words_of_every_rule_are_about_what_is_left() {
    let mut tried = BTreeSet::new();
    for name in fixtures::names() {
        let snapshot = pgdba_snapshot::read(&fixtures::bytes(&name)).unwrap();
        let whole = analyze(&snapshot, &Options::default());
        let Some(cluster) = snapshot.fingerprint() else { continue };
        for finding in whole.findings.iter().filter(|finding| finding.subjects.len() > 1) {
            let (last, others) = finding.subjects.split_last().unwrap();
            let others: Vec<&str> = others.iter().map(|subject| subject.id.as_str()).collect();
            let text = format!("[[accepted]]\ncluster = '{cluster}'\ncritical = {others:?}\n");
            let mut policy = read_policy(text.as_bytes()).unwrap();
            policy.new_only = true;
            let found = with(&snapshot, &policy);
            let left = found.findings.iter().find(|left| left.code == finding.code).unwrap();
            assert_eq!(left.subjects.iter().map(|left| &left.id).collect::<Vec<_>>(), [&last.id], "{name}");
            let count = pgdba_pg::display::count(i64::try_from(finding.subjects.len()).unwrap());
            let says_all = |text: &str| text.split([' ', ':']).any(|word| word == count);
            assert!(left.summary != finding.summary && !says_all(&left.summary), "{name}: {}", left.summary);
            assert_eq!(left.severity, last.severity, "{name}");
            tried.insert(finding.name.clone());
        }
    }
    let expected = ["dead_tuples", "duplicate_index", "invalid_index", "missing_statistics"];
    assert!(expected.iter().all(|rule| tried.contains(*rule)), "only {tried:?}");
}
