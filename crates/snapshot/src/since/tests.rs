//! Growth between two samples, by hand-written documents and by arithmetic on many.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::sections::pg_stat_database::PgStatDatabase;
use crate::sections::pg_stat_statements::PgStatStatement;
use crate::sections::pg_stat_user_tables::PgStatUserTable;
use crate::sections::pg_wal_position::PgWalPosition;
use crate::sections::{self, pg_settings::PgSetting};
use crate::spec::ColumnRole;

const EARLIER: &str = "2026-01-01T12:00:00Z";
const LATER: &str = "2026-01-01T12:00:10Z";

/// A section with two samples, ten seconds apart.
fn section(columns: &[&str], earlier: &Value, later: &Value) -> Value {
    json!({ "available": true, "collected_at": LATER, "columns": columns, "rows": later,
            "earlier": { "collected_at": EARLIER, "rows": earlier } })
}

fn document(sections: &Value) -> DiagSnapshot {
    let text = json!({ "format": crate::FORMAT, "format_version": 1, "sections": sections }).to_string();
    crate::read(text.as_bytes()).unwrap()
}

const TABLE: [&str; 4] = ["datname", "relid", "seq_scan", "n_dead_tup"];

fn tables(earlier: &Value, later: &Value) -> Value {
    json!({ "pg_stat_user_tables": section(&TABLE, earlier, later) })
}

fn table_growth(sections: &Value) -> Vec<Result<Option<i64>, Absence>> {
    let since = document(sections).since::<PgStatUserTable>().unwrap();
    since.changes.into_iter().map(|change| change.map(|change| change.growth.seq_scan)).collect()
}

#[test]
fn counters_become_their_growth_and_gauges_stay() {
    let sections = tables(&json!([["a", 1, 100, 50], ["a", 2, 7, 0]]), &json!([["a", 2, 7, 9], ["a", 1, 130, 5]]));
    let since = document(&sections).since::<PgStatUserTable>().unwrap();
    let [Ok(idle), Ok(busy)] = &since.changes[..] else { panic!("{since:?}") };
    assert_eq!((idle.growth.relid, idle.growth.seq_scan, idle.growth.n_dead_tup), (2, Some(0), Some(9)));
    assert_eq!((busy.growth.relid, busy.growth.seq_scan, busy.growth.n_dead_tup), (1, Some(30), Some(5)));
    assert_eq!((since.seconds, busy.seconds), (10.0, 10.0));
    assert_eq!(busy.per_second(|row| row.seq_scan), Some(3.0));
    assert_eq!(busy.per_second(|row| row.n_tup_ins), None, "the document does not have it");
    assert!(since.absences().is_empty());
}

#[test]
fn a_row_of_one_sample_only_is_new_or_gone() {
    let sections = tables(&json!([["a", 1, 5, 0], ["a", 2, 5, 0]]), &json!([["a", 1, 6, 0], ["a", 3, 900, 0]]));
    let since = document(&sections).since::<PgStatUserTable>().unwrap();
    assert_eq!(since.changes[1], Err(Absence::New));
    assert_eq!(since.gone.iter().map(|row| row.relid).collect::<Vec<_>>(), [2]);
    assert_eq!(since.absences(), BTreeMap::from([(Absence::New, 1), (Absence::Gone, 1)]));
}

#[test]
fn a_database_that_one_sample_lacks_is_neither_new_nor_gone() {
    let mut sections = tables(&json!([["a", 1, 5, 0], ["b", 1, 5, 0]]), &json!([["a", 1, 5, 0], ["c", 1, 5, 0]]));
    assert_eq!(table_growth(&sections), [Ok(Some(0)), Err(Absence::NotRead)]);
    assert_eq!(document(&sections).since::<PgStatUserTable>().unwrap().gone.len(), 1);
    sections["pg_stat_user_tables"]["partial"] = json!([{ "datname": "b", "error": "the connection was lost" }]);
    assert_eq!(document(&sections).since::<PgStatUserTable>().unwrap().gone.len(), 0);
}

