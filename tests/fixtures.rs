//! The recorded snapshots: each rule finds in them exactly what is declared, in the words of `tests/snapshots`.
//!
//! A rule has a file of its own in both places: `fixtures/rules/NAME.toml` declares by hand in which fixtures it fires, and
//! `tests/snapshots/NAME.snap` holds what it says there. Where words or figures changed on purpose:
//! `INSTA_UPDATE=always cargo test -p e2e fixtures`, then look at the diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::panic;
use std::path::Path;

use flate2::read::GzDecoder;
use pgdba_analysis::format::SectionState;
use pgdba_analysis::{Analysis, Finding, Options, Outcome, Quantity, Rule, analyze, rules};
use serde::Deserialize;
use xtask::fixtures::folder;
use xtask::paths;

use crate::spoiled::Spoil;

#[derive(Deserialize)]
struct Manifest {
    command: String,
    fixtures: BTreeMap<String, Declared>,
    /// Files that no command records, each with where its figures come from.
    measured: BTreeMap<String, String>,
}

/// What a fixture must lack. Written by hand, so that recording anew cannot hide it.
#[derive(Deserialize)]
struct Declared {
    refused: Vec<String>,
}

/// Where a rule must fire, and where it has a reason of its own not to run. Written by hand, so that accepting words blindly
/// cannot hide a rule that fell silent. A rule without a file fires nowhere.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expected {
    found: Vec<String>,
    not_assessed: Vec<String>,
    /// How to cause on a server what the rule finds; `spoiled.rs` does it.
    pub(crate) spoil: Option<Spoil>,
}

impl Expected {
    pub(crate) fn of(rule: &str) -> Self {
        let file = folder().join("rules").join(format!("{rule}.toml"));
        fs::read_to_string(file).map(|text| toml::from_str(&text).unwrap()).unwrap_or_default()
    }

    /// Whether it has a reason of its own not to run in this fixture.
    pub(crate) fn is_blind_in(&self, fixture: &str) -> bool {
        names_it(&self.not_assessed, fixture)
    }
}

/// Whether one of the patterns, with `*` for anything, is this fixture.
fn names_it(patterns: &[String], fixture: &str) -> bool {
    let matches = |pattern: &String| match pattern.split_once('*') {
        Some((head, tail)) => {
            fixture.len() >= head.len() + tail.len() && fixture.starts_with(head) && fixture.ends_with(tail)
        }
        None => fixture == pattern,
    };
    patterns.iter().any(matches)
}

fn manifest() -> Manifest {
    toml::from_str(&fs::read_to_string(folder().join("manifest.toml")).unwrap()).unwrap()
}

/// The recorded files, by name.
pub(crate) fn names() -> Vec<String> {
    manifest().fixtures.into_keys().collect()
}

/// A recorded file as it lies there.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

/// The JSON text in a compressed file.
pub(crate) fn unpacked(compressed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut text).unwrap();
    text
}

fn analysis(name: &str) -> Analysis {
    analyze(&pgdba_snapshot::read(&bytes(name)).unwrap(), &Options::default())
}

/// Every fixture by its name without the ending.
fn analyses() -> BTreeMap<String, Analysis> {
    names().into_iter().map(|name| (stem(&name).to_owned(), analysis(&name))).collect()
}

#[test]
fn every_fixture_reads_without_a_problem_and_lacks_what_was_refused() {
    for (name, declared) in manifest().fixtures {
        let snapshot = pgdba_snapshot::read(&bytes(&name)).unwrap();
        let analysis = analyze(&snapshot, &Options::default());
        assert_eq!(analysis.problems, Vec::<String>::new(), "{name}");
        // A section that is not in the document at all is newer than it; `recorded.rs` notices one that was lost.
        let is_recorded = |section: &&SectionState| snapshot.sections.contains_key(&section.name);
        let refused = analysis.sections.iter().filter(|section| !section.available).filter(is_recorded);
        let mut refused: Vec<&str> = refused.map(|section| section.name.as_str()).collect();
        refused.sort_unstable();
        assert_eq!(refused, declared.refused, "{name}: refused");
    }
}

#[test]
fn every_rule_fires_where_it_is_declared_to_and_nowhere_else() {
    let analyses = analyses();
    for rule in rules::of_servers() {
        let expected = Expected::of(rule.name);
        for (fixture, analysis) in &analyses {
            let outcome = &analysis.assessments.iter().find(|assessment| assessment.code == rule.code).unwrap().outcome;
            let is_blind = lacks_a_need(rule, analysis) || names_it(&expected.not_assessed, fixture);
            let word = match outcome {
                Outcome::Found { .. } => "found",
                Outcome::Passed => "passed",
                Outcome::NotAssessed { .. } => "not assessed",
                Outcome::SetAside { .. } => "set aside",
                Outcome::Ignored { .. } => "ignored",
            };
            let wanted = match (is_blind, names_it(&expected.found, fixture)) {
                (true, _) => "not assessed",
                (false, true) => "found",
                (false, false) => "passed",
            };
            assert_eq!(word, wanted, "{} in {fixture}", rule.name);
        }
    }
}

