//! In a delta, rates are of its window; where that cannot be, the reason stands in their place.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use pgdba_analysis::{Analysis, Block, Options, Quantity, analyze, example};
use serde_json::{Value, json};

const EARLIER: &str = "2026-01-01T12:00:00Z";
const LATER: &str = "2026-01-01T12:00:30Z";

fn section(columns: &[&str], earlier: &Value, rows: &Value) -> Value {
    json!({ "available": true, "columns": columns, "collected_at": LATER, "rows": rows,
            "earlier": { "collected_at": EARLIER, "rows": earlier } })
}

fn of(start_time: &str, resets: [&str; 2]) -> Analysis {
    let tables = section(
        &["relid", "n_tup_ins"],
        &json!([[1, 100], [2, 500], [8, 4], [9, 7]]),
        // The first grew, the second was reset, the third is new; the last two of the earlier ones were dropped.
        &json!([[1, 400], [2, 3], [3, 10]]),
    );
    let class = |oid: i64| json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": "r" });
    let document = json!({
        "system": { "available": true, "collected_at": LATER, "columns": ["start_time", "server_time", "block_size"],
                    "rows": [[start_time, LATER, 8192]] },
        "pg_settings": [{ "name": "max_wal_size", "setting": "1024", "unit": "MB" }],
        "pg_class": [class(1), class(2), class(3)], "pg_index": [],
        "pg_stat_user_tables": tables,
        "pg_stat_statements": section(&["userid", "dbid", "toplevel", "queryid", "query", "calls", "total_exec_time", "rows"],
            &json!([[1, 1, true, "7", "select 1", 100, 10.0, 100], [1, 1, true, "8", "select 2", 5, 90.0, 5]]),
            &json!([[1, 1, true, "7", "select 1", 400, 40.0, 400], [1, 1, true, "8", "select 2", 5, 90.0, 5]])),
        "pg_stat_bgwriter": [], "pg_wal_position": [{ "insert_lsn": "FF/0" }],
        "pg_stat_checkpointer": section(&["num_timed", "num_requested", "stats_reset"],
            &json!([[10, 90, resets[0]]]), &json!([[10, 93, resets[1]]])),
    });
    let mut text: Value = document;
    text["collected_at"] = json!(LATER);
    analyze(&example::snapshot(&text.to_string()).unwrap(), &Options::default())
}

/// The rows of a topic's table that shows the window, and the notes below it.
fn window(analysis: &Analysis, topic: &str) -> (Vec<Vec<Quantity>>, Vec<String>) {
    let topic = analysis.topics.iter().find(|shown| shown.name == topic).unwrap();
    let rows = topic.blocks.iter().find_map(|block| match block {
        Block::Table(table) if table.caption.contains("of the delta") => {
            Some(table.rows.iter().map(|row| row.iter().map(|cell| cell.value.clone()).collect()).collect())
        }
        _ => None,
    });
    let notes = topic.blocks.iter().find_map(|block| match block {
        Block::List { items } => Some(items.clone()),
        _ => None,
    });
    (rows.unwrap_or_else(|| panic!("{:?}", topic.blocks)), notes.unwrap())
}

const LONG_AGO: &str = "2025-12-01T00:00:00Z";

#[test]
fn rates_are_of_the_window_and_absences_say_why() {
    let analysis = of(LONG_AGO, [LONG_AGO, LONG_AGO]);
    let (rows, notes) = window(&analysis, "tables");
    let inserted = |name: &str| rows.iter().find(|row| row[0] == Quantity::from(name)).map(|row| row[2].clone());
    assert_eq!(inserted("s.t1"), Some(Quantity::PerSecond(10.0)), "{rows:?}");
    assert_eq!([inserted("s.t2"), inserted("s.t3")], [Some(Quantity::Unknown), Some(Quantity::Unknown)]);
    let decreased = "No rate for 1 table: n_tup_ins decreased between the samples, so the counters were reset";
    let gone = "No rate for 2 tables: not in the later sample";
    for expected in [decreased, gone, "No rate for 1 table: not in the earlier sample"] {
        assert!(notes.iter().any(|note| note == expected), "{notes:?}");
    }

    let (rows, _) = window(&analysis, "queries");
    let [only] = rows.as_slice() else { panic!("what did not run is not in the window: {rows:?}") };
    assert_eq!(
        (&only[2], &only[3], &only[4]),
        (&Quantity::Millis(30.0), &Quantity::Ratio(1.0), &Quantity::PerSecond(10.0))
    );
}

#[test]
fn findings_tell_the_window_beside_what_was_counted_since_the_reset() {
    let figure = |analysis: &Analysis| {
        let finding = analysis.findings.iter().find(|finding| finding.code == "PGD301").unwrap();
        let figure = finding.evidence.iter().find(|figure| figure.key == "requested_in_window").unwrap();
        (figure.label.clone(), figure.value.clone())
    };
    let day = "2025-12-31T12:00:00Z";
    let (label, value) = figure(&of(LONG_AGO, [day, day]));
    assert_eq!((label.as_str(), value), ("requested checkpoints over the 30 s of the delta", Quantity::PerSecond(0.1)));
    let (_, value) = figure(&of(LONG_AGO, ["2025-12-30T12:00:00Z", day]));
    assert_eq!(value, Quantity::from("unknown: the counters were reset between the samples"));
    let (_, value) = figure(&of("2026-01-01T12:00:10Z", [day, day]));
    assert_eq!(value, Quantity::from("unknown: the server restarted between the samples"));
}