#[test]
fn a_counter_that_fell_was_reset() {
    let sections = tables(&json!([["a", 1, 5, 0]]), &json!([["a", 1, 4, 0]]));
    assert_eq!(table_growth(&sections), [Err(Absence::Fell("seq_scan"))]);
    // A gauge may fall.
    assert_eq!(table_growth(&tables(&json!([["a", 1, 5, 9]]), &json!([["a", 1, 5, 0]]))), [Ok(Some(0))]);
}

/// A reset of a database's statistics shows at the database, even where the table's counters have overtaken their old values.
#[test]
fn a_reset_of_the_database_is_one_of_its_tables() {
    let mut sections = tables(&json!([["a", 1, 5, 0], ["b", 1, 5, 0]]), &json!([["a", 1, 9, 0], ["b", 1, 9, 0]]));
    let databases = |oid: i64, reset: Value| {
        section(
            &["datid", "datname", "xact_commit", "stats_reset"],
            &json!([[1, "a", 10, null], [2, "b", 10, EARLIER]]),
            &json!([[oid, "a", 90, reset], [2, "b", 90, EARLIER]]),
        )
    };
    sections["pg_stat_database"] = databases(1, json!(LATER));
    assert_eq!(table_growth(&sections), [Err(Absence::Reset), Ok(Some(4))]);
    let own = document(&sections).since::<PgStatDatabase>().unwrap();
    assert_eq!(own.changes[0].as_ref().err(), Some(&Absence::Reset));
    assert_eq!(own.changes[1].as_ref().unwrap().growth.xact_commit, Some(80));
    // Dropped and created anew under the same name: its oids tell nothing of the former one's.
    sections["pg_stat_database"] = databases(3, json!(null));
    assert_eq!(table_growth(&sections), [Err(Absence::Reset), Ok(Some(4))]);
    sections["pg_stat_database"] = databases(1, json!(null));
    assert_eq!(table_growth(&sections), [Ok(Some(4)), Ok(Some(4))]);
}

/// The server's clock is an hour off; what counts is how long it has been up.
#[test]
fn a_restart_is_known_by_the_uptime() {
    let growth = |start: &str| {
        let mut sections = tables(&json!([["a", 1, 5, 0]]), &json!([["a", 1, 9, 0]]));
        sections["system"] = json!({ "available": true, "collected_at": LATER, "columns": ["start_time", "server_time"],
                                     "rows": [[start, "2026-01-01T13:00:10Z"]] });
        table_growth(&sections)
    };
    assert_eq!(growth("2026-01-01T12:59:59Z"), [Ok(Some(4))]);
    assert_eq!(growth("2026-01-01T13:00:01Z"), [Err(Absence::Restarted)]);
}

#[test]
fn two_snapshots_of_one_start_are_compared() {
    let snapshot = |start: &str, at: &str, scans: i64| {
        let single = |columns: Value, rows: Value| json!({ "available": true, "collected_at": at, "columns": columns, "rows": rows });
        document(&json!({
            "system": single(json!(["start_time"]), json!([[start]])),
            "pg_stat_user_tables": single(json!(TABLE), json!([["a", 1, scans, 0]])),
        }))
    };
    let first = snapshot(EARLIER, EARLIER, 5);
    let growth = |later: &DiagSnapshot| {
        let since = later.since_snapshot::<PgStatUserTable>(&first).unwrap();
        since.changes[0].as_ref().map(|change| change.growth.seq_scan).map_err(|absence| *absence)
    };
    assert_eq!(growth(&snapshot(EARLIER, LATER, 8)), Ok(Some(3)));
    assert_eq!(growth(&snapshot(LATER, LATER, 8)), Err(Absence::Restarted));
    assert!(snapshot(EARLIER, EARLIER, 8).since_snapshot::<PgStatUserTable>(&first).is_none(), "no time has passed");
    assert!(first.since::<PgStatUserTable>().is_none(), "one sample");
}