/// Whether a section that the rule declares to need is missing, or hides rows that it needs.
pub(crate) fn lacks_a_need(rule: &Rule, analysis: &Analysis) -> bool {
    let needs = rule.needs();
    let whole = rule.needs_whole();
    analysis.sections.iter().any(|section| {
        let is_missing = !section.available && needs.iter().any(|need| need.name == section.name);
        is_missing || (section.reason.is_some() && whole.iter().any(|need| need.name == section.name))
    })
}

#[test]
fn every_declaration_is_of_a_rule() {
    let declared = fs::read_dir(folder().join("rules")).unwrap().map(|entry| entry.unwrap().path());
    for file in declared {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(rules::find(&name).is_some(), "fixtures/rules/{name}.toml is of no rule");
    }
}

#[test]
fn the_manifest_names_every_file_and_the_command_that_makes_it() {
    let manifest = manifest();
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json.gz"))
        .collect();
    files.sort();
    assert_eq!(files, manifest.fixtures.keys().cloned().collect::<Vec<_>>());
    assert_eq!(manifest.command, "cargo xtask fixtures");
    let names = |folder: &Path| -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let starting = names(&folder().join("starting")).into_iter().map(|name| format!("starting/{name}"));
    let others = names(&folder()).into_iter().filter(|name| name.ends_with(".json"));
    let measured: BTreeSet<String> = starting.chain(others).collect();
    assert_eq!(measured, manifest.measured.keys().cloned().collect());
}

#[test]
fn every_rule_says_what_is_recorded_word_for_word() {
    let analyses = analyses();
    // Every rule is looked at before the test fails, so that one run writes all that changed.
    let mut changed = Vec::new();
    let mut expected = BTreeSet::new();
    for rule in rules::of_servers() {
        let shown = shown(rule, &analyses);
        if shown.is_empty() {
            continue;
        }
        expected.insert(rule.name.to_owned());
        let same = panic::catch_unwind(|| settings().bind(|| insta::assert_snapshot!(rule.name, shown)));
        if same.is_err() {
            changed.push(rule.name);
        }
    }
    assert_eq!(changed, Vec::<&str>::new(), "not what {FOLDER} says; to accept it: {ACCEPT}");
    assert_eq!(
        recorded().collect::<BTreeSet<String>>(),
        expected,
        "each file in {FOLDER} belongs to a rule that fires"
    );
}

/// The names of the snapshots of findings that are there.
fn recorded() -> impl Iterator<Item = String> {
    let files = fs::read_dir(paths::root().join(FOLDER)).unwrap().map(|entry| entry.unwrap().path());
    let recorded = files.filter(|file| file.extension().is_some_and(|ending| ending == "snap"));
    recorded.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
}

/// Where the expected findings stand, and how to accept others.
const FOLDER: &str = "tests/snapshots";
const ACCEPT: &str = "INSTA_UPDATE=always cargo test -p e2e fixtures, then look at the diff";

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::new();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".json.gz").unwrap()
}

/// What a rule says, each text once with the fixtures that give it.
fn shown(rule: &Rule, analyses: &BTreeMap<String, Analysis>) -> String {
    let mut texts = BTreeMap::<String, Vec<&str>>::new();
    for (fixture, analysis) in analyses {
        let found = analysis.findings.iter().filter(|finding| finding.code == rule.code);
        found.for_each(|finding| texts.entry(block(finding)).or_default().push(fixture));
    }
    let mut texts: Vec<(Vec<&str>, String)> = texts.into_iter().map(|(text, fixtures)| (fixtures, text)).collect();
    texts.sort();
    texts.into_iter().map(|(fixtures, text)| format!("in {}:\n{text}\n", fixtures.join(", "))).collect()
}

fn block(finding: &Finding) -> String {
    let (severity, confidence) = (finding.severity.word(), finding.confidence.word());
    let mut text = format!("{} {severity}, {confidence} confidence\n  {}\n", finding.code, finding.summary);
    for figure in &finding.evidence {
        writeln!(text, "  {}", figure_line(figure)).unwrap();
    }
    for affected in &finding.subjects {
        writeln!(text, "  {} ({})", affected.id, affected.severity.word()).unwrap();
        affected.figures.iter().for_each(|figure| writeln!(text, "    {}", figure_line(figure)).unwrap());
    }
    text
}

fn figure_line(figure: &pgdba_analysis::Figure) -> String {
    let limit = figure.limit.as_ref().map(|limit| format!(" (limit {})", exactly(limit))).unwrap_or_default();
    format!("{}: {}{limit}", figure.key, exactly(&figure.value))
}

/// A figure without rounding, so that a small change shows.
fn exactly(figure: &Quantity) -> String {
    figure.exact().unwrap_or_else(|| figure.display())
}
