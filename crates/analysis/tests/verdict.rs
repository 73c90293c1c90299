//! The verdict of an analysis, its coverage, and the order of its findings.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may the functions that only tests call")]

use pgdba_analysis::{Analysis, Options, Outcome, Quantity, Verdict, analyze, example, rules};
use serde_json::{Value, json};

fn of(document: &Value, ignore: &[&str]) -> Analysis {
    let ignore = ignore.iter().map(|rule| (*rule).to_owned()).collect();
    analyze(&example::snapshot(&document.to_string()).unwrap(), &Options { ignore, ..Options::default() })
}

/// A document in which every rule can run and nothing is found.
fn healthy() -> Value {
    json!({
        "system": [{ "start_time": "2025-12-01T00:00:00Z", "block_size": 8192 }],
        "pg_settings": [
            { "name": "fsync", "setting": "on" }, { "name": "full_page_writes", "setting": "on" },
            { "name": "autovacuum", "setting": "on" }, { "name": "track_counts", "setting": "on" },
            { "name": "max_connections", "setting": "100" }, { "name": "max_wal_size", "setting": "1024", "unit": "MB" },
        ],
        "pg_file_settings": [], "pg_stat_bgwriter": [],
        "pg_stat_checkpointer": [{ "num_timed": 300, "num_requested": 0, "stats_reset": "2025-12-01T00:00:00Z" }],
        "pg_stat_activity": [], "pg_class": [], "pg_index": [], "pg_stat_user_tables": [], "pg_stat_statements": [],
    })
}

fn without(section: &str) -> Value {
    let mut document = healthy();
    document.as_object_mut().unwrap().remove(section).unwrap();
    document
}

#[test]
fn healthy_requires_that_every_rule_that_can_find_a_problem_ran() {
    let analysis = of(&healthy(), &[]);
    assert_eq!(analysis.verdict, Verdict::Healthy, "{:?}", analysis.findings);
    let all = rules::all().count() as u64;
    assert_eq!((analysis.coverage.rules, analysis.coverage.ran), (all, all));
    for section in ["pg_settings", "pg_file_settings", "pg_stat_activity", "pg_class", "pg_stat_checkpointer", "system"]
    {
        let analysis = of(&without(section), &[]);
        assert_eq!(analysis.verdict, Verdict::Incomplete, "{section}");
        assert!(analysis.coverage.not_assessed > 0, "{section}");
    }
    // All that statements are checked for is a notice.
    assert_eq!(of(&without("pg_stat_statements"), &[]).verdict, Verdict::Healthy);
}

#[test]
fn what_is_ignored_is_counted_and_named() {
    let analysis = of(&without("pg_stat_activity"), &["connections_near_limit", "PGD101"]);
    assert_eq!(analysis.verdict, Verdict::Healthy);
    let all = rules::all().count();
    assert_eq!(analysis.coverage.words(), format!("{} of {all} checks ran, 2 ignored", all - 2));
    let ignored =
        analysis.assessments.iter().filter(|assessment| matches!(assessment.outcome, Outcome::Ignored { .. }));
    assert_eq!(ignored.map(|assessment| assessment.code.as_str()).collect::<Vec<_>>(), ["PGD101", "PGD401"]);
}

#[test]
fn a_fact_that_is_missing_is_not_a_default() {
    let mut document = healthy();
    document["pg_stat_statements"] = json!([{ "queryid": "1", "query": "select 1 order by 1", "calls": 10,
                                              "total_exec_time": 5000.0, "temp_blks_written": 50_000 }]);
    let outcome = |document: &Value| {
        let analysis = of(document, &[]);
        analysis.assessments.into_iter().find(|assessment| assessment.code == "PGD701").unwrap().outcome
    };
    assert_eq!(outcome(&document), Outcome::Found { subjects: 1 });
    document["system"] = json!({ "available": false, "error": "permission denied" });
    let reason = "system: permission denied".to_owned();
    assert_eq!(outcome(&document), Outcome::NotAssessed { reason });
}

#[test]
fn sizes_are_measured_first_and_a_parent_has_the_sum_of_its_parts() {
    let class = |oid: i64, relkind: &str, bytes: Option<i64>, source: &str, parent: Option<i64>| {
        json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": relkind, "relpages": if relkind == "p" { -1 } else { 2 },
                "reltuples": 5.0, "size_bytes": bytes, "size_source": source, "inhparent": parent,
                "relispartition": parent.is_some() })
    };
    let mut document = healthy();
    document["pg_class"] = json!([
        class(1, "p", None, "relpages", None),
        class(2, "p", None, "relpages", Some(1)),
        class(3, "r", Some(3_500_000), "pg_relation_size", Some(2)),
        class(4, "r", Some(16_384), "relpages", Some(1)),
        // An invalid document makes a relation its own ancestor.
        class(5, "p", None, "relpages", Some(6)),
        class(6, "p", None, "relpages", Some(5)),
        class(7, "r", Some(8192), "pg_relation_size", Some(6)),
    ]);
    let analysis = of(&document, &[]);
    let tables = analysis.topics.iter().find(|topic| topic.name == "tables").unwrap();
    let rows = tables.blocks.iter().find_map(|block| match block {
        pgdba_analysis::Block::Table(table) => Some(&table.rows),
        _ => None,
    });
    let sizes: Vec<(String, Quantity)> =
        rows.unwrap().iter().map(|row| (row[0].value.display(), row[1].value.clone())).collect();
    let expected = [
        ("s.t1", Quantity::EstimatedBytes(3_516_384)),
        ("s.t2", Quantity::Bytes(3_500_000)),
        ("s.t3", Quantity::Bytes(3_500_000)),
        ("s.t4", Quantity::EstimatedBytes(16_384)),
        ("s.t5", Quantity::Bytes(8192)),
        ("s.t6", Quantity::Bytes(8192)),
        ("s.t7", Quantity::Bytes(8192)),
    ];
    let mut sorted = sizes.clone();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(sorted, expected.map(|(name, size)| (name.to_owned(), size)));
    assert!(tables.lead.starts_with("7 user tables, ≈ 3.4 MB"), "{}", tables.lead);
}

#[test]
fn the_worst_comes_first() {
    let table = |oid: i64, dead: i64| {
        (
            json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": "r", "relpages": 9, "reltuples": 1000.0 }),
            json!({ "relid": oid, "n_dead_tup": dead }),
        )
    };
    let (classes, stats): (Vec<Value>, Vec<Value>) =
        [table(1, 25_779), table(2, 7_700_000), table(3, 12_000)].into_iter().unzip();
    let mut document = healthy();
    document["pg_class"] = json!(classes);
    document["pg_stat_user_tables"] = json!(stats);
    for (name, value) in [("autovacuum_vacuum_threshold", "50"), ("autovacuum_vacuum_scale_factor", "0.2")] {
        document["pg_settings"].as_array_mut().unwrap().push(json!({ "name": name, "setting": value }));
    }
    let analysis = of(&document, &[]);
    let [finding] = analysis.findings.as_slice() else { panic!("{:?}", analysis.findings) };
    assert_eq!(finding.summary, "Vacuum 3 tables: 7\u{202f}737\u{202f}779 dead rows");
    let names: Vec<&str> = finding.subjects.iter().map(|affected| affected.label.as_str()).collect();
    assert_eq!(names, ["s.t2", "s.t1", "s.t3"]);
}
