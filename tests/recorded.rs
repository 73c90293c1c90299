//! The sections as they are declared against the sections as they were recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use pgdba_pg::lexer::is_plannable;
use pgdba_pg::mask::{conninfo, setting, sql};
use pgdba_snapshot::section::{Availability, ColumnType, Mask, UntypedSection, read_table};
use pgdba_snapshot::sections::{self, ALL};
use pgdba_snapshot::{DiagSnapshot, SectionSpec};
use serde_json::Value;
use xtask::fixtures::{SECTIONS, folder};

use crate::fixtures;

/// What to do where a recording does not hold what it should.
const RECORD: &str = "record the fixtures again: cargo xtask fixtures";

/// The sections and columns that the code declared when the fixtures were recorded. What it declares beyond them is newer than
/// the recordings: absent from them, and held against real servers by `tests/sections.rs` all the same.
pub(crate) fn expected() -> Expected {
    toml::from_str(&fs::read_to_string(folder().join(SECTIONS)).unwrap()).unwrap()
}

/// Columns by section.
pub(crate) type Expected = BTreeMap<String, BTreeSet<String>>;

fn recorded() -> Vec<(String, DiagSnapshot)> {
    let read = |name: String| {
        let snapshot = pgdba_snapshot::read(&fixtures::bytes(&name)).unwrap();
        (name, snapshot)
    };
    fixtures::names().into_iter().map(read).collect()
}

/// Every available section of every fixture with its declaration, and `file: section` for messages.
fn tables() -> Vec<(String, &'static SectionSpec, UntypedSection)> {
    let mut tables = Vec::new();
    for (name, snapshot) in recorded() {
        for section in snapshot.sections.keys() {
            let spec = sections::find(section).unwrap_or_else(|| panic!("{name}: nobody declares {section}"));
            let table = read_table(&snapshot, section);
            if table.availability == Availability::Available {
                tables.push((format!("{name}: {section}"), spec, table));
            }
        }
    }
    tables
}

#[test]
fn every_fixture_holds_the_sections_of_its_version() {
    let expected = expected();
    for (name, snapshot) in recorded() {
        let major = snapshot.server_version().unwrap().major();
        let is_delta = snapshot.sampling.mode == "delta";
        let held = snapshot.sections.keys().map(String::as_str).collect();
        assert_eq!(wrong_sections(&held, &expected, major, is_delta), Vec::<&str>::new(), "{name}; {RECORD}");
    }
}

/// The sections that a recording lacks although they were declared when it was made, and those that it should not have.
fn wrong_sections<'a>(held: &BTreeSet<&'a str>, expected: &Expected, major: i64, is_delta: bool) -> Vec<&'a str> {
    let has = |spec: &SectionSpec| spec.since <= major && (is_delta || !spec.sampled);
    let of_version = || ALL.iter().copied().filter(|spec| has(spec));
    let lost = of_version().filter(|spec| expected.contains_key(spec.name) && !held.contains(spec.name));
    let stray = held.iter().copied().filter(|name| of_version().all(|spec| spec.name != *name));
    lost.map(|spec| spec.name).chain(stray).collect()
}

#[test]
fn a_section_newer_than_the_recordings_is_not_missed_and_a_lost_one_is() {
    let of_12: BTreeSet<&str> =
        ALL.iter().filter(|spec| spec.since <= 12 && !spec.sampled).map(|spec| spec.name).collect();
    let mut expected = expected();
    let mut held = of_12;
    assert_eq!(wrong_sections(&held, &expected, 12, false), Vec::<&str>::new());
    held.remove("pg_trigger");
    assert_eq!(wrong_sections(&held, &expected, 12, false), ["pg_trigger"]);
    expected.remove("pg_trigger");
    assert_eq!(wrong_sections(&held, &expected, 12, false), Vec::<&str>::new());
    held.insert("pg_stat_io");
    assert_eq!(wrong_sections(&held, &expected, 12, false), ["pg_stat_io"], "it came with version 16");
}

#[test]
fn every_section_that_is_expected_is_declared() {
    let gone: Vec<String> = expected().into_keys().filter(|name| sections::find(name).is_none()).collect();
    assert_eq!(gone, Vec::<String>::new(), "in {SECTIONS} and not in the code; {RECORD}");
}

/// Nothing goes on for long enough to be recorded; `tests/sections.rs` holds their columns against real servers.
const IN_PROGRESS: &str = "pg_stat_progress_";

