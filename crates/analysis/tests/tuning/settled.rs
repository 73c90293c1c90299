//! Rules and formulas agree: what is recommended is not recommended otherwise afterwards.

use pgdba_analysis::tuning::{Tuning, Workload};
use pgdba_analysis::{Facts, example};
use pgdba_pg::parameter;
use serde_json::{Value, json};

use super::{of, server, value};

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
