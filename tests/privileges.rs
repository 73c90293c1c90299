//! A role with the privileges that `docs/privileges.md` grants.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use xtask::paths;
use xtask::servers::{Server, ServerOptions};

use crate::program::pgdba;

/// How passwords are stored is seen by those who can read the passwords.
const PASSWORDS: &str = "PGD1304";

/// The statements of the page, one list a block.
fn blocks() -> Vec<Vec<String>> {
    let page = fs::read_to_string(paths::root().join("docs/privileges.md")).unwrap();
    let blocks = page.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|sql| sql.split_inclusive(";\n").map(str::to_owned).collect()).collect()
}

/// The checks that could not run, unless that was to be expected of this server and this snapshot.
fn missed(server: &Server) -> BTreeSet<String> {
    let run = pgdba(&["check", "--format", "json", "--dsn", &server.dsn("monitor", "postgres")]);
    let data = run.envelope()["data"].take();
    let is_missed = |assessment: &&Value| {
        let outcome = &assessment["outcome"];
        (outcome["result"] == "not_assessed" && outcome["is_expected"] == false) || !assessment["unchecked"].is_null()
    };
    let assessments = data["assessments"].as_array().unwrap();
    assessments.iter().filter(is_missed).map(|assessment| assessment["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_role_with_the_documented_privileges_misses_nothing() {
    let [own, data] = <[_; 2]>::try_from(blocks()).unwrap();
    for major in [12, 15, 18] {
        let server = Server::start(major, &ServerOptions::fast().with_statements()).unwrap();
        server.execute("postgres", "create table orders (id serial primary key, customer int)").unwrap();
        let rows = "insert into orders (customer) select g % 100 from generate_series(1, 50000) g";
        for sql in [rows, "vacuum analyze orders"] {
            server.execute("postgres", sql).unwrap();
        }
        for sql in &own {
            server.execute("postgres", sql).unwrap();
        }
        let without_data = missed(&server);
        assert!(without_data.contains(PASSWORDS) && without_data.contains("PGD1402"), "{major}: {without_data:?}");
        let data: &[String] =
            if major < 14 { &["grant select on orders, orders_id_seq to monitor".to_owned()] } else { &data };
        for sql in data {
            server.execute("postgres", sql).unwrap();
        }
        let left = BTreeSet::from_iter((major < 14).then(|| PASSWORDS.to_owned()));
        assert_eq!(missed(&server), left, "{major}");
    }
}
