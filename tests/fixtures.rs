//! The recorded snapshots: each gives exactly the findings that the manifest declares.

use std::collections::BTreeMap;
use std::fs;

use pgdba_analysis::{Options, Outcome, analyze};
use serde::Deserialize;
use xtask::fixtures::folder;

#[derive(Deserialize)]
struct Manifest {
    command: String,
    fixtures: BTreeMap<String, Declared>,
}

/// What a fixture must give. Written by hand, so that recording anew cannot hide a rule that fell silent.
#[derive(Deserialize)]
struct Declared {
    found: Vec<String>,
    not_assessed: Vec<String>,
}

fn manifest() -> Manifest {
    toml::from_str(&fs::read_to_string(folder().join("manifest.toml")).unwrap()).unwrap()
}

#[test]
fn every_fixture_gives_the_declared_findings_and_no_other() {
    for (name, declared) in manifest().fixtures {
        let bytes = fs::read(folder().join(&name)).unwrap();
        let snapshot = pgdba_snapshot::read(&bytes).unwrap();
        let analysis = analyze(&snapshot, &Options::default());
        assert_eq!(analysis.problems, Vec::<String>::new(), "{name}");
        let mut found: Vec<&str> = analysis.findings.iter().map(|finding| finding.code.as_str()).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, declared.found, "{name}: found");
        let blind = analysis.assessments.iter().filter(|a| matches!(a.outcome, Outcome::NotAssessed { .. }));
        let blind: Vec<&str> = blind.map(|a| a.code.as_str()).collect();
        assert_eq!(blind, declared.not_assessed, "{name}: not assessed");
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
}
