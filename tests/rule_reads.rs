//! A rule reads what it declares: what it does not declare can be taken away, what it needs cannot.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_analysis::engine::find;
use pgdba_analysis::facts::Beside;
use pgdba_analysis::facts::growth::RESETS;
use pgdba_analysis::{Checked, Facts, Finding, Rule, rules};
use serde_json::value::RawValue;

use crate::{fixtures, recorded};

type Sections = BTreeMap<String, Box<RawValue>>;

/// What the rule finds. The remedy is the engine's: it depends on who manages the server, whichever rule it is of.
fn found(rule: &Rule, facts: &Facts<'_>) -> Checked<Option<Finding>> {
    let found = find(rule, facts, Beside::default());
    found.map(|found| found.map(|finding| Finding { remedy: Default::default(), ..finding }))
}

fn all_found(facts: &Facts<'_>) -> Vec<Checked<Option<Finding>>> {
    rules::of_servers().map(|rule| found(rule, facts)).collect()
}

fn subset(sections: &Sections, keeps: impl Fn(&str) -> bool) -> Sections {
    sections.iter().filter(|(name, _)| keeps(name)).map(|(name, text)| (name.clone(), text.clone())).collect()
}

#[test]
fn taking_away_what_a_rule_does_not_declare_changes_nothing_and_what_it_needs_leaves_it_not_assessed() {
    let mut missed = BTreeMap::<&str, usize>::new();
    let mut wrong = BTreeSet::new();
    for name in fixtures::names() {
        let mut snapshot = pgdba_snapshot::read(&fixtures::bytes(&name)).unwrap();
        // What all rules share is derived once.
        let whole = all_found(&Facts::of(&snapshot));
        let all = std::mem::take(&mut snapshot.sections);
        for (rule, whole) in rules::of_servers().zip(whole) {
            let (needs, uses) = (rule.needs(), rule.uses());
            let resets: &[_] = if rule.grows() { &RESETS } else { &[] };
            let declares = |section: &str| needs.iter().chain(&uses).chain(resets).any(|spec| spec.name == section);
            snapshot.sections = subset(&all, declares);
            assert_eq!(found(rule, &Facts::of(&snapshot)), whole, "{}: {name}", rule.name);
        }
        for section in all.keys() {
            let needs = |rule: &&Rule| rule.needs().iter().any(|need| need.name == section);
            snapshot.sections = subset(&all, |kept| kept != section);
            let facts = Facts::of(&snapshot);
            for rule in rules::of_servers().filter(needs) {
                if found(rule, &facts).is_ok() {
                    wrong.insert(format!("{} without {section}", rule.name));
                }
                *missed.entry(rule.name).or_default() += 1;
            }
        }
    }
    assert_eq!(wrong, BTreeSet::new(), "assessed");
    // What needs a section newer than every recording cannot be tried on them.
    let expected = recorded::expected();
    let can_be_tried = |rule: &&Rule| rule.needs().iter().any(|need| expected.contains_key(need.name));
    let untried = rules::of_servers().filter(can_be_tried).filter(|rule| !missed.contains_key(rule.name));
    assert_eq!(untried.map(|rule| rule.name).collect::<Vec<_>>(), Vec::<&str>::new(), "no fixture has what they need");
}
