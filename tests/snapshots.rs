//! Documents that were cut or tampered with: a clear error or a degraded section, never a panic.

use pgdba_analysis::{Options, analyze};
use pgdba_report::{Report, html};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::fixtures::{bytes, unpacked};

/// A real document, unpacked.
fn document() -> Vec<u8> {
    unpacked(&bytes("pg18.json.gz"))
}

fn survive(bytes: &[u8]) -> bool {
    let Ok(snapshot) = pgdba_snapshot::read(bytes) else { return false };
    let analysis = analyze(&snapshot, &Options::default());
    !html::render(&Report::of(&analysis)).is_empty()
}

/// A small document is cut at every byte in `crates/snapshot/tests/reader.rs`; here a large one, in steps.
#[test]
fn a_large_document_cut_anywhere_is_refused_with_a_clear_error() {
    let whole = document();
    assert!(survive(&whole));
    let end = whole.iter().rposition(|byte| *byte == b'}').unwrap();
    for length in (0..=end).step_by(97).chain(end - 200..=end) {
        let error = pgdba_snapshot::read(&whole[..length]).map(|_| ()).unwrap_err();
        assert!(matches!(error.code(), "snapshot_truncated" | "snapshot_empty"), "{length}: {error}");
    }
}

#[test]
fn a_large_compressed_document_cut_anywhere_is_refused_with_a_clear_error() {
    let whole = bytes("pg18.json.gz");
    for length in (0..whole.len()).step_by(53) {
        let error = pgdba_snapshot::read(&whole[..length]).map(|_| ()).unwrap_err();
        let expected = if length == 0 { "snapshot_empty" } else { "snapshot_gzip_damaged" };
        assert_eq!(error.code(), expected, "{length}: {error}");
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

/// A document with its rows cut to a few, but for the parameters, which rules look up by name.
fn few_rows(name: &str) -> Value {
    let mut document: Value = serde_json::from_slice(&unpacked(&bytes(name))).unwrap();
    for (section, members) in document["sections"].as_object_mut().unwrap() {
        if let Some(rows) = members.get_mut("rows").and_then(Value::as_array_mut)
            && section != "pg_settings"
        {
            rows.truncate(4);
        }
    }
    document
}

/// Values that arithmetic, dates and text stumble over.
fn stumbling() -> Vec<Value> {
    vec![
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0),
        json!(-1),
        json!(f64::MAX),
        json!(f64::MIN_POSITIVE),
        json!("NaN"),
        json!("-Infinity"),
        json!("infinity"),
        json!("9999-12-30T22:00:00Z"),
        json!("-009999-01-02T01:59:59Z"),
        json!("on"),
        json!("off"),
        json!("9223372036854775807"),
        json!("{1,2"),
        json!("\u{0}\u{202e}</script>"),
        json!([]),
        json!([i64::MAX, null]),
        json!(null),
    ]
}

fn hostile() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => proptest::sample::select(stumbling()),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
    ]
}

/// An extreme value of the kind that `cell` holds, the `choice`th; `None` where it is neither figure nor time.
fn extreme(section: &str, column: usize, cell: &Value, choice: usize) -> Option<Value> {
    const FIGURES: [i64; 6] = [i64::MAX, i64::MIN, i64::MAX - 1, -1, 0, 1];
    const TIMES: [&str; 4] = ["9999-12-30T22:00:00Z", "-009999-01-02T01:59:59Z", "2000-01-01T00:00:00Z", "infinity"];
    let figure = FIGURES[choice % FIGURES.len()];
    let is_setting = section == "pg_settings" && column == 1;
    match cell {
        Value::String(text) if is_setting && text.parse::<f64>().is_ok() => Some(json!(figure.to_string())),
        Value::String(text) if text.ends_with('Z') && text.contains('T') => Some(json!(TIMES[choice % TIMES.len()])),
        Value::Number(_) => Some(json!(figure)),
        _ => None,
    }
}

