//! The reader against anything: arbitrary bytes, arbitrary JSON, real documents spoilt in every way. It gives a snapshot or
//! an error with a code and a hint, and never panics.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use pgdba_snapshot::section::{Section, read_table};
use pgdba_snapshot::sections::pg_class::PgClass;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use pgdba_snapshot::write::{Body, Head, Look, SnapshotWriter, Tail, write_row};
use pgdba_snapshot::{DiagSnapshot, ReadError, read};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// A real document, recorded from a server of version 18.
const RECORDED: &[u8] = include_bytes!("../../../fixtures/pg18.json.gz");

/// The rows of each section that the small document keeps.
const ROWS: usize = 2;

/// The recorded document with few rows in each section, written and sealed as the collector does it.
fn small() -> Vec<u8> {
    let mut text = Vec::new();
    GzDecoder::new(RECORDED).read_to_end(&mut text).unwrap();
    let whole = read(&text).unwrap();
    let head = Head {
        producer: &whole.producer,
        collected_at: whole.collected_at.unwrap(),
        identity: &whole.identity,
        prereqs: &whole.prereqs,
        sampling: &whole.sampling,
    };
    let mut writer = SnapshotWriter::begin(Vec::new(), &head).unwrap();
    for name in whole.sections.keys() {
        let table = read_table(&whole, name);
        let mut rows = Vec::new();
        for (at, row) in table.rows.iter().take(ROWS).enumerate() {
            write_row(&mut rows, row, at == 0).unwrap();
        }
        let last = Look { collected_at: whole.collected_at, rows: &mut rows.as_slice() };
        let body = Body { columns: &table.columns, last, earlier: None, between: Vec::new() };
        writer.section(name, body, &Tail::default()).unwrap();
    }
    writer.unavailable_section("refused", "no right to read it").unwrap();
    writer.finish().unwrap()
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reads `bytes`, and of a snapshot every section too; whichever way it goes, the answer is a whole one.
fn answer(bytes: &[u8]) -> Result<DiagSnapshot, ReadError> {
    let answer = read(bytes);
    match &answer {
        Ok(snapshot) => {
            for name in snapshot.sections.keys() {
                let _ = read_table(snapshot, name);
            }
            let _ = snapshot.section::<PgSetting>();
        }
        Err(error) => {
            assert!(error.code().starts_with("snapshot_"), "{error}");
            assert!(error.hint().ends_with('.') && !error.to_string().is_empty(), "{error}");
            assert!(
                !error.to_string().contains("not a pgdba snapshot but a document of format \"pgdba.diag_snapshot\"")
            );
        }
    }
    answer
}

#[test]
fn the_small_document_is_whole() {
    let snapshot = answer(&small()).unwrap();
    assert_eq!(snapshot.problems, Vec::<String>::new());
    assert!(snapshot.sections.len() > 10);
    assert_eq!(snapshot.section::<PgSetting>().rows.len(), ROWS);
}

#[test]
fn only_a_number_or_a_time_can_be_infinite() {
    let section = json!({ "columns": ["oid", "nspname", "relname", "relkind", "reltuples"], "rows": [
        [1, "NaN", "infinity", "r", "NaN"],
        [2, "s", "t", "relation", 5],
    ] });
    let read = Section::<PgClass>::from_json(&section.to_string());
    let names: Vec<_> = read.rows.iter().map(|row| (row.nspname.as_str(), row.relname.as_str(), row.relkind)).collect();
    assert_eq!(names, [("NaN", "infinity", Some('r')), ("s", "t", None)]);
    assert_eq!([read.rows[0].reltuples, read.rows[1].reltuples], [None, Some(5.0)]);
    // A longer text is no "char", and is noted; the number that is none is not.
    assert_eq!(read.problems, ["section pg_class: column relkind has text in 1 row; treated as unknown"]);
}

#[test]
fn a_document_cut_at_any_byte_is_refused_and_called_cut() {
    let whole = small();
    let end = whole.iter().rposition(|byte| *byte == b'}').unwrap();
    for length in 0..=end {
        let error = answer(&whole[..length]).unwrap_err();
        let expected = if length == 0 { "snapshot_empty" } else { "snapshot_truncated" };
        assert_eq!(error.code(), expected, "{length}: {error}");
    }
}

#[test]
fn a_compressed_document_cut_at_any_byte_is_refused_and_called_damaged() {
    let whole = compressed(&small());
    for length in 0..whole.len() {
        let error = answer(&whole[..length]).unwrap_err();
        // Without both bytes of the magic number nobody can know that it was to be gzip.
        let expected = match length {
            0 => "snapshot_empty",
            1 => "snapshot_not_json",
            _ => "snapshot_gzip_damaged",
        };
        assert_eq!(error.code(), expected, "{length}: {error}");
    }
}

#[test]
fn a_member_that_stands_there_twice_is_named() {
    let twice = String::from_utf8(small()).unwrap().replacen("\"sections\"", "\"sampling\":{},\"sections\"", 1);
    let error = answer(twice.as_bytes()).unwrap_err();
    let words = "the snapshot is damaged: the member \"sampling\" occurs more than once";
    assert!(error.code() == "snapshot_damaged" && error.to_string().starts_with(words), "{error}");
}

#[test]
fn nesting_of_any_depth_is_an_answer() {
    let document = String::from_utf8(small()).unwrap();
    let at_sections = "\"sections\":{";
    for depth in [10, 127, 128, 1_000, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"command\":1,\"data\":", "}")] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            answer(nested.as_bytes()).unwrap_err();
            // One that never closes, too.
            answer(open.repeat(depth).as_bytes()).unwrap_err();
            // In a section, in a row, and as a member that nobody knows.
            for within in [
                format!("{at_sections}\"deep\":{nested},"),
                format!("{at_sections}\"deep\":{{\"columns\":[\"a\"],\"rows\":[[{nested}]]}},"),
                format!("\"deep\":{nested},{at_sections}"),
            ] {
                let _ = answer(document.replacen(at_sections, &within, 1).as_bytes());
            }
        }
    }
}

