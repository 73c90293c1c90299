//! The laws of the rule registry.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pgdba_analysis::page::{self, Claim};
use pgdba_analysis::rules;

#[test]
fn codes_and_names_are_used_once() {
    let codes: BTreeSet<_> = rules::all().map(|rule| rule.code).collect();
    let names: BTreeSet<_> = rules::all().map(|rule| rule.name).collect();
    assert_eq!(codes.len(), rules::all().count());
    assert_eq!(names.len(), rules::all().count());
    assert!(codes.iter().all(|code| [6, 7].contains(&code.len()) && code.starts_with("PGD")), "{codes:?}");
}

/// Codes of rules that are gone: none is used again.
const RETIRED: [&str; 0] = [];

#[test]
fn a_code_is_of_its_area_and_no_retired_one_comes_back() {
    for (_, area, rules) in rules::AREAS {
        for rule in *rules {
            let number: u32 = rule.code.trim_start_matches("PGD").parse().unwrap();
            assert_eq!((rule.area, number / 100), (*area, area.hundred()), "{}", rule.name);
            assert!(!RETIRED.contains(&rule.code), "{} had another rule once", rule.code);
        }
    }
}

#[test]
fn names_of_an_area_are_sorted() {
    for (area, _, registered) in rules::AREAS {
        assert!(registered.is_sorted_by_key(|rule| rule.name), "registry! of {area}");
    }
}

#[test]
fn every_file_in_a_rule_folder_is_registered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    for (area, _, registered) in rules::AREAS {
        let mut files: Vec<String> = fs::read_dir(root.join(area))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            // The tests of a rule may have a file of their own, in a folder with its name.
            .filter(|path| path.is_file())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|name| name != "mod")
            .collect();
        files.sort();
        let names: Vec<String> = registered.iter().map(|rule| rule.name.to_owned()).collect();
        assert_eq!(files, names, "the registry! of src/rules/{area}/mod.rs and the files beside it differ");
    }
}

#[test]
fn every_page_has_all_its_headings_and_no_unfilled_threshold() {
    for rule in rules::all() {
        let text = page::markdown(rule);
        for heading in
            ["What it sees", "Why it matters", "Threshold", "Remedy", "When to ignore this", "Source", "Examples"]
        {
            assert!(text.contains(&format!("\n## {heading}\n")), "{}: no heading {heading}", rule.name);
        }
        for threshold in rule.thresholds {
            let quoted = format!("{{{}}}", threshold.name);
            assert!(rule.doc.contains(&quoted), "{}: the page does not quote {quoted}", rule.name);
            assert!(!text.contains(&quoted), "{}: {quoted} was not filled in", rule.name);
        }
    }
}

#[test]
fn every_example_does_what_it_claims() {
    for rule in rules::all() {
        let examples = page::examples(rule);
        for claim in [Claim::Found, Claim::Passed] {
            assert!(examples.iter().any(|example| example.claim == claim), "{}: no {claim:?} example", rule.name);
        }
        for example in examples {
            page::run_example(rule, &example).unwrap_or_else(|problem| panic!("{problem}"));
        }
    }
}

#[test]
fn a_wrong_claim_in_an_example_is_noticed() {
    let rule = rules::find("fsync_off").unwrap();
    let mut example = page::examples(rule).remove(0);
    example.claim = Claim::Passed;
    page::run_example(rule, &example).unwrap_err();
}
