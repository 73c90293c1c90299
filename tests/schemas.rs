//! The committed schemas hold for what is really written: recorded and fresh documents, and their analyses.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use pgdba_analysis::{Options, analyze};
use serde_json::{Value, json};
use xtask::paths;
use xtask::servers::{MAJORS, Server, ServerOptions};

use crate::fixtures::{self, unpacked};
use crate::program::pgdba;

pub(crate) fn validator(name: &str) -> Validator {
    let file = paths::root().join("docs/schema").join(name);
    let schema: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

pub(crate) fn assert_valid(validator: &Validator, document: &Value, name: &str) {
    let faults: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new(), "{name}");
}

#[test]
fn every_fixture_and_its_analysis_are_valid() {
    let (snapshots, analyses) = (validator("snapshot.json"), validator("analysis.json"));
    for name in fixtures::names() {
        let text = unpacked(&fixtures::bytes(&name));
        assert_valid(&snapshots, &serde_json::from_slice(&text).unwrap(), &name);
        let analysis = analyze(&pgdba_snapshot::read(&text).unwrap(), &Options::default());
        assert_valid(&analyses, &serde_json::to_value(&analysis).unwrap(), &name);
    }
}

#[test]
fn a_fresh_document_and_what_the_program_says_of_it_are_valid() {
    let (snapshots, analyses) = (validator("snapshot.json"), validator("analysis.json"));
    let folder = tempfile::tempdir().unwrap();
    for major in [MAJORS[0], MAJORS[MAJORS.len() - 1]] {
        let server = Server::start(major, &ServerOptions::default().with_statements()).unwrap();
        let file = folder.path().join(format!("{major}.json"));
        let dsn = server.dsn("postgres", "postgres");
        let run = pgdba(&["inspect", "--dsn", &dsn, "-o", file.to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{major}: {}", run.stderr);
        assert_valid(&snapshots, &read_json(&file), &major.to_string());
        let check = pgdba(&["check", "--format", "json", "--snapshot", file.to_str().unwrap()]);
        assert_valid(&analyses, &check.envelope()["data"], &major.to_string());
    }
}

#[test]
fn a_wrong_document_is_not_valid() {
    let (snapshots, analyses) = (validator("snapshot.json"), validator("analysis.json"));
    let text = unpacked(&fixtures::bytes("pg18.json.gz"));
    let snapshot: Value = serde_json::from_slice(&text).unwrap();
    let analysis = analyze(&pgdba_snapshot::read(&text).unwrap(), &Options::default());
    let analysis = serde_json::to_value(&analysis).unwrap();
    for (place, wrong) in [
        ("/format", json!("other")),
        ("/format_version", json!(99)),
        ("/identity/server_version_num", json!("18")),
        ("/sections/host/available", json!("yes")),
        ("/sections/pg_settings/columns", json!([1])),
        ("/sections/pg_settings/rows/0", json!({})),
    ] {
        assert!(!snapshots.is_valid(&with(&snapshot, place, wrong)), "{place}");
    }
    for (place, wrong) in [
        ("/findings/0/severity", json!("dreadful")),
        ("/findings/0/subjects/0/subject", json!("a table")),
        ("/findings/0/subjects/0/figures/0/value", json!(7)),
        ("/assessments/0/outcome", json!({ "result": "perhaps" })),
        ("/verdict", json!(null)),
    ] {
        assert!(!analyses.is_valid(&with(&analysis, place, wrong)), "{place}");
    }
}

fn with(document: &Value, place: &str, wrong: Value) -> Value {
    let mut changed = document.clone();
    *changed.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = wrong;
    changed
}

fn read_json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}
