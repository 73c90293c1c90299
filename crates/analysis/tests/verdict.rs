//! The verdict of an analysis, its coverage, and the order of its findings.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use pgdba_analysis::{
    Analysis, Options, Outcome, Quantity, Rule, Severity, Verdict, analyze, example, read_policy, rules,
};
use pgdba_snapshot::section::Scope;
use pgdba_snapshot::sections;
use serde_json::{Value, json};

fn of(document: &Value, ignore: &[&str]) -> Analysis {
    let ignore = ignore.iter().map(|rule| (*rule).to_owned()).collect();
    analyze(&example::snapshot(&document.to_string()).unwrap(), &Options { ignore, ..Options::default() })
}

/// A document in which every rule can run and nothing is found: what an untouched server said of itself, a month later, without
/// objects, sessions and statements.
fn healthy() -> Value {
    let snapshot = pgdba_snapshot::read(include_bytes!("../../../fixtures/pg18.json.gz")).unwrap();
    let mut document = json!({ "collected_at": "2026-12-24T12:00:00Z" });
    for spec in sections::ALL {
        let is_empty = spec.scope == Scope::Database || EMPTIED.contains(&spec.name);
        let rows = snapshot.sections.get(spec.name).filter(|_| !is_empty).map(|raw| objects(raw.get()));
        document[spec.name] = json!(rows.unwrap_or_default());
    }
    set(&mut document, "pg_stat_statements.track_planning", "on");
    document
}

/// How many rules need a delta: waits are sampled in its window only.
fn of_waits() -> u64 {
    rules::of_servers().filter(|rule| rule.needs().iter().any(|spec| spec.sampled)).count() as u64
}

/// What the recorded server was doing.
const EMPTIED: [&str; 3] = ["pg_stat_activity", "pg_locks", "pg_stat_statements"];

/// The rows of a section as objects.
fn objects(section: &str) -> Vec<Value> {
    let section: Value = serde_json::from_str(section).unwrap();
    let (Some(columns), Some(rows)) = (section["columns"].as_array(), section["rows"].as_array()) else {
        return Vec::new();
    };
    let object = |row: &Value| -> Value {
        let cells =
            columns.iter().map(|column| column.as_str().unwrap().to_owned()).zip(row.as_array().unwrap().clone());
        Value::Object(cells.collect())
    };
    rows.iter().map(object).collect()
}

/// Changes the value of a parameter in a document.
fn set(document: &mut Value, name: &str, setting: &str) {
    let settings = document["pg_settings"].as_array_mut().unwrap();
    settings.iter_mut().find(|row| row["name"] == name).unwrap()["setting"] = json!(setting);
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
    let all = rules::of_servers().count() as u64;
    let blind: Vec<_> = analysis.assessments.iter().filter_map(|rule| Some((&rule.name, rule.blind_spot()?))).collect();
    assert_eq!((analysis.coverage.rules, analysis.coverage.ran), (all, all - of_waits()), "{blind:?}");
    for section in ["pg_settings", "pg_stat_activity", "pg_class", "pg_stat_checkpointer", "system"] {
        let analysis = of(&without(section), &[]);
        assert_eq!(analysis.verdict, Verdict::Incomplete, "{section}");
        assert!(analysis.coverage.not_assessed > 0, "{section}");
    }
    // All that statements are checked for is a notice.
    assert_eq!(of(&without("pg_stat_statements"), &[]).verdict, Verdict::Healthy);
}

#[test]
fn what_is_ignored_is_counted_and_named() {
    let needs_sessions = |rule: &&Rule| rule.needs().iter().any(|spec| spec.name == "pg_stat_activity");
    let mut ignore: Vec<&str> = rules::of_servers().filter(needs_sessions).map(|rule| rule.name).collect();
    ignore.push("PGD101");
    let analysis = of(&without("pg_stat_activity"), &ignore);
    assert_eq!(analysis.verdict, Verdict::Healthy);
    let all = rules::of_servers().count();
    let (ran, waits, ignored) = (all as u64 - of_waits() - ignore.len() as u64, of_waits(), ignore.len());
    let expected = format!("{ran} of {all} checks ran, {waits} could not run, {ignored} ignored");
    assert_eq!(analysis.coverage.words(), expected);
    let ignored =
        analysis.assessments.iter().filter(|assessment| matches!(assessment.outcome, Outcome::Ignored { .. }));
    let ignored: Vec<&str> = ignored.map(|assessment| assessment.name.as_str()).collect();
    assert!(ignored.len() == ignore.len() && ignored.contains(&"fsync_off"), "{ignored:?}");
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
    assert_eq!(outcome(&document), Outcome::NotAssessed { reason, is_expected: false });
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
    let analysis = of(&document, &[]);
    let [finding] = analysis.findings.as_slice() else { panic!("{:?}", analysis.findings) };
    assert_eq!(finding.summary, "Vacuum 3 tables: 7\u{202f}737\u{202f}779 dead rows");
    let names: Vec<&str> = finding.subjects.iter().map(|affected| affected.label.as_str()).collect();
    assert_eq!(names, ["s.t2", "s.t1", "s.t3"]);
}

#[test]
fn what_was_found_does_not_stand_for_the_databases_that_were_not_read() {
    let mut document = healthy();
    document["pg_class"] = json!({
        "available": true,
        "columns": ["datname", "oid", "nspname", "relname", "relkind", "relpages", "reltuples"],
        "rows": [["a", 1, "s", "t1", "r", 9, 1000.0]],
        "partial": [{ "datname": "b", "error": "no CONNECT privilege" }],
    });
    document["pg_stat_user_tables"] = json!([{ "datname": "a", "relid": 1, "n_dead_tup": 25_779 }]);
    set(&mut document, "autovacuum_vacuum_threshold", "10000");
    set(&mut document, "autovacuum_vacuum_scale_factor", "0");
    let reason = Some("pg_class: database \"b\" could not be read: no CONNECT privilege".to_owned());
    let spot = |analysis: &Analysis| {
        let rule = analysis.assessments.iter().find(|rule| rule.name == "dead_tuples").unwrap();
        (rule.outcome.clone(), rule.blind_spot().map(str::to_owned))
    };
    let analysis = of(&document, &[]);
    assert_eq!(analysis.worst(), Some(Severity::Notice));
    assert_eq!(spot(&analysis), (Outcome::Found { subjects: 1 }, reason.clone()));
    assert_eq!(analysis.verdict, Verdict::Incomplete);
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let policy = read_policy(b"[[silence]]\nrule = 'dead_tuples'\nschema = 's'\nreason = 'r'").unwrap();
    let analysis = analyze(&snapshot, &Options { policy: Some(&policy), ..Options::default() });
    assert_eq!(spot(&analysis), (Outcome::SetAside { subjects: 1 }, reason));
    assert_eq!(analysis.verdict, Verdict::Incomplete);
}
