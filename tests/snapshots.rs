//! Documents that were cut or tampered with: a clear error or a degraded section, never a panic.

use std::io::Read;

use pgdba_analysis::{Options, analyze};
use pgdba_report::{Report, html};
use serde_json::{Value, json};
use xtask::fixtures::folder;

/// A real document, unpacked.
fn document() -> Vec<u8> {
    let file = std::fs::File::open(folder().join("pg18.json.gz")).unwrap();
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut text).unwrap();
    text
}

fn survive(bytes: &[u8]) -> bool {
    let Ok(snapshot) = pgdba_snapshot::read(bytes) else { return false };
    let analysis = analyze(&snapshot, &Options::default());
    !html::render(&Report::of(&analysis)).is_empty()
}

#[test]
fn a_document_cut_at_any_byte_is_refused_with_a_clear_error() {
    let whole = document();
    assert!(survive(&whole));
    let end = whole.iter().rposition(|byte| *byte == b'}').unwrap();
    for length in (0..=end).step_by(97).chain(end - 200..=end) {
        let error = pgdba_snapshot::read(&whole[..length]).map(|_| ()).unwrap_err();
        assert!(matches!(error.code(), "snapshot_truncated" | "snapshot_empty"), "{length}: {error}");
    }
}

#[test]
fn a_compressed_document_cut_at_any_byte_is_refused_with_a_clear_error() {
    let whole = std::fs::read(folder().join("pg18.json.gz")).unwrap();
    for length in (0..whole.len()).step_by(53) {
        let error = pgdba_snapshot::read(&whole[..length]).map(|_| ()).unwrap_err();
        assert!(!error.to_string().is_empty() && !error.hint().is_empty(), "{length}");
    }
}

#[test]
fn one_value_of_a_wrong_type_anywhere_degrades_and_never_panics() {
    let mut document: Value = serde_json::from_slice(&document()).unwrap();
    // All rows go the same way; a small document makes many tries quick.
    for section in document["sections"].as_object_mut().unwrap().values_mut() {
        section["rows"].as_array_mut().unwrap().truncate(2);
    }
    let mut places = Vec::new();
    walk(&document, String::new(), &mut places);
    assert!(places.len() > 300, "only {} places", places.len());
    for place in places {
        for wrong in [json!(null), json!(7), json!("x"), json!([1]), json!({"a": 1}), json!(1e300)] {
            let mut changed = document.clone();
            *changed.pointer_mut(&place).unwrap() = wrong;
            // Reading may refuse it (the format's own name) or degrade it; both are answers.
            let _ = survive(changed.to_string().as_bytes());
        }
    }
}

/// Every member, and of lists the first item, since all rows go the same way.
fn walk(value: &Value, at: String, places: &mut Vec<String>) {
    if !at.is_empty() {
        places.push(at.clone());
    }
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| walk(member, format!("{at}/{name}"), places))
        }
        Value::Array(items) => items.iter().enumerate().take(30).for_each(|(index, item)| {
            if index == 0 || !item.is_array() {
                walk(item, format!("{at}/{index}"), places);
            }
        }),
        _ => {}
    }
}