#[test]
fn a_crash_discards_all_statistics() {
    let mut sections = tables(&json!([["a", 1, 5, 0]]), &json!([["a", 1, 9, 0]]));
    let reset = |later: &str| section(&["stats_reset"], &json!([[EARLIER]]), &json!([[later]]));
    sections["pg_stat_archiver"] = reset(LATER);
    sections["pg_stat_bgwriter"] = reset(EARLIER);
    assert_eq!(table_growth(&sections), [Ok(Some(4))], "somebody reset the archiver's");
    sections["pg_stat_bgwriter"] = reset(LATER);
    assert_eq!(table_growth(&sections), [Err(Absence::Discarded)]);
}

const STATEMENT: [&str; 7] = ["userid", "dbid", "queryid", "toplevel", "calls", "max_exec_time", "stats_since"];

fn statement_growth(sections: &Value) -> Vec<Result<Option<i64>, Absence>> {
    let since = document(sections).since::<PgStatStatement>().unwrap();
    since.changes.into_iter().map(|change| change.map(|change| change.growth.calls)).collect()
}

fn statements(earlier: &Value, later: &Value) -> Value {
    json!({ "pg_stat_statements": section(&STATEMENT, earlier, later) })
}

#[test]
fn statements_without_an_id_of_their_own_are_not_matched() {
    let rows = |calls: i64| json!([[10, 5, null, true, calls, 1, null], [10, 5, "7", null, calls, 1, null]]);
    assert_eq!(statement_growth(&statements(&rows(1), &rows(4))), [Err(Absence::Unidentified), Ok(Some(3))]);
    let twice = json!([[10, 5, "7", true, 1, 1, null], [10, 5, "7", true, 2, 1, null]]);
    let once = json!([[10, 5, "7", true, 4, 1, null]]);
    assert_eq!(statement_growth(&statements(&twice, &once)), [Err(Absence::Unidentified)]);
    assert_eq!(statement_growth(&statements(&once, &twice)), [Err(Absence::Unidentified); 2]);
}

/// What was below the limit of the earlier sample is not new, and what is below that of the later one is not gone.
#[test]
fn a_limit_is_not_taken_for_a_change() {
    let sections = |earlier: i64, later: i64| {
        let one = |id: &str, entries: i64| json!([[10, 5, id, true, 900, 1, null, entries]]);
        let mut sections = statements(&one("7", earlier), &one("8", later));
        sections["pg_stat_statements"]["columns"].as_array_mut().unwrap().push(json!("entries"));
        sections
    };
    let gone = |sections: &Value| document(sections).since::<PgStatStatement>().unwrap().gone.len();
    let both = |earlier, later| (statement_growth(&sections(earlier, later)), gone(&sections(earlier, later)));
    assert_eq!(both(1, 1), (vec![Err(Absence::New)], 1));
    assert_eq!(both(2, 1), (vec![Err(Absence::NotKept)], 1));
    assert_eq!(both(1, 2), (vec![Err(Absence::New)], 0));
}

/// An entry that was reset and has overtaken its old count is known by its maximum, or by the time it begins at.
#[test]
fn a_reset_of_one_statement_shows_at_its_extremes() {
    let growth = |earlier: (f64, Value), later: (f64, Value)| {
        let row = |calls: i64, (max, since): (f64, Value)| json!([[10, 5, "7", true, calls, max, since]]);
        statement_growth(&statements(&row(3, earlier), &row(8, later)))[0]
    };
    assert_eq!(growth((9.0, json!(null)), (9.5, json!(null))), Ok(Some(5)));
    assert_eq!(growth((9.0, json!(null)), (2.0, json!(null))), Err(Absence::Fell("max_exec_time")));
    // From 1.11 on the extremes are reset alone too, and the entry says since when it counts.
    assert_eq!(growth((9.0, json!(EARLIER)), (2.0, json!(EARLIER))), Ok(Some(5)));
    assert_eq!(growth((9.0, json!(EARLIER)), (9.5, json!(LATER))), Err(Absence::Reset));
}

