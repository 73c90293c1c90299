//! Trends of made-up snapshots, of which everything is known.

use jiff::{SignedDuration, Timestamp};
use pgdba_snapshot::DiagSnapshot;
use serde_json::{Value, json};

use super::*;
use crate::example;

/// Noon of the first of January, and so many hours later.
fn at(hours: i64) -> Timestamp {
    "2026-01-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

/// A snapshot of a cluster, `hours` after the first.
fn made(cluster: &str, hours: i64, sections: &Value) -> DiagSnapshot {
    made_at(cluster, at(hours), sections)
}

fn made_at(cluster: &str, time: Timestamp, sections: &Value) -> DiagSnapshot {
    let time = time.to_string();
    let mut document = json!({ "version": 15, "collected_at": time });
    for (name, rows) in sections.as_object().unwrap() {
        let rows = rows.as_array().unwrap();
        let columns: Vec<&String> = rows.first().map_or_else(Vec::new, |row| row.as_object().unwrap().keys().collect());
        let values: Vec<Vec<&Value>> =
            rows.iter().map(|row| columns.iter().map(|column| &row[column.as_str()]).collect()).collect();
        document[name] = json!({ "available": true, "collected_at": time, "columns": columns, "rows": values });
    }
    let mut snapshot = example::snapshot(&document.to_string()).unwrap();
    snapshot.identity.system_identifier = Some(cluster.to_owned());
    snapshot
}

fn system(start: i64) -> Value {
    json!([{ "start_time": at(start).to_string(), "block_size": 8192, "current_database": "shop" }])
}

fn database(commits: i64, reset: i64) -> Value {
    json!([{ "datid": 5, "datname": "shop", "xact_commit": commits, "xact_rollback": 0, "temp_bytes": 0,
        "stats_reset": at(reset).to_string() }])
}

fn table(name: &str, bytes: i64) -> Value {
    let mut class = example::relation(1, "r");
    class["relname"] = json!(name);
    class["datname"] = json!("shop");
    class["size_bytes"] = json!(bytes);
    class
}

fn of(snapshots: &[DiagSnapshot]) -> Trend {
    trend(&snapshots.iter().collect::<Vec<_>>())
}

fn series<'t>(found: &'t Trend, key: &str) -> &'t Series {
    found.series.iter().find(|series| series.key == key).unwrap_or_else(|| panic!("no {key}"))
}

fn values(series: &Series) -> Vec<Option<f64>> {
    series.points.iter().map(|point| point.value).collect()
}

#[test]
fn rates_are_those_from_a_snapshot_to_the_next_and_a_reset_is_a_gap() {
    let shop = |hours, commits, reset, start| {
        made("7", hours, &json!({ "system": system(start), "pg_stat_database": database(commits, reset) }))
    };
    // In any order: ten transactions a second, a reset, five a second, a restart, none.
    let found = of(&[
        shop(3, 18_000, 1, -9),
        shop(0, 1000, -9, -9),
        shop(1, 37_000, -9, -9),
        shop(2, 0, 1, -9),
        shop(4, 18_000, 1, 3),
    ]);
    assert_eq!(found.snapshots, [0, 1, 2, 3, 4].map(at));
    let transactions = series(&found, "transactions");
    assert_eq!(values(transactions), [Some(10.0), None, Some(5.0), None]);
    let reasons: Vec<&str> = transactions.points.iter().filter_map(|point| point.absence.as_deref()).collect();
    assert_eq!(reasons, ["the counters were reset between the samples", "the server restarted between the samples"]);
    assert_eq!(transactions.per_day, None, "a rate");
    let shown = serde_json::to_string(&found.blocks()).unwrap();
    assert!(shown.contains("unknown at 1 Jan 2026 14:00 UTC: transactions") && shown.contains("restarted"), "{shown}");
}