#[test]
fn every_expected_section_has_a_row_and_every_expected_column_is_in_some_fixture() {
    let mut seen = BTreeSet::new();
    for (_, spec, table) in tables().iter().filter(|(_, _, table)| !table.rows.is_empty()) {
        seen.extend(table.columns.iter().map(|column| format!("{}.{column}", spec.name)));
    }
    let lasting = expected().into_iter().filter(|(name, _)| !name.starts_with(IN_PROGRESS));
    let columns = |(name, columns): (String, BTreeSet<String>)| {
        columns.into_iter().map(move |column| format!("{name}.{column}")).collect::<Vec<_>>()
    };
    let never: Vec<String> = lasting.flat_map(columns).filter(|column| !seen.contains(column)).collect();
    assert_eq!(never, Vec::<String>::new(), "declared when the fixtures were recorded, but in none of them; {RECORD}");
}

#[test]
fn every_column_is_declared_and_every_value_has_its_declared_type() {
    for (place, spec, table) in tables() {
        let distinct: BTreeSet<&String> = table.columns.iter().collect();
        assert_eq!(distinct.len(), table.columns.len(), "{place}: a column twice");
        for (at, name) in table.columns.iter().enumerate() {
            let column = spec.column(name).unwrap_or_else(|| panic!("{place}: nobody declares the column {name}"));
            for row in &table.rows {
                assert_eq!(row.len(), table.columns.len(), "{place}");
                assert!(fits(column.ty, &row[at]), "{place}: {name} is {:?} but holds {}", column.ty, row[at]);
            }
        }
    }
}

fn fits(ty: ColumnType, value: &Value) -> bool {
    match ty {
        _ if value.is_null() => true,
        ColumnType::Text => value.is_string(),
        ColumnType::Integer => value.is_i64(),
        ColumnType::Float => value.is_number(),
        ColumnType::Boolean => value.is_boolean(),
        ColumnType::Timestamp => value.as_str().is_some_and(|text| text.ends_with('Z') && text.contains('T')),
        ColumnType::IntegerList => value.as_array().is_some_and(|items| items.iter().all(Value::is_i64)),
        ColumnType::FloatList => value.as_array().is_some_and(|items| items.iter().all(Value::is_number)),
        ColumnType::TextList => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
    }
}

#[test]
fn every_recorded_row_reads_as_its_type_without_a_problem() {
    for (name, snapshot) in recorded() {
        assert_eq!(sections::problems(&snapshot), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn every_masked_column_is_masked_as_recorded() {
    let mut seen = 0;
    let mut changed = Vec::new();
    for (place, spec, table) in tables() {
        let column = |wanted: &str| table.columns.iter().position(|name| name == wanted);
        let (parameter, query) = (column("name"), column("query"));
        for (at, name) in table.columns.iter().enumerate() {
            let Some(mask) = spec.column(name).and_then(|column| column.mask) else { continue };
            for row in &table.rows {
                let Some(text) = row[at].as_str() else { continue };
                // What the server says in place of a statement, which the collector keeps; what is masked as a whole.
                if text.starts_with('<') || text == "?" {
                    continue;
                }
                let masked = match mask {
                    Mask::Sql => sql::mask(text),
                    Mask::Urls => conninfo::mask_urls(text),
                    Mask::Conninfo => conninfo::mask(text),
                    // What a constant was hashed to stands behind its mark, and would be masked once more.
                    Mask::Expression => {
                        let unhashed = unhashed(text);
                        assert_eq!(
                            sql::mask_expression(&unhashed, &|_| "left".to_owned()),
                            unhashed,
                            "{place}: {name}"
                        );
                        text.to_owned()
                    }
                    Mask::QueryId => {
                        let query = row[query.unwrap()].as_str().unwrap_or_default();
                        assert!(is_plannable(query), "{place}: {name} of {query}");
                        text.to_owned()
                    }
                    Mask::Setting => setting::mask(row[parameter.unwrap()].as_str().unwrap(), text),
                };
                if masked != text {
                    changed.push(format!("{place}: {name}: {text:?}, now {masked:?}"));
                }
                seen += 1;
            }
        }
    }
    assert_eq!(changed, Vec::<String>::new(), "not as the mask would leave it; {RECORD}");
    assert!(seen > 1000, "only {seen} values looked at");
}

/// `?` in place of `?28110d22`.
fn unhashed(text: &str) -> String {
    let mut parts = text.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "?" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}