#[test]
fn a_reset_of_all_statements_shows_in_their_information() {
    let mut sections = statements(&json!([[10, 5, "7", true, 3, 9, null]]), &json!([[10, 5, "7", true, 8, 9, null]]));
    sections["pg_stat_statements_info"] = section(&["stats_reset"], &json!([[EARLIER]]), &json!([[LATER]]));
    assert_eq!(statement_growth(&sections), [Err(Absence::Reset)]);
}

#[test]
fn positions_in_the_wal_grow_by_bytes() {
    let sections = json!({ "pg_wal_position": section(&["insert_lsn", "next_xid"], &json!([["0/FFFFFFF0", 5]]), &json!([["1/10", 8]])) });
    let since = document(&sections).since::<PgWalPosition>().unwrap();
    let change = since.changes[0].as_ref().unwrap();
    assert_eq!(change.per_second(|row| row.insert_lsn), Some(3.2));
    assert_eq!(change.growth.next_xid, Some(3));
}

#[test]
fn what_is_not_cumulative_has_no_growth() {
    let sections = json!({ "pg_settings": section(&["name", "setting"], &json!([["a", "1"]]), &json!([["a", "2"]])) });
    assert!(document(&sections).since::<PgSetting>().is_none());
}

/// A cumulative section has a key of columns that it declares, and no other section is read twice.
#[test]
fn every_cumulative_section_declares_its_key() {
    for spec in sections::ALL {
        assert!(!spec.is_cumulative() || spec.key.is_some(), "{}", spec.name);
        for name in spec.key.unwrap_or_default() {
            assert_eq!(spec.column(name).map(|column| column.role), Some(ColumnRole::Gauge), "{}.{name}", spec.name);
        }
        let tells_resets = spec.columns.iter().any(|column| column.role != ColumnRole::Gauge);
        assert_eq!(tells_resets, spec.is_cumulative(), "{}", spec.name);
        if spec.is_cumulative() && spec.scope == Scope::Database {
            assert_eq!(spec.key.and_then(<[_]>::first), Some(&"datname"), "{}", spec.name);
        }
    }
}

proptest! {
    /// Every row has an answer in its place; a growth is exact, and there is none where a counter fell.
    #[test]
    fn growth_is_exact_or_absent(
        rows in vec((0_i64..6, 0_i64..6, any::<i64>(), any::<i64>()), 0..12),
    ) {
        let sample = |value: fn(&(i64, i64, i64, i64)) -> [i64; 2]| {
            let rows = rows.iter().map(value);
            Value::Array(rows.map(|[relid, scans]| json!(["a", relid, scans, 0])).collect())
        };
        let (earlier, later) = (sample(|row| [row.0, row.2]), sample(|row| [row.1, row.3]));
        let snapshot = document(&tables(&earlier, &later));
        let since = snapshot.since::<PgStatUserTable>().unwrap();
        prop_assert_eq!(since.changes.len(), rows.len());
        for ((_, relid, _, scans), change) in rows.iter().zip(&since.changes) {
            let before: Vec<i64> = rows.iter().filter(|row| row.0 == *relid).map(|row| row.2).collect();
            let is_unique = rows.iter().filter(|row| row.1 == *relid).count() == 1;
            let expected = match before[..] {
                _ if !is_unique => Err(Absence::Unidentified),
                [] => Err(Absence::New),
                [before] if before > *scans => Err(Absence::Fell("seq_scan")),
                [before] => Ok(scans.checked_sub(before)),
                _ => Err(Absence::Unidentified),
            };
            prop_assert_eq!(change.as_ref().map(|change| change.growth.seq_scan).map_err(|absence| *absence), expected);
        }
        let gone = rows.iter().filter(|row| rows.iter().all(|other| other.1 != row.0)).count();
        let gone_twice = rows.iter().any(|row| rows.iter().filter(|other| other.0 == row.0).count() > 1);
        prop_assert!(gone_twice || since.gone.len() == gone);
    }
}