#[test]
fn what_grew_is_a_series_and_the_largest_growth_is_first() {
    let growth = |hours: i64| {
        let tables =
            json!([table("small", 8192 + hours * 8192), table("large", hours * 1_000_000), table("same", 81_920)]);
        let mut tables = tables;
        for (oid, row) in tables.as_array_mut().unwrap().iter_mut().enumerate() {
            row["oid"] = json!(oid + 1);
        }
        let stats: Vec<Value> = (1..=3)
            .map(|oid| {
                json!({ "relid": oid, "datname": "shop", "n_dead_tup": hours,
                "last_analyze": at(-9).to_string() })
            })
            .collect();
        made(
            "7",
            hours,
            &json!({ "system": system(-9), "pg_class": tables, "pg_stat_user_tables": stats, "pg_settings": [] }),
        )
    };
    let found = of(&[growth(0), growth(12), growth(24)]);
    let tables: Vec<&Series> = found.series.iter().filter(|series| series.key == "table_bytes").collect();
    let names: Vec<&str> = tables.iter().filter_map(|series| series.of.as_deref()).collect();
    assert_eq!(names, ["s.large", "s.small"]);
    assert_eq!(tables[0].per_day, Some(24_000_000.0));
    let database = series(&found, "database_bytes");
    assert_eq!((database.of.as_deref(), database.per_day), (Some("shop"), Some(24_196_608.0)));
    assert_eq!(values(series(&found, "dead_rows")), [Some(0.0), Some(36.0), Some(72.0)]);
}

#[test]
fn a_date_is_given_only_where_the_points_justify_one() {
    let sequence = |hours: i64, last: i64| {
        made(
            "7",
            hours,
            &json!({
                "system": system(-9), "pg_attribute": [],
                "pg_class": [{ "oid": 1, "datname": "shop", "nspname": "s", "relname": "ids", "relkind": "S", "relpages": 1 }],
                "pg_sequence": [{ "seqrelid": 1, "datname": "shop", "typname": "int4", "seqincrement": 1, "seqmin": 1,
                    "seqmax": 2_147_483_647_i64, "seqcycle": false, "is_read": true, "last_value": last }],
            }),
        )
    };
    let left = |snapshots: &[DiagSnapshot]| series(&of(snapshots), "sequence_left").projection.clone().unwrap();
    // Ten million an hour, from two billion on: the last number is given out after 14 hours and 45 minutes.
    let steady: Vec<DiagSnapshot> = (0..6).map(|hour| sequence(hour, 2_000_000_000 + hour * 10_000_000)).collect();
    match left(&steady) {
        Projection::Known { at: end, earliest, latest, .. } => {
            assert_eq!((end - at(0)).as_secs() / 60, 884);
            assert!(earliest <= end && end <= latest);
        }
        unknown @ Projection::Unknown { .. } => panic!("{unknown:?}"),
    }
    for snapshots in [&steady[..4], &[sequence(0, 5), sequence(1, 5), sequence(2, 5), sequence(3, 5), sequence(4, 5)]] {
        let Projection::Unknown { absence, .. } = left(snapshots) else { panic!("{snapshots:?}") };
        assert!(!absence.is_empty());
    }
    let shown = serde_json::to_string(&of(&steady[..4]).blocks()).unwrap();
    assert!(shown.contains("no projection to \\\"no more numbers\\\": it needs 5 points"), "{shown}");
}

#[test]
fn a_snapshot_counts_once_and_one_without_a_time_not_at_all() {
    let one = || made("7", 0, &json!({ "system": system(-9), "pg_stat_database": database(1, -9) }));
    let mut without_time = one();
    without_time.collected_at = None;
    let other = made("7", 0, &json!({ "system": system(-9), "pg_stat_database": database(2, -9) }));
    let found = of(&[one(), one(), without_time, other]);
    assert_eq!((found.snapshots.len(), found.left_out), (2, 2));
    assert_eq!(of(&[]).series, []);
}

#[test]
fn clusters_that_differ_are_told_and_give_no_rates() {
    let of_cluster = |cluster, hours| {
        made(cluster, hours, &json!({ "system": system(-9), "pg_stat_database": database(hours, -9) }))
    };
    assert!(!of(&[of_cluster("7", 0), of_cluster("7", 1)]).is_of_several_clusters());
    let found = of(&[of_cluster("7", 0), of_cluster("8", 1), of_cluster("7", 2)]);
    assert!(found.is_of_several_clusters());
    assert!(found.series.iter().all(|series| !series.unit.is_rate()), "{:?}", found.series);
}