/// Any JSON, with the words of the format among its keys and numbers of every size among its values.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(word(), inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn word() -> impl Strategy<Value = String> {
    let known: &'static [&str] = &[
        "format",
        "format_version",
        "producer",
        "collected_at",
        "identity",
        "prereqs",
        "sampling",
        "sections",
        "checksum",
        "data",
        "command",
        "columns",
        "rows",
        "available",
        "error",
        "limited",
        "pg_settings",
        "name",
        "server_version_num",
        "Plan",
        "pgdba.diag_snapshot",
    ];
    prop_oneof![3 => proptest::sample::select(known).prop_map(str::to_owned), 1 => ".{0,8}"]
}

/// One way to spoil bytes.
#[derive(Debug, Clone)]
enum Spoil {
    Flip(Index, u8),
    Cut(Index, Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let place = any::<Index>;
    // What means something in JSON is worth more tries than the rest.
    let bytes = prop_oneof![
        vec(any::<u8>(), 1..8),
        vec(proptest::sample::select(&b"{}[],:\"\\e-0.19"[..]), 1..8),
        "9{1,400}(e-?9{1,9})?".prop_map(String::into_bytes),
    ];
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Spoil::Flip(at, byte)),
        (place(), place()).prop_map(|(from, to)| Spoil::Cut(from, to)),
        (place(), bytes).prop_map(|(at, bytes)| Spoil::Insert(at, bytes)),
        (place(), place()).prop_map(|(from, to)| Spoil::Repeat(from, to)),
    ]
}

fn spoilt(mut bytes: Vec<u8>, ways: &[Spoil]) -> Vec<u8> {
    for way in ways {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(length), to.index(length));
            from.min(to)..from.max(to)
        };
        match way {
            Spoil::Flip(at, byte) => bytes[at.index(length)] ^= byte,
            Spoil::Cut(from, to) => drop(bytes.drain(range(from, to))),
            Spoil::Insert(at, more) => drop(bytes.splice(at.index(length)..at.index(length), more.iter().copied())),
            Spoil::Repeat(from, to) => {
                let repeated = bytes[range(from, to)].to_vec();
                let at = range(from, to).end;
                bytes.splice(at..at, repeated);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_an_answer(bytes in vec(any::<u8>(), 0..300)) {
        let _ = answer(&bytes);
        let _ = answer(&[&[0x1f, 0x8b, 8, 0], &bytes[..]].concat());
        let _ = answer(&compressed(&bytes));
    }

    #[test]
    fn arbitrary_json_is_an_answer(value in any_json()) {
        let _ = answer(value.to_string().as_bytes());
        let member = |name: &str| {
            let mut document = json!({ "format": "pgdba.diag_snapshot", "format_version": 1 });
            document[name] = value.clone();
            answer(document.to_string().as_bytes())
        };
        for name in ["producer", "collected_at", "identity", "prereqs", "sampling", "sections", "checksum"] {
            prop_assert!(member(name).is_ok(), "{} costs more than itself", name);
        }
        let _ = member("format_version");
    }

    #[test]
    fn a_spoilt_document_is_an_answer(ways in vec(spoil(), 1..5)) {
        let _ = answer(&spoilt(small(), &ways));
    }

    #[test]
    fn a_spoilt_compressed_document_is_an_answer(ways in vec(spoil(), 1..3)) {
        let _ = answer(&spoilt(compressed(&small()), &ways));
    }
}

#[test]
fn a_problem_does_not_quote_the_value_which_can_be_a_secret() {
    const SECRET: &str = "postgres://bob:hunter2@h/db";
    let members =
        ["format_version", "collected_at", "producer", "identity", "prereqs", "sampling", "checksum", "redacted"];
    for member in members {
        let mut document: Value = serde_json::from_slice(&small()).unwrap();
        document[member] = json!(SECRET);
        let problems = read(document.to_string().as_bytes()).unwrap().problems.concat();
        assert!(problems.contains(member) || member == "checksum", "a text is what it takes: {member}");
        for value in [json!(SECRET), json!([SECRET]), json!({ "name": [SECRET], "mode": [SECRET], "tier": SECRET })] {
            document[member] = value;
            let problems = read(document.to_string().as_bytes()).unwrap().problems;
            assert!(!problems.concat().contains("hunter2"), "{member}: {problems:?}");
        }
    }
}
