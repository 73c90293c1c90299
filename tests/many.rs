//! Ten thousand of everything that rules check: what people read stays short, and the JSON has all of it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::program::pgdba;

/// How many there are of each.
const MANY: i64 = 10_000;

/// Subjects that are shown of a finding.
const SHOWN: usize = 20;

/// Writes a snapshot with `sections`, whose rows are objects with the same members.
fn snapshot(sections: &Value) -> tempfile::NamedTempFile {
    let table = |rows: &Value| {
        let rows = rows.as_array().unwrap();
        let columns: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
        let values: Vec<Vec<&Value>> =
            rows.iter().map(|row| columns.iter().map(|column| &row[column.as_str()]).collect()).collect();
        json!({ "available": true, "columns": columns, "rows": values })
    };
    // Everything else was read and is empty.
    let empty = || json!({ "available": true, "columns": [], "rows": [] });
    let section = |name: &str| sections.get(name).map_or_else(empty, table);
    let sections: serde_json::Map<String, Value> =
        pgdba_snapshot::sections::ALL.iter().map(|spec| (spec.name.to_owned(), section(spec.name))).collect();
    let document = json!({
        "format": "pgdba.diag_snapshot",
        "format_version": 1,
        "collected_at": "2026-01-01T12:00:00Z",
        "identity": { "server_version_num": 180_000 },
        "sections": sections,
    });
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    fs::write(&file, document.to_string()).unwrap();
    file
}

/// One row for each number from 0 on.
fn rows(row: impl Fn(i64) -> Value) -> Value {
    (0..MANY).map(row).collect()
}

fn system() -> Value {
    json!([{ "start_time": "2026-01-01T00:00:00Z", "block_size": 8192 }])
}

fn settings() -> Value {
    let setting = |name: &str, value: &str, unit: Value| json!({ "name": name, "setting": value, "unit": unit });
    json!([
        setting("autovacuum", "on", Value::Null),
        setting("autovacuum_vacuum_threshold", "50", Value::Null),
        setting("autovacuum_vacuum_scale_factor", "0.2", Value::Null),
        setting("work_mem", "4096", json!("kB")),
    ])
}

/// A table that lets no rule but the one under test find something: analyzed where it has pages.
fn class(oid: i64, name: &str, relkind: &str, pages: i64) -> Value {
    json!({ "oid": oid, "nspname": "public", "relname": name, "relkind": relkind, "relpages": pages,
            "reltuples": if pages > 0 { 100_000 } else { -1 }, "amname": "btree" })
}

fn table_stats(dead: i64, changes: impl Fn(i64) -> i64) -> Value {
    // With dead rows it was analyzed, so that this is not found too.
    let analyzed = (dead > 0).then_some("2026-01-01T00:00:00Z");
    rows(|n| {
        json!({ "relid": 20_000 + n, "n_tup_ins": changes(n), "n_live_tup": 100_000, "n_dead_tup": dead * (n + 1),
                "last_analyze": analyzed })
    })
}

fn never_analyzed() -> Value {
    json!({
        "system": system(),
        "pg_settings": settings(),
        "pg_class": rows(|n| class(20_000 + n, &format!("t{n}"), "r", 0)),
        "pg_stat_user_tables": table_stats(0, |n| 50_000 + n),
    })
}

fn full_of_dead_rows() -> Value {
    json!({
        "system": system(),
        "pg_settings": settings(),
        "pg_class": rows(|n| class(20_000 + n, &format!("t{n}"), "r", 1000)),
        "pg_stat_user_tables": table_stats(1_000_000, |_| 0),
    })
}

/// Indexes of one table; those of one key are equal.
fn indexes(is_valid: bool, key: impl Fn(i64) -> i64) -> Value {
    let mut classes = vec![class(20_000, "t", "r", 1000)];
    classes.extend((0..MANY).map(|n| class(30_000 + n, &format!("t_{n}"), "i", 1 + n)));
    let index = |n: i64| {
        json!({ "indexrelid": 30_000 + n, "indrelid": 20_000, "indkey": [key(n)], "indclass": [1978],
                "indisvalid": is_valid, "indisunique": false })
    };
    json!({ "system": system(), "pg_class": classes, "pg_index": rows(index) })
}