/// Where a hostile value goes: section, column, and a row or all of them.
fn place() -> impl Strategy<Value = (Index, Index, Option<Index>)> {
    (any::<Index>(), any::<Index>(), proptest::option::of(any::<Index>()))
}

fn put(document: &mut Value, (section, column, row): &(Index, Index, Option<Index>), value: &Value) {
    let sections = document["sections"].as_object_mut().unwrap();
    let at = section.index(sections.len());
    let members = sections.values_mut().nth(at).unwrap();
    let Some(rows) = members.get_mut("rows").and_then(Value::as_array_mut).filter(|rows| !rows.is_empty()) else {
        return;
    };
    let chosen = row.map(|row| row.index(rows.len()));
    for (_, row) in rows.iter_mut().enumerate().filter(|(at, _)| chosen.is_none_or(|chosen| chosen == *at)) {
        let cells = row.as_array_mut().unwrap();
        let column = column.index(cells.len());
        cells[column] = value.clone();
    }
}

/// What the hostile values are put into.
const SMALL: [&str; 3] = ["example.json.gz", "pg18.json.gz", "pg12-plain.json.gz"];

thread_local! {
    static DOCUMENTS: [Value; 3] = SMALL.map(few_rows);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn hostile_values_in_any_cells_never_panic(which: Index, changes in vec((place(), hostile()), 1..12)) {
        let mut document = DOCUMENTS.with(|small| which.get(small).clone());
        for (place, value) in &changes {
            put(&mut document, place, value);
        }
        prop_assert!(survive(document.to_string().as_bytes()), "a wrong value in a row costs the document");
    }

    /// Sums, differences and products overflow only where several figures are extreme at once, while the rest is in order.
    #[test]
    fn extreme_figures_and_times_everywhere_never_panic(which: Index, dice in vec(any::<u8>(), 512)) {
        let mut document = DOCUMENTS.with(|small| which.get(small).clone());
        let mut dice = dice.iter().cycle().map(|die| usize::from(*die));
        let sections = document["sections"].as_object_mut().unwrap();
        for (section, members) in sections {
            let rows = members.get_mut("rows").and_then(Value::as_array_mut);
            for row in rows.into_iter().flatten() {
                for (column, cell) in row.as_array_mut().unwrap().iter_mut().enumerate() {
                    let die = dice.next().unwrap();
                    if let Some(extreme) = extreme(section, column, cell, die / 2).filter(|_| die % 2 == 0) {
                        *cell = extreme;
                    }
                }
            }
        }
        prop_assert!(survive(document.to_string().as_bytes()), "an extreme value costs the document");
    }

    #[test]
    fn spoilt_bytes_never_panic(which: Index, changes in vec((any::<Index>(), any::<Index>(), any::<Option<u8>>()), 1..4)) {
        let mut text = DOCUMENTS.with(|small| which.get(small).to_string().into_bytes());
        for (from, length, byte) in &changes {
            let from = from.index(text.len());
            match byte {
                Some(byte) => text[from] = *byte,
                // Up to thirty bytes twice, which moves the cells of a row.
                None => {
                    let end = (from + length.index(30)).min(text.len());
                    let repeated = text[from..end].to_vec();
                    text.splice(end..end, repeated);
                }
            }
        }
        let _ = survive(&text);
    }
}

#[test]
fn verify_names_the_values_that_do_not_fit_their_columns() {
    let mut document: Value = serde_json::from_slice(&self::document()).unwrap();
    let section = &mut document["sections"]["pg_class"];
    let at = section["columns"].as_array().unwrap().iter().position(|column| column == "relpages").unwrap();
    section["rows"][0][at] = "many".into();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.json");
    std::fs::write(&file, document.to_string()).unwrap();
    let run = crate::program::pgdba(&["snapshot", "verify", file.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("section pg_class: column relpages has"), "{}", run.stderr);
}
