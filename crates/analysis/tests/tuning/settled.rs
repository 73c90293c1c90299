//! Rules and formulas agree: what is recommended is not recommended otherwise afterwards.

use pgdba_analysis::format::recommendation::Route;
use pgdba_analysis::tuning::{Tuning, Workload, script};
use pgdba_analysis::{Facts, example};
use pgdba_pg::parameter;
use serde_json::{Value, json};

use super::{of, recommended, server, value, with};

/// The server after a restart with what is recommended.
fn applied(mut document: Value, tuning: &Tuning) -> Value {
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let settings = facts.settings().unwrap();
    for row in document["pg_settings"].as_array_mut().unwrap() {
        let Some(text) = value(tuning, row["name"].as_str().unwrap()) else { continue };
        let setting = settings.get(row["name"].as_str().unwrap()).unwrap();
        row["setting"] = match parameter::parse(&settings.kind(setting), text).unwrap() {
            parameter::Value::Integer(number) => json!(number.to_string()),
            parameter::Value::Real(number) => json!(number.to_string()),
            _ => json!(text),
        };
        row["source"] = json!("configuration file");
        row["sourcefile"] = json!("/etc/postgresql/postgresql.auto.conf");
    }
    document
}

#[test]
fn nothing_is_left_to_change_on_a_server_that_has_what_was_recommended() {
    let minimal = [("wal_level", "minimal"), ("max_wal_senders", "0")];
    let servers = [12, 15, 18].into_iter().flat_map(|major| [server(major, &[]), server(major, &minimal)]);
    let workloads = [
        Workload::Oltp,
        Workload::Olap,
        Workload::Mixed,
        Workload::Web,
        Workload::Desktop,
        Workload::RemoteConservative,
    ];
    for server in servers {
        for workload in workloads {
            let first = of(&server, workload);
            assert!(!first.recommendations.is_empty());
            let left = of(&applied(server.clone(), &first), workload);
            let left: Vec<_> = left.recommendations.iter().map(|left| (&left.parameter, &left.recommended)).collect();
            assert!(left.is_empty(), "{workload:?} on {}: {left:?}", server["version"]);
        }
    }
}

#[test]
fn what_all_roles_have_is_set_for_all_roles() {
    // The collecting session has a value of its own, so that the source does not show what set it.
    let mut server = server(17, &[("work_mem", "1048576")]);
    let rows = server["pg_settings"].as_array_mut().unwrap();
    rows.iter_mut().filter(|row| row["name"] == "work_mem").for_each(|row| row["source"] = Value::Null);
    let row = json!({ "datname": null, "rolname": null, "name": "work_mem", "setting": "1GB" });
    let server = with(server, "pg_db_role_setting", json!([row]));
    let tuning = of(&server, Workload::Oltp);
    assert_eq!(recommended(&tuning, "work_mem").unwrap().route, Route::Override("global".to_owned()));
    let sql = script::sql(&tuning.recommendations, 17);
    assert!(sql.contains(": set it with ALTER ROLE ALL, which overrides the files"), "{sql}");
    assert!(!sql.contains("ALTER SYSTEM SET work_mem"), "{sql}");
    assert!(!tuning.notes.iter().any(|note| note.contains("single roles")), "{:?}", tuning.notes);
}

#[test]
fn a_value_that_is_set_elsewhere_says_where() {
    let line = |mut server: Value, source: &str| {
        let rows = server["pg_settings"].as_array_mut().unwrap();
        rows.iter_mut().filter(|row| row["name"] == "work_mem").for_each(|row| row["source"] = json!(source));
        let sql = script::sql(&of(&server, Workload::Oltp).recommendations, 17);
        sql.lines().find(|line| line.contains(" work_mem = ")).unwrap().to_owned()
    };
    let server = server(17, &[("work_mem", "1048576")]);
    let rds = with(server.clone(), "system", json!([{ "is_in_recovery": false, "hosting": "Amazon RDS" }]));
    for (server, source, end) in [
        (&server, "command line", "set it on the server's command line, which overrides the files"),
        (&server, "global", "set it with ALTER ROLE ALL, which overrides the files"),
        (&server, "database", "set it with ALTER DATABASE, which overrides the files"),
        (&rds, "configuration file", "set it in the parameter group or the console of Amazon RDS"),
    ] {
        let line = line(server.clone(), source);
        assert!(line.starts_with("-- work_mem = '") && line.ends_with(&format!("': {end}")), "{line}");
    }
}

#[test]
fn a_size_within_one_percent_is_in_force() {
    let wanted = value(&of(&server(17, &[]), Workload::Oltp), "effective_cache_size").map(str::to_owned);
    assert_eq!(wanted.as_deref(), Some("12GB"));
    for (blocks, is_kept) in [("1564672", true), ("1500000", false)] {
        let tuning = of(&server(17, &[("effective_cache_size", blocks)]), Workload::Oltp);
        assert_eq!(value(&tuning, "effective_cache_size").is_none(), is_kept, "{blocks}");
    }
}

#[test]
fn a_value_that_is_lowered_to_fit_says_so() {
    let tuning = of(&server(17, &[]), Workload::Olap);
    let why = &recommended(&tuning, "maintenance_work_mem").unwrap().rationale;
    assert_eq!(
        why,
        "One eighth of 16 GB of memory. Reduced from 2 GB to fit: one eighth of the 15.2 GB that the operating system leaves."
    );
}