/// As many as can have a hundredth of the time each spill; the others take the rest of it.
fn spilling() -> Value {
    let statement = |n: i64| {
        json!({ "queryid": n.to_string(), "query": format!("select {n} from t order by x"), "calls": 10,
                "total_exec_time": if n < 90 { 10_000.0 } else { 1.0 }, "temp_blks_written": 50_000 + n })
    };
    json!({ "system": system(), "pg_settings": settings(), "pg_stat_statements": rows(statement) })
}

fn waiting_parameters() -> Value {
    let setting = |n: i64| json!({ "name": format!("a.p{n}"), "setting": "1", "pending_restart": true });
    let in_file = |n: i64| {
        json!({ "sourcefile": "/etc/postgresql.conf", "sourceline": n + 1, "seqno": n + 1, "name": format!("a.p{n}"),
                "setting": "2", "applied": false, "error": "setting could not be applied" })
    };
    json!({ "system": system(), "pg_settings": rows(setting), "pg_file_settings": rows(in_file) })
}

/// The lines down to the checks that found nothing: they grow with the rules, not with the subjects.
fn lines_of_findings(text: &str) -> usize {
    text.lines().take_while(|line| !line.contains("Passed checks")).count()
}

/// Checks what is printed of `document`, in which the rule `code` finds `count` subjects; gives the text.
fn check(code: &str, document: &Value, count: usize, have_statements: bool) -> String {
    let file = snapshot(document);
    let path = file.path().to_str().unwrap();
    let text = pgdba(&["check", "--snapshot", path]).stdout;
    // Two statements for each subject shown take twenty lines more.
    assert!(lines_of_findings(&text) < 120, "{code}: {} lines\n{text}", lines_of_findings(&text));
    let markdown = pgdba(&["check", "--snapshot", path, "--format", "markdown"]).stdout;
    assert!(lines_of_findings(&markdown) < 140, "{code}: {} lines\n{markdown}", lines_of_findings(&markdown));

    let report = file.path().with_extension("html");
    let run = pgdba(&["report", path, "-o", report.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{code}: {}", run.stderr);
    let html = fs::read_to_string(&report).unwrap();
    fs::remove_file(&report).unwrap();
    assert!(html.len() < 600_000, "{code}: {} bytes", html.len());

    let envelope = pgdba(&["check", "--snapshot", path, "--format", "json"]).envelope();
    let findings = envelope["data"]["findings"].as_array().unwrap();
    let finding =
        findings.iter().find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("{code}: {findings:?}"));
    let subjects = finding["subjects"].as_array().unwrap();
    let ids: BTreeSet<&str> = subjects.iter().map(|subject| subject["id"].as_str().unwrap()).collect();
    assert_eq!((subjects.len(), ids.len()), (count, count), "{code}");
    assert!(subjects.iter().all(|subject| subject["sql"].is_string() == have_statements), "{code}");

    // The worst twenty are shown, and how many there are besides.
    let label = |subject: &Value| subject["label"].as_str().unwrap().to_owned();
    let hidden = pgdba_pg::display::count(i64::try_from(count - SHOWN).unwrap());
    for (face, shown) in [("text", &text), ("Markdown", &markdown), ("HTML", &html)] {
        for subject in subjects.iter().take(SHOWN) {
            assert!(shown.contains(&label(subject)), "{code}: {face} lacks {}", label(subject));
        }
        assert!(shown.contains(&format!("{hidden} more")), "{code}: {face} does not say that there are {hidden} more");
    }
    let row = |subject: &Value| text.lines().any(|line| line.split_whitespace().next() == Some(&label(subject)));
    assert!(row(&subjects[SHOWN - 1]) && !row(&subjects[SHOWN]), "{code}\n{text}");
    text
}

#[test]
fn ten_thousand_never_analyzed_tables_are_one_short_finding() {
    let text = check("PGD801", &never_analyzed(), 10_000, true);
    assert!(lines_of_findings(&text) < 100, "{text}");
}

#[test]
fn ten_thousand_of_anything_else_are_one_short_finding() {
    check("PGD502", &full_of_dead_rows(), 10_000, true);
    check("PGD602", &indexes(true, |n| n / 2), 5_000, true);
    check("PGD602", &indexes(true, |_| 1), 9_999, true);
    check("PGD601", &indexes(false, |n| n), 10_000, true);
    check("PGD701", &spilling(), 90, false);
    check("PGD201", &waiting_parameters(), 10_000, false);
}
