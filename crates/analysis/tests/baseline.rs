//! Baselines of recorded snapshots.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may the functions that only tests call")]

use pgdba_analysis::Options;
use pgdba_analysis::baseline::{Baseline, Part, baseline};
use pgdba_analysis::trend::{snapshot_sections, trend};
use pgdba_snapshot::write::write_part;
use pgdba_snapshot::{DiagSnapshot, read};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const FIXTURES: [(&str, &[u8]); 6] = [
    ("pg12", include_bytes!("../../../fixtures/pg12.json.gz")),
    ("pg12-delta", include_bytes!("../../../fixtures/pg12-delta.json.gz")),
    ("pg15-monitor", include_bytes!("../../../fixtures/pg15-monitor.json.gz")),
    ("pg17-standby", include_bytes!("../../../fixtures/pg17-standby.json.gz")),
    ("pg18", include_bytes!("../../../fixtures/pg18.json.gz")),
    ("pg18-delta", include_bytes!("../../../fixtures/pg18-delta.json.gz")),
];

fn of(snapshot: &DiagSnapshot, parts: &[Part]) -> Baseline {
    let document = RawValue::from_string("{}".to_owned()).unwrap();
    baseline(snapshot, document, parts, &Options::default()).data
}

fn sections(baseline: &Baseline) -> Value {
    serde_json::to_value(&baseline.sections).unwrap()
}

/// A section that reads one that it does not declare would differ.
#[test]
fn a_section_is_the_same_of_a_snapshot_that_has_only_what_it_reads() {
    for (name, bytes) in FIXTURES {
        let whole = read(bytes).unwrap();
        for part in Part::ALL {
            let names = Part::snapshot_sections(&[part]);
            let only = write_part(&whole, whole.collected_at.unwrap(), &names, Vec::new()).unwrap();
            let only = read(&only).unwrap();
            assert!(only.sections.len() < whole.sections.len(), "{name} {part:?}");
            assert_eq!(sections(&of(&only, &[part])), sections(&of(&whole, &[part])), "{name} {part:?}");
        }
    }
}

#[test]
fn only_the_sections_that_were_requested_are_in_the_document() {
    let snapshot = read(FIXTURES[4].1).unwrap();
    let found = sections(&of(&snapshot, &[Part::Locks, Part::Config]));
    assert_eq!(found.as_object().unwrap().keys().collect::<Vec<_>>(), ["config", "locks"]);
    let all = sections(&of(&snapshot, &Part::ALL));
    let mut names = Part::ALL.map(Part::name);
    names.sort_unstable();
    assert_eq!(all.as_object().unwrap().keys().collect::<Vec<_>>(), names);
}

/// Each rate says over which time, or why it is unknown.
fn rates<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) if members.contains_key("per_second") && members.contains_key("period") => {
            found.push(value)
        }
        Value::Object(members) => members.values().for_each(|value| rates(value, found)),
        Value::Array(values) => values.iter().for_each(|value| rates(value, found)),
        _ => {}
    }
}

#[test]
fn rates_of_a_delta_are_those_of_its_window() {
    for (name, bytes) in FIXTURES {
        let is_delta = name.ends_with("delta");
        let document = sections(&of(&read(bytes).unwrap(), &Part::ALL));
        let mut found = Vec::new();
        ["system", "io", "tables", "replication"].iter().for_each(|part| rates(&document[part]["data"], &mut found));
        let period = if is_delta { "delta" } else { "since_reset" };
        for rate in &found {
            // In a delta, a counter that has no sample of its beginning is one since the reset.
            assert_eq!(rate["period"], json!(period), "{name} {rate}");
            assert!(rate["per_second"].as_f64() >= Some(0.0) && rate["seconds"].as_f64() > Some(0.0), "{name} {rate}");
        }
        assert!(!is_delta || found.len() > 10, "{name}: {}", found.len());
    }
}

#[test]
fn a_section_that_could_not_be_read_is_an_absence() {
    let snapshot = pgdba_analysis::example::snapshot("{}").unwrap();
    let document = sections(&of(&snapshot, &Part::ALL));
    for part in Part::ALL {
        let section = &document[part.name()];
        assert!(section["data"].is_null() && section["stats_reset"] == json!([]), "{part:?}: {section}");
        assert!(section["absence"].as_str().unwrap().contains("not in the snapshot"), "{part:?}: {section}");
    }
}

#[test]
fn counters_of_a_fresh_server_have_the_time_of_its_beginning() {
    let snapshot = pgdba_analysis::example::snapshot(
        &json!({ "version": 16, "collected_at": "2026-01-01T12:00:00Z", "system": [{ "server_time": "2026-01-01T12:00:00Z" }],
            "pg_stat_bgwriter": [{ "checkpoints_timed": 7, "checkpoints_req": 0, "buffers_checkpoint": 100,
                "stats_reset": "2026-01-01T10:00:00Z" }],
            "pg_stat_io": [{ "backend_type": "client backend", "object": "relation", "context": "normal", "reads": 3600,
                "stats_reset": "2026-01-01T11:00:00Z" }] })
        .to_string(),
    )
    .unwrap();
    let io = &sections(&of(&snapshot, &[Part::Io]))["io"];
    assert_eq!(
        io["stats_reset"][0],
        json!({ "view": "pg_stat_bgwriter", "of": null, "since": "2026-01-01T10:00:00Z" })
    );
    let process = &io["data"]["processes"][0];
    assert_eq!(process["reads"], json!({ "per_second": 1.0, "period": "since_reset", "seconds": 3600.0 }));
    assert_eq!(process["writes"], Value::Null, "a counter that is null does not apply");
}

#[test]
fn a_trend_reads_no_other_sections_than_it_says() {
    for (name, bytes) in FIXTURES {
        let [first, mut second] = [read(bytes).unwrap(), read(bytes).unwrap()];
        second.collected_at = second.collected_at.map(|time| time + std::time::Duration::from_secs(3600));
        let whole = trend(&[&first, &second]);
        assert!(whole.series.len() > 3 && whole.snapshots.len() == 2, "{name}: {:?}", whole.series);
        let [mut first, mut second] = [first, second];
        for snapshot in [&mut first, &mut second] {
            snapshot.sections.retain(|name, _| snapshot_sections().contains(&name.as_str()));
        }
        assert_eq!(trend(&[&first, &second]), whole, "{name}");
    }
}
