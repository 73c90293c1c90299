//! What the `query` commands about statements answer.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may the functions that only tests call")]

use pgdba_analysis::facts::Beside;
use pgdba_analysis::facts::statements::Measure;
use pgdba_analysis::topics::Topic;
use pgdba_analysis::topics::queries::{self, DETAILS, Details, Period, SlowOptions, TOPIC, Top, TopOptions};
use pgdba_analysis::{Checked, Facts, Options, View, analyze, example};
use pgdba_pg::Millis;
use pgdba_snapshot::DiagSnapshot;
use serde_json::{Value, json};

/// A snapshot of what `document` describes, with one prerequisite.
fn snapshot(document: &Value, prereq: Value) -> DiagSnapshot {
    let mut snapshot = example::snapshot(&document.to_string()).unwrap();
    snapshot.prereqs = if prereq.is_null() { Vec::new() } else { vec![serde_json::from_value(prereq).unwrap()] };
    snapshot
}

fn ask<T>(document: &Value, topic: &Topic, ask: impl FnOnce(&View<'_>) -> Checked<T>) -> Result<T, String> {
    let snapshot = snapshot(document, Value::Null);
    ask(&View::new(&Facts::of(&snapshot), Beside::default(), topic.reads)).map_err(|missing| missing.reason)
}

fn top(document: &Value, options: &TopOptions) -> Result<Top, String> {
    ask(document, &TOPIC, |view| queries::top(view, options)).map(|reply| reply.data)
}

fn ids(top: &Top) -> Vec<&str> {
    top.statements.iter().map(|statement| statement.query_id.as_deref().unwrap_or_default()).collect()
}

/// Three statements, each of which leads by other measures.
fn workload() -> Value {
    let statement = |id: &str, db: &str, userid: i64, figures: Value| {
        let mut row = json!({ "queryid": id, "query": format!("select {id}"), "datname": db, "userid": userid });
        row.as_object_mut().unwrap().extend(figures.as_object().unwrap().clone());
        row
    };
    json!({
        "system": [{ "block_size": 8192 }],
        "pg_settings": [{ "name": "pg_stat_statements.track_planning", "setting": "on" }],
        "pg_roles": [{ "oid": 1, "rolname": "app" }, { "oid": 2, "rolname": "report" }],
        "pg_stat_statements_info": [{ "dealloc": 0, "stats_reset": "2025-12-31T12:00:00Z" }],
        "pg_stat_statements": [
            statement("1", "shop", 1, json!({
                "calls": 1000, "total_exec_time": 500.0, "mean_exec_time": 0.5, "max_exec_time": 900.0, "rows": 10,
                "shared_blks_hit": 9000, "shared_blks_read": 0, "temp_blks_written": 0, "wal_bytes": 700.0,
                "total_plan_time": 30.0, "jit_time": 0.0 })),
            statement("2", "shop", 2, json!({
                "calls": 2, "total_exec_time": 300.0, "mean_exec_time": 150.0, "max_exec_time": 1500.0, "rows": 5000,
                "shared_blks_hit": 100, "shared_blks_read": 900, "temp_blks_written": 70, "wal_bytes": 300.0,
                "total_plan_time": 1.0, "jit_time": 9.0 })),
            statement("3", "other", 2, json!({
                "calls": 50, "total_exec_time": 200.0, "mean_exec_time": 4.0, "max_exec_time": 10.0, "rows": 1,
                "shared_blks_hit": 100, "shared_blks_read": 100, "temp_blks_written": 7, "wal_bytes": 0.0,
                "total_plan_time": 2.0, "jit_time": 0.0 })),
        ],
    })
}

#[test]
fn statements_are_ranked_by_each_measure_with_their_share_of_the_whole() {
    for (name, expected, value, share) in [
        ("total_time", &["1", "2", "3"][..], 500.0, Some(0.5)),
        ("mean_time", &["2", "3", "1"], 150.0, None),
        ("calls", &["1", "3", "2"], 1000.0, Some(1000.0 / 1052.0)),
        ("rows", &["2", "1", "3"], 5000.0, Some(5000.0 / 5011.0)),
        ("io", &["2", "3"], 970.0 * 8192.0, Some(970.0 / 1077.0)),
        ("temp", &["2", "3"], 70.0 * 8192.0, Some(70.0 / 77.0)),
        ("wal", &["1", "2"], 700.0, Some(0.7)),
        ("plan_time", &["1", "3", "2"], 30.0, Some(30.0 / 33.0)),
        ("cache_miss", &["2", "3"], 900.0 * 8192.0, Some(0.9)),
        ("jit", &["2"], 9.0, Some(1.0)),
    ] {
        let measure = Measure::named(name).unwrap();
        let top = top(&workload(), &TopOptions { measure, ..TopOptions::default() }).unwrap();
        assert_eq!((ids(&top).as_slice(), top.sort), (expected, name));
        assert!((top.statements[0].value - value).abs() < 1e-6, "{name}: {}", top.statements[0].value);
        let difference = top.statements[0].share.zip(share).map(|(a, b)| (a - b).abs());
        assert!(difference.is_none_or(|difference| difference < 1e-9), "{name}");
        assert_eq!(top.statements[0].share.is_some(), share.is_some(), "{name}");
    }
}

#[test]
fn a_limit_and_owners_choose_statements_and_shares_stay_those_of_the_whole() {
    let of = |database: Option<&str>, role: Option<&str>, limit: usize| {
        let text = |name: &str| name.to_owned();
        let options = TopOptions { limit, database: database.map(text), role: role.map(text), ..TopOptions::default() };
        top(&workload(), &options)
    };
    let first = of(None, None, 1).unwrap();
    assert_eq!((ids(&first), first.found, first.owners.len()), (vec!["1"], 3, 3));
    let shop = of(Some("shop"), None, 20).unwrap();
    assert_eq!((ids(&shop), shop.total), (vec!["1", "2"], Some(1000.0)));
    let report = of(None, Some("report"), 20).unwrap();
    let owners: Vec<_> = report.owners.iter().map(|owner| (owner.database.as_deref(), owner.share)).collect();
    assert_eq!(owners, [(Some("shop"), Some(0.3)), (Some("other"), Some(0.2))]);
    let reason = of(Some("shop"), Some("nobody"), 20).unwrap_err();
    assert_eq!(
        reason,
        "pg_stat_statements contains no statements of role \"nobody\" in database \"shop\", measured over 1 d"
    );
}

#[test]
fn what_the_server_does_not_count_is_not_ranked() {
    let of = |document: &Value, measure: Measure| {
        top(document, &TopOptions { measure, ..TopOptions::default() }).map(|top| top.found)
    };
    let mut old = workload();
    for row in old["pg_stat_statements"].as_array_mut().unwrap() {
        for name in ["wal_bytes", "total_plan_time", "jit_time"] {
            row.as_object_mut().unwrap().remove(name);
        }
    }
    assert!(of(&old, Measure::Wal).unwrap_err().contains("from version 1.8 on (PostgreSQL 13)"));
    assert!(of(&old, Measure::Jit).unwrap_err().contains("from version 1.10 on (PostgreSQL 15)"));
    let mut untimed = workload();
    untimed["pg_settings"][0]["setting"] = json!("off");
    assert_eq!(of(&untimed, Measure::PlanTime), Ok(3), "it was on when these were counted");
    for row in untimed["pg_stat_statements"].as_array_mut().unwrap() {
        row["total_plan_time"] = json!(0.0);
    }
    assert!(of(&untimed, Measure::PlanTime).unwrap_err().contains("track_planning is off"));
}

/// A delta of thirty seconds: the first statement ran, the second did not, the third is new.
fn delta() -> Value {
    let columns = ["userid", "dbid", "toplevel", "queryid", "query", "calls", "total_exec_time", "max_exec_time"];
    json!({
        "collected_at": "2026-01-01T12:00:30Z",
        "system": { "available": true, "collected_at": "2026-01-01T12:00:30Z", "columns": ["start_time", "server_time"],
                    "rows": [["2025-12-01T00:00:00Z", "2026-01-01T12:00:30Z"]] },
        "pg_stat_statements": { "available": true, "collected_at": "2026-01-01T12:00:30Z", "columns": columns,
            "rows": [[1, 1, true, "7", "select 7", 400, 4000.0, 2000.0], [1, 1, true, "8", "select 8", 5, 9000.0, 9000.0],
                     [1, 1, true, "9", "select 9", 60, 6000.0, 100.0]],
            "earlier": { "collected_at": "2026-01-01T12:00:00Z",
                         "rows": [[1, 1, true, "7", "select 7", 100, 1000.0, 2000.0], [1, 1, true, "8", "select 8", 5, 9000.0, 9000.0]] } },
    })
}

#[test]
fn of_a_delta_the_figures_are_those_of_its_window() {
    let window = top(&delta(), &TopOptions::default()).unwrap();
    assert_eq!(ids(&window), ["9", "7"], "a new statement counted all of its calls in the window");
    assert_eq!(window.statements[0].figures.calls_per_second, Some(2.0));
    assert_eq!((window.statements[1].value, window.total), (3000.0, Some(9000.0)));
    assert!(matches!(window.period, Period::Delta { seconds } if (seconds - 30.0).abs() < 1e-9));
    let all = top(&delta(), &TopOptions { is_since_reset: true, ..TopOptions::default() }).unwrap();
    assert_eq!(ids(&all), ["8", "9", "7"]);
    assert_eq!(all.statements[0].figures.calls_per_second, None);
    let shown = ask(&delta(), &TOPIC, |view| queries::top(view, &TopOptions::default())).unwrap().shown;
    assert!(shown.lead.contains("over the 30 s of the delta"), "{}", shown.lead);
}

#[test]
fn a_slow_statement_has_a_slow_mean_or_a_slow_call() {
    let slow = |document: &Value, threshold: f64| {
        let options = SlowOptions { threshold: Millis(threshold), limit: 50, database: None, role: None };
        let reply = ask(document, &TOPIC, |view| queries::slow_log(view, &options)).unwrap();
        let found: Vec<_> =
            reply.data.statements.iter().map(|s| (s.query_id.clone().unwrap(), s.is_mean_slow)).collect();
        (reply.shown.lead, found)
    };
    let found = |list: &[(&str, bool)]| list.iter().map(|(id, mean)| ((*id).to_owned(), *mean)).collect::<Vec<_>>();
    assert_eq!(slow(&workload(), 100.0).1, found(&[("2", true), ("1", false)]));
    assert_eq!(slow(&workload(), 1000.0).1, found(&[("2", false)]));
    let (lead, none) = slow(&workload(), 10_000.0);
    assert_eq!(none, []);
    assert_eq!(lead, "No recorded statement has a mean or maximum of 10 s or more, measured over 1 d.");
    assert_eq!(slow(&delta(), 1000.0).1, found(&[("7", false)]), "the slowest did not run in the window");
}

/// A statement of two roles with its table, its waits and what is found about it.
fn page(wanted: &str) -> Result<Details, String> {
    let statement = |id: &str, role: i64, query: &str| {
        json!({ "queryid": id, "query": query, "datname": "shop", "userid": role, "calls": 10, "total_exec_time": 5000.0,
                "temp_blks_written": 50_000, "rows": 20 })
    };
    let document = json!({
        "system": [{ "block_size": 8192 }],
        "pg_settings": [{ "name": "work_mem", "setting": "4096", "unit": "kB" }],
        "pg_roles": [{ "oid": 1, "rolname": "app" }, { "oid": 2, "rolname": "report" }],
        "pg_class": [{ "oid": 1, "nspname": "public", "relname": "t", "relkind": "r", "datname": "shop" },
                     { "oid": 2, "nspname": "public", "relname": "t_x_idx", "relkind": "i", "datname": "shop" },
                     { "oid": 3, "nspname": "public", "relname": "t", "relkind": "r", "datname": "other" }],
        "pg_index": [{ "indexrelid": 2, "indrelid": 1, "datname": "shop", "indisvalid": false }],
        "pg_stat_user_tables": [],
        "wait_samples": [{ "query_id": "-421", "wait_event_type": "IO", "wait_event": "BufFileWrite", "samples": 3 },
                         { "query_id": "-421", "samples": 1 }, { "query_id": "5", "samples": 9 }],
        "pg_stat_statements": [statement("-421", 1, "select * from t order by x"), statement("-421", 2, "select * from t order by x"),
                               statement("-423", 1, "select 1"), statement("-4", 1, "select 2")],
    });
    let mut snapshot = snapshot(&document, Value::Null);
    snapshot.sampling.mode = "delta".to_owned();
    let findings = analyze(&snapshot, &Options::default()).findings;
    let facts = Facts::of(&snapshot);
    let view = View::new(&facts, Beside::default(), DETAILS.reads);
    queries::details(&view, wanted, &findings).map(|reply| reply.data).map_err(|missing| missing.reason)
}

#[test]
fn the_page_of_a_statement_has_what_concerns_it() {
    let page = page("-421").unwrap();
    let roles: Vec<_> = page.run_by.iter().filter_map(|run| run.role.as_deref()).collect();
    assert_eq!(roles, ["app", "report"]);
    let calls = page.figures.iter().find(|figure| figure.name == "calls").unwrap();
    assert_eq!((calls.total, calls.per_call), (Some(20.0), None));
    let rows = page.figures.iter().find(|figure| figure.name == "rows").unwrap();
    assert_eq!((rows.total, rows.per_call), (Some(40.0), Some(2.0)));
    assert!(page.figures.iter().all(|figure| figure.name != "wal_bytes"), "it is not counted");
    assert_eq!((page.share, page.tables.len()), (Some(0.5), 1), "{:?}", page.tables);
    assert_eq!(page.indexes, ["public.t_x_idx in database shop"]);
    let waits: Vec<_> = page.waits.iter().map(|wait| (wait.wait_event.as_deref(), wait.samples, wait.share)).collect();
    assert_eq!(waits, [(Some("BufFileWrite"), 3, Some(0.75)), (None, 1, Some(0.25))]);
    let codes: Vec<_> = page.findings.iter().map(|found| found.code.as_str()).collect();
    assert!(codes.contains(&"PGD701") && codes.contains(&"PGD601"), "{codes:?}");
}

#[test]
fn times_that_the_server_does_not_measure_are_not_zero() {
    let shown = |io_timing: &str, read_time: f64| {
        let document = json!({
            "pg_settings": [{ "name": "track_io_timing", "setting": io_timing },
                            { "name": "pg_stat_statements.track_planning", "setting": "off" }],
            "pg_stat_statements": [{ "queryid": "1", "query": "select 1", "calls": 2, "total_exec_time": 0.0, "plans": 0,
                                     "total_plan_time": 0.0, "shared_blk_read_time": read_time, "jit_time": 0.0 }],
        });
        let answer = ask(&document, &DETAILS, |view| queries::details(view, "1", &[])).unwrap();
        let total = |name: &str| answer.data.figures.iter().find(|figure| figure.name == name).unwrap().total;
        let text = serde_json::to_string(&answer.shown.blocks).unwrap();
        assert!(text.contains("not measured"), "{text}");
        assert_eq!([total("plans"), total("total_plan_time")], [None, None]);
        assert_eq!([total("total_exec_time"), total("jit_time")], [Some(0.0), Some(0.0)]);
        total("shared_blk_read_time")
    };
    assert_eq!([shown("off", 0.0), shown("on", 0.0), shown("off", 6.0)], [None, Some(0.0), Some(6.0)]);
}

#[test]
fn an_identifier_may_be_shortened_as_long_as_it_is_one() {
    assert_eq!(page("-423").unwrap().query_id, "-423");
    assert_eq!(page("-4").unwrap().query_id, "-4", "an identifier that is the beginning of others");
    assert_eq!(page("-42").unwrap_err(), "2 query IDs begin with \"-42\": -421, -423");
    assert!(page("9").unwrap_err().starts_with("no recorded statement has a query ID that begins with \"9\""));
}

#[test]
fn how_to_record_statements_depends_on_what_is_missing() {
    let loaded = json!({ "name": "pg_stat_statements.max", "setting": "5000" });
    let libraries =
        |list: &str| json!({ "name": "shared_preload_libraries", "setting": list, "source": "configuration file" });
    let hint = |settings: Vec<Value>, version: Option<&str>, error: &str, more: Value| {
        let mut document = json!({ "pg_settings": settings, "system": [{ "current_database": "shop" }],
                                   "pg_stat_statements": { "available": false, "error": error } });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let prereq = json!({ "name": "pg_stat_statements", "available": false, "version": version, "error": error });
        let snapshot = snapshot(&document, prereq);
        queries::install::hint(&Facts::of(&snapshot)).unwrap()
    };
    let absent = "the extension is not installed in database shop";
    assert_eq!(
        hint(vec![libraries("auto_explain, x")], None, absent, json!({})),
        "Run ALTER SYSTEM SET shared_preload_libraries = 'auto_explain', 'x', 'pg_stat_statements'; restart the server, \
         then run in database shop: CREATE EXTENSION pg_stat_statements;"
    );
    let hidden = hint(vec![json!({ "name": "fsync", "setting": "on" })], None, absent, json!({}));
    assert!(
        hidden.starts_with("Add pg_stat_statements to shared_preload_libraries, together with the libraries"),
        "{hidden}"
    );
    let managed = hint(vec![libraries("")], None, absent, json!({ "system": [{ "hosting": "Amazon RDS" }] }));
    assert!(managed.contains("in the parameter group or the console of Amazon RDS"), "{managed}");
    let waiting = json!({ "pg_file_settings": [{ "seqno": 1, "name": "shared_preload_libraries",
                                                 "setting": "pg_stat_statements", "applied": false }] });
    assert!(hint(vec![libraries("")], None, absent, waiting).contains("includes pg_stat_statements already. Restart"));
    assert!(
        hint(vec![loaded.clone()], None, absent, json!({}))
            .starts_with("The library is loaded. As superuser, run in database shop")
    );
    let unloaded = hint(vec![libraries("")], Some("1.10"), "the library is not in shared_preload_libraries", json!({}));
    assert!(unloaded.ends_with("'pg_stat_statements'; restart the server"), "{unloaded}");
    let refused = hint(vec![loaded], Some("1.10"), "no USAGE privilege on schema x", json!({}));
    assert!(refused.starts_with("Grant the collecting role USAGE"), "{refused}");
}
