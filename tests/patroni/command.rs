//! `pgdba config apply --via patroni` and its rollback, as a user runs them.

use std::path::Path;

use serde_json::Value;
use xtask::servers::PatroniLab;
use xtask::servers::patroni::PatroniLabOptions;

use super::{raw_config, value};
use crate::program::pgdba_with;

const SECRET: &str = "Geheim-of-the-command";

/// Runs `pgdba config …` on a member; the envelope.
fn config(lab: &PatroniLab, home: &Path, index: usize, arguments: &[&str]) -> Value {
    config_as(Some("adm"), lab, home, index, arguments)
}

fn config_as(user: Option<&str>, lab: &PatroniLab, home: &Path, index: usize, arguments: &[&str]) -> Value {
    let (dsn, url) = (lab.dsn(index), lab.url(index));
    let environment =
        [("PGDBA_HOME", home.to_str()), ("PGDBA_PATRONI_USER", user), ("PGDBA_PATRONI_PASSWORD", Some(SECRET))];
    let mut all = [&["config"], arguments, &["--format", "json", "--dsn", &dsn]].concat();
    all.extend(["--patroni", &url]);
    let run = pgdba_with(&environment, &all);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(SECRET), "the password is shown");
    run.envelope()
}

#[test]
fn a_change_through_patroni_outlives_a_switchover_and_comes_back() {
    let options = PatroniLabOptions { members: 2, ..PatroniLabOptions::default() };
    let lab = PatroniLab::start(&options.with_credentials("adm", SECRET)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let before = raw_config(&lab);

    let sets = ["--set", "work_mem=11MB", "--set", "random_page_cost=1.1", "--set", "max_connections=80"];
    let dry = config(&lab, home, 0, &[&["apply", "--via", "patroni", "--dry-run"], &sets[..]].concat());
    assert_eq!(dry["ok"], true, "{dry:#}");
    assert_eq!(raw_config(&lab), before);

    let applied = config(&lab, home, 0, &[&["apply", "--via", "patroni", "--yes"], &sets[..]].concat());
    assert_eq!(applied["ok"], true, "{applied:#}");
    let text = applied.to_string();
    assert!(text.contains("confirmed by Patroni only") && text.contains("pg2"), "{applied:#}");
    let expected = [("work_mem", "11MB"), ("random_page_cost", "1.1"), ("max_connections", "60")];
    for (name, expected) in expected {
        assert_eq!([0, 1].map(|index| value(&lab, index, &format!("show {name}"))), [expected, expected], "{name}");
    }
    let after = raw_config(&lab);
    assert_eq!(after["postgresql"]["parameters"]["max_connections"], "80");

    lab.switchover().unwrap();
    let history = config(&lab, home, 1, &["history"]);
    let id = find_id(&history).unwrap_or_else(|| panic!("{history:#}"));
    let back = config(&lab, home, 1, &["rollback", "--changeset-id", &id]);
    assert_eq!(back["ok"], true, "{back:#}");
    assert!(back.to_string().contains("the leader was pg1 when this change was applied, and is now pg2"), "{back:#}");
    assert_eq!(raw_config(&lab), before);
    assert_eq!([0, 1].map(|index| value(&lab, index, "show work_mem")), ["6MB", "6MB"]);
}

#[test]
fn who_may_not_change_the_dcs_leaves_nothing_half_way() {
    let lab = PatroniLab::start(&PatroniLabOptions::default().with_credentials("adm", SECRET)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let before = raw_config(&lab);
    let arguments = ["apply", "--via", "patroni", "--yes", "--set", "work_mem=11MB"];
    let refused = config_as(None, &lab, folder.path(), 0, &arguments);
    assert_eq!(refused["ok"], false, "{refused:#}");
    assert!(refused["error"].to_string().contains("no auth header received"), "{refused:#}");
    assert_eq!(refused["error"]["code"], "patroni_unauthorized", "{refused:#}");
    assert!(refused["error"]["hint"].to_string().contains("PGDBA_PATRONI_PASSWORD"), "{refused:#}");
    assert_eq!(raw_config(&lab), before);
    // Nothing stands in the way of who may.
    let applied = config(&lab, folder.path(), 0, &arguments);
    assert_eq!(
        (&applied["ok"], applied["warnings"].to_string().contains("half-way")),
        (&true.into(), false),
        "{applied:#}"
    );
    assert_eq!(value(&lab, 0, "show work_mem"), "11MB");
}

/// The id of the one change set, wherever it stands.
fn find_id(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => {
            let own = ["id", "changeset_id"].iter().find_map(|name| members.get(*name)?.as_str());
            own.map(str::to_owned).or_else(|| members.values().find_map(find_id))
        }
        Value::Array(items) => items.iter().find_map(find_id),
        _ => None,
    }
}