#[test]
fn a_wal_position_that_falls_is_a_gap_even_if_the_counters_are_there() {
    let one = |hours, position: &str| {
        made(
            "7",
            hours,
            &json!({
                "system": system(-9), "pg_wal_position": [{ "is_in_recovery": false, "insert_lsn": position }],
                "pg_stat_wal": [{ "wal_bytes": 5, "stats_reset": at(-9).to_string() }],
            }),
        )
    };
    let found = of(&[one(0, "0/10000"), one(1, "0/77359400"), one(2, "0/5F5E100")]);
    let wal = series(&found, "wal_bytes");
    assert!(wal.points[0].value > Some(500_000.0), "{wal:?}");
    assert_eq!(wal.points[1].value, None);
    assert!(wal.points[1].absence.as_deref().is_some_and(|why| why.contains("insert_lsn decreased")), "{wal:?}");
}

#[test]
fn dead_rows_that_were_not_counted_since_a_reset_are_unknown() {
    let one = |hours, reset: Option<i64>, dead: i64, analyzed: Option<i64>| {
        let reset = reset.map(|hours| at(hours).to_string());
        let stat = json!({ "relid": 1, "datname": "shop", "n_dead_tup": dead,
            "last_analyze": analyzed.map(|hours| at(hours).to_string()) });
        let mut system = system(-9);
        system[0]["server_time"] = json!(at(hours).to_string());
        made(
            "7",
            hours,
            &json!({
                "system": system, "pg_class": [table("large", 50_000_000)], "pg_stat_user_tables": [stat],
                "pg_settings": [], "pg_stat_database": [{ "datid": 5, "datname": "shop", "stats_reset": reset }],
            }),
        )
    };
    // Counted; reset and not yet counted; counted again; after a crash, of which the server keeps no time.
    let found = of(&[
        one(0, None, 60_000, Some(-9)),
        one(2, Some(1), 0, None),
        one(4, Some(1), 70_000, Some(3)),
        one(6, None, 0, None),
    ]);
    let dead = series(&found, "dead_rows");
    assert_eq!(values(dead), [Some(60_000.0), None, Some(70_000.0), None]);
    let reasons: Vec<&str> = dead.points.iter().filter_map(|point| point.absence.as_deref()).collect();
    assert!(reasons[0].contains("were reset 1 h ago") && reasons[1].contains("as after a crash"), "{reasons:?}");
}

#[test]
fn small_rates_have_small_units_and_gaps_name_each_figure_once() {
    let one = |seconds: i64, bytes: i64, commits: i64| {
        let mut database = database(commits, -9);
        database[0]["temp_bytes"] = json!(bytes);
        let time = at(0) + SignedDuration::from_secs(seconds);
        made_at("7", time, &json!({ "system": system(-9), "pg_stat_database": database }))
    };
    // Less than a minute apart twice in one minute, then 2 kB/s and a transaction in 100 s.
    let found = of(&[one(0, 0, 0), one(5, 0, 0), one(10, 0, 0), one(1010, 2_048_000, 10)]);
    let shown = serde_json::to_string(&found.blocks()).unwrap();
    assert!(shown.contains("kB/s") && !shown.contains("MB/s") && shown.contains("per hour"), "{shown}");
    assert!(shown.contains("unknown at 1 Jan 2026 12:00 UTC: transactions, temporary file data: "), "{shown}");
    assert_eq!(crate::rates::RateUnit::Bytes.quantity(0.5).display(), "1.8 kB/h");
}

#[test]
fn growth_per_day_needs_an_hour_and_says_so() {
    let one = |minutes: i64, bytes: i64| {
        let sections = json!({ "pg_class": [table("large", bytes)], "pg_stat_user_tables": [], "pg_settings": [], "system": system(-9) });
        made_at("7", at(0) + SignedDuration::from_mins(minutes), &sections)
    };
    let found = of(&[one(0, 81_920), one(59, 163_840)]);
    assert_eq!(series(&found, "table_bytes").per_day, None);
    let shown = serde_json::to_string(&found.blocks()).unwrap();
    assert!(shown.contains("less than 1 h apart"), "{shown}");
    assert!(series(&of(&[one(0, 81_920), one(60, 163_840)]), "table_bytes").per_day > Some(1e6));
}
