//! The recorded snapshots: each gives exactly the findings that the manifest declares, in the words of `tests/snapshots`.
//!
//! Where words or figures changed on purpose: `INSTA_UPDATE=always cargo test -p e2e fixtures`, then look at the diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::panic;

use flate2::read::GzDecoder;
use pgdba_analysis::{Analysis, Finding, Options, Outcome, Quantity, analyze};
use serde::Deserialize;
use xtask::fixtures::folder;
use xtask::paths;

#[derive(Deserialize)]
struct Manifest {
    command: String,
    fixtures: BTreeMap<String, Declared>,
    /// Files that no command records, each with where its figures come from.
    measured: BTreeMap<String, String>,
}

/// What a fixture must give. Written by hand, so that recording anew cannot hide a rule that fell silent.
#[derive(Deserialize)]
struct Declared {
    found: Vec<String>,
    not_assessed: Vec<String>,
    refused: Vec<String>,
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

#[test]
fn every_fixture_gives_the_declared_findings_and_no_other() {
    for (name, declared) in manifest().fixtures {
        let analysis = analysis(&name);
        assert_eq!(analysis.problems, Vec::<String>::new(), "{name}");
        let mut found: Vec<&str> = analysis.findings.iter().map(|finding| finding.code.as_str()).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, declared.found, "{name}: found");
        let blind = analysis.assessments.iter().filter(|a| matches!(a.outcome, Outcome::NotAssessed { .. }));
        let blind: Vec<&str> = blind.map(|a| a.code.as_str()).collect();
        assert_eq!(blind, declared.not_assessed, "{name}: not assessed");
        let mut refused: Vec<&str> = analysis
            .sections
            .iter()
            .filter(|section| !section.available)
            .map(|section| section.name.as_str())
            .collect();
        refused.sort_unstable();
        assert_eq!(refused, declared.refused, "{name}: refused");
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
    let entries = fs::read_dir(folder().join("starting")).unwrap();
    let measured: BTreeSet<String> =
        entries.map(|entry| format!("starting/{}", entry.unwrap().file_name().to_str().unwrap())).collect();
    assert_eq!(measured, manifest.measured.keys().cloned().collect());
}

#[test]
fn every_fixture_gives_the_recorded_findings_word_for_word() {
    // Every fixture is looked at before the test fails, so that one run writes all that changed.
    let mut changed = Vec::new();
    for name in names() {
        let shown = shown(&analysis(&name));
        let same = panic::catch_unwind(|| settings().bind(|| insta::assert_snapshot!(stem(&name), shown)));
        if same.is_err() {
            changed.push(name);
        }
    }
    assert_eq!(changed, Vec::<String>::new(), "not what {FOLDER} says; to accept it: {ACCEPT}");
    let recorded: BTreeSet<String> = recorded().collect();
    let expected = names().iter().map(|name| stem(name).to_owned()).collect();
    assert_eq!(recorded, expected, "each file in {FOLDER} belongs to a fixture");
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

/// The counts of the outcomes, then a block for each finding.
fn shown(analysis: &Analysis) -> String {
    let count = |wanted: fn(&Outcome) -> bool| analysis.assessments.iter().filter(|a| wanted(&a.outcome)).count();
    let mut text = format!(
        "{}: {} found, {} clean, {} not assessed\n",
        analysis.verdict.words(),
        count(|outcome| matches!(outcome, Outcome::Found { .. })),
        count(|outcome| *outcome == Outcome::Clean),
        count(|outcome| matches!(outcome, Outcome::NotAssessed { .. })),
    );
    for assessment in &analysis.assessments {
        if let Outcome::NotAssessed { reason } = &assessment.outcome {
            writeln!(text, "{} not assessed: {reason}", assessment.code).unwrap();
        }
    }
    for finding in &analysis.findings {
        text.push_str(&block(finding));
    }
    text
}

fn block(finding: &Finding) -> String {
    let Finding { code, severity, confidence, subject, summary, evidence, .. } = finding;
    let (severity, confidence) = (severity.word(), confidence.word());
    let mut text = format!("\n{code} {severity}, {confidence} confidence\n  {summary}\n");
    writeln!(text, "  subject: {}", format!("{} {}", subject.kind(), subject.name()).trim_end()).unwrap();
    for figure in evidence {
        let limit = figure.limit.as_ref().map(|limit| format!(" (limit {})", exactly(limit))).unwrap_or_default();
        writeln!(text, "  {}: {}{limit}", figure.name, exactly(&figure.value)).unwrap();
    }
    text
}

/// A figure without rounding, so that a small change shows.
fn exactly(figure: &Quantity) -> String {
    figure.exact().unwrap_or_else(|| figure.display())
}
