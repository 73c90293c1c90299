//! The way back, begun from every file that a change, a death on the way or another session can leave.

use std::collections::BTreeSet;

use pgdba_pg::ServerVersion;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::auto_conf::Entry;
use crate::environment::Environment;
use crate::facts::{Patroni, ReloadFacts};

const MAJOR: i64 = 18;

fn file(lines: &[(&str, &str)]) -> AutoConf {
    let entry = |(name, value): &(&str, &str)| Entry { name: (*name).to_owned(), value: value.as_bytes().to_vec() };
    AutoConf::of(lines.iter().map(entry).collect())
}

/// A superuser who reads this file. `work_mem` and `max_worker_processes` are known with their type.
fn facts(file: &AutoConf) -> Facts {
    let setting = |name: &str, unit: Option<&str>, context: &str, value: &str| Setting {
        name: name.to_owned(),
        setting: value.to_owned(),
        shown: value.to_owned(),
        vartype: "integer".to_owned(),
        unit: unit.map(str::to_owned),
        context: context.to_owned(),
        source: Some(Source::Default),
        ..Setting::default()
    };
    let settings =
        [setting("work_mem", Some("kB"), "user", "4096"), setting("max_worker_processes", None, "postmaster", "8")];
    Facts {
        version: ServerVersion(MAJOR * 10_000),
        fingerprint: "b".to_owned(),
        address: None,
        port: None,
        started_at: None,
        role: "postgres".to_owned(),
        is_superuser: true,
        in_recovery: false,
        may_reload: true,
        allows_alter_system: true,
        settings: settings.into_iter().map(|setting| (setting.name.clone(), setting)).collect(),
        granted: BTreeSet::new(),
        overrides: Vec::new(),
        file_lines: None,
        auto_conf: AutoConfFile::Read(file.clone()),
        reload: ReloadFacts::default(),
        records: Vec::new(),
        hosting: None,
        environment: Environment::default(),
        patroni: Patroni::NotManaged,
    }
}

/// A change of these parameters, made when the file was `former`.
fn change_set(former: &AutoConf, parameters: &[(&str, Option<&str>)]) -> ChangeSet {
    let change = |(name, new): &(&str, Option<&str>)| {
        let line = former.get(name).and_then(Entry::text);
        let held = line.map_or(json!({"kind": "absent"}), |text| json!({"kind": "line", "text": text}));
        let waits = *name == "max_worker_processes";
        json!({
            "name": name, "old_value": "8", "old_place": null, "after_reset": null, "new_value": new,
            "context": "user", "needs_restart": waits,
            "permission": {"allowed": true, "reason": "", "min_role": ""}, "patroni_override": {"level": "not_managed"},
            "former": held, "outcome": if waits { "waits_for_restart" } else { "applies" },
        })
    };
    let names: Vec<&str> = former.entries().iter().map(|entry| entry.name.as_str()).collect();
    serde_json::from_value(json!({
        "format": "pgdba.change_set", "format_version": 1, "id": "a", "fingerprint": "b",
        "author": {"user": null, "host": "h", "role": "r"}, "system_identifier": null, "data_directory": null, "address": null, "port": null,
        "via": "alter_system", "server_version_num": 180004,
        "parameters": parameters.iter().map(change).collect::<Vec<_>>(),
        "former_file": {"names": names, "lost": []},
        "created_at": "2026-11-24T12:00:00Z", "applied_at": null, "rolled_back_at": null, "server_started_at": null,
        "pre_snapshot": null,
        "dry_run_result": {"applies": 0, "waits_for_restart": 3, "unchanged": 0, "refused": 0, "warnings": []},
    }))
    .unwrap()
}

fn set(file: &AutoConf, change: &Change) -> AutoConf {
    let alter = match &change.new_value {
        Some(text) => set_of(&change.name, text, MAJOR).unwrap(),
        None => Alter::Reset { name: change.name.clone() },
    };
    file.after(&alter, MAJOR)
}

fn applied(change_set: &ChangeSet, former: &AutoConf) -> AutoConf {
    change_set.steps().fold(former.clone(), |file, change| set(&file, change))
}

/// The file after the way back, and the parameters that were written.
fn back(change_set: &ChangeSet, current: &AutoConf) -> (AutoConf, Vec<String>) {
    let mut written = Vec::new();
    let file = in_order(change_set, &all(change_set)).into_iter().fold(current.clone(), |file, change| {
        let now = facts(&file);
        if collision(change, &now, BACK).is_some() {
            return file;
        }
        let Some(alter) = statement(change, &now) else { return file };
        written.push(alter.name().to_ascii_lowercase());
        file.after(&alter, MAJOR)
    });
    (file, written)
}

/// The names of all parameters of the change.
fn all(change_set: &ChangeSet) -> Vec<String> {
    change_set.steps().map(|change| change.name.clone()).collect()
}

const BACK: Direction = Direction::Back { clears_marks: false };

fn lines(file: &AutoConf) -> BTreeSet<(String, Vec<u8>)> {
    file.entries().iter().map(|entry| (entry.name.to_ascii_lowercase(), entry.value.clone())).collect()
}

fn former() -> AutoConf {
    file(&[
        ("maintenance_work_mem", "99MB"),
        ("work_mem", "8MB"),
        ("log_line_prefix", "it's \\"),
        ("random_page_cost", "1.5"),
        ("checkpoint_timeout", "7min"),
    ])
}

const CHANGED: [(&str, Option<&str>); 3] =
    [("max_worker_processes", Some("12")), ("random_page_cost", None), ("work_mem", Some("12MB"))];

#[test]
fn every_line_comes_back_from_wherever_the_change_was_broken_off_and_only_its_own_are_written() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    let mut current = former.clone();
    for step in 0..=3_usize {
        if let Some(change) = step.checked_sub(1).and_then(|step| change_set.steps().nth(step)) {
            current = set(&current, change);
        }
        let (file, written) = back(&change_set, &current);
        assert_eq!(lines(&file), lines(&former), "after {step}");
        assert!(written.iter().all(|name| CHANGED.iter().any(|(own, _)| own == name)), "{written:?}");
        assert!(collisions(&change_set, &facts(&current), BACK).is_empty());
        assert!(collisions(&change_set, &facts(&current), Direction::Forward).is_empty());
        assert_eq!(back(&change_set, &file).1, Vec::<String>::new(), "the way back is at its end");
    }
}

#[test]
fn what_another_session_set_is_a_collision_both_ways_and_stays() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    let theirs = set_of("work_mem", "77MB", MAJOR).unwrap();
    let current = applied(&change_set, &former).after(&theirs, MAJOR);
    for (direction, ours) in [(Direction::Forward, "12MB"), (BACK, "8MB")] {
        let found = collisions(&change_set, &facts(&current), direction);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].now_clause(), "\"work_mem\" is now set to '77MB' in line 7 of postgresql.auto.conf");
        assert_eq!(found[0].ours_clause(), format!("write '{ours}'"));
    }
    let (file, _) = back(&change_set, &current);
    assert_eq!(file.get("work_mem"), current.get("work_mem"));
    assert_eq!(file.get("max_worker_processes"), None);
    assert_eq!(replaced(&change_set, &facts(&current)).len(), 1);
    assert!(replaced(&change_set, &facts(&applied(&change_set, &former))).is_empty());
}

#[test]
fn a_value_is_compared_by_meaning() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    for (respelled, is_former) in [("8192kB", true), ("8192", true), ("12288kB", false)] {
        let current = applied(&change_set, &former).after(&set_of("work_mem", respelled, MAJOR).unwrap(), MAJOR);
        assert!(collisions(&change_set, &facts(&current), BACK).is_empty(), "{respelled}");
        let (file, written) = back(&change_set, &current);
        let kept = file.get("work_mem").and_then(Entry::text) == Some(respelled);
        assert_eq!((kept, written.contains(&"work_mem".to_owned())), (is_former, !is_former), "{respelled}");
    }
}

#[test]
fn a_former_value_known_from_the_settings_equals_its_spelling_in_the_file() {
    let former = former();
    let mut change_set = change_set(&former, &CHANGED);
    change_set.parameters[2].former = Former::Value { setting: "8192".to_owned() };
    let (file, written) = back(&change_set, &former);
    assert_eq!((lines(&file), written.len()), (lines(&former), 0));
    let (file, _) = back(&change_set, &applied(&change_set, &former));
    assert_eq!(file.get("work_mem").and_then(Entry::text), Some("8192"));
}

#[test]
fn a_running_value_that_clears_a_mark_is_nobody_elses_change_on_the_way_back() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    let running = set_of("max_worker_processes", "8", MAJOR).unwrap();
    let current = applied(&change_set, &former).after(&running, MAJOR);
    assert_eq!(collisions(&change_set, &facts(&current), BACK).len(), 1);
    assert!(collisions(&change_set, &facts(&current), Direction::Back { clears_marks: true }).is_empty());
}

#[test]
fn moved_lines_and_other_peoples_changes_are_named() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    let (file, _) = back(&change_set, &applied(&change_set, &former));
    let said = remaining(&change_set, &facts(&file), |_| true);
    assert!(said.len() == 1 && said[0].contains("at the end of postgresql.auto.conf"), "{said:?}");
    assert!(remaining(&change_set, &facts(&former), |_| true).is_empty());
    let theirs = file.after(&set_of("checkpoint_timeout", "9min", MAJOR).unwrap(), MAJOR);
    let theirs = theirs.after(&set_of("primary_conninfo", "password=hunter2", MAJOR).unwrap(), MAJOR);
    let named = foreign_changes(&change_set, &former, &theirs);
    assert_eq!(named, ["checkpoint_timeout ('7min' -> '9min')", "primary_conninfo (not set -> 'password=***')"]);
}

#[test]
fn what_a_rewrite_loses_is_named() {
    let by_hand =
        AutoConf::read(b"# mine\nwork_mem = 1MB # small\nwork_mem = 2MB\nsearch_path = 'a,b, \"C\"'\n").unwrap();
    assert_eq!(
        lost(&by_hand, &["work_mem", "search_path"], MAJOR),
        [
            "the comment in line 1 (# mine) and 1 more",
            "all but the last of the 2 lines that set work_mem",
            "the notation 'a,b, \"C\"' of search_path, which a rollback writes as 'a, b, \"C\"'"
        ]
    );
    assert!(lost(&former(), &["work_mem"], MAJOR).is_empty());
    // A duplicate comes back as the one line that counts.
    let change_set = change_set(&by_hand, &[("work_mem", Some("3MB"))]);
    let (file, _) = back(&change_set, &applied(&change_set, &by_hand));
    assert_eq!(file.all("work_mem").map(|entry| entry.text().unwrap()).collect::<Vec<_>>(), ["2MB"]);
}

/// Statements of other sessions, any number of them at any point.
fn theirs() -> impl Strategy<Value = Vec<(usize, &'static str, Option<&'static str>)>> {
    let names = prop::sample::select(vec!["work_mem", "checkpoint_timeout", "jit", "max_worker_processes"]);
    let values = prop::sample::select(vec![None, Some("77"), Some("8MB"), Some("12MB"), Some("9")]);
    prop::collection::vec((0..8_usize, names, values), 0..6)
}

proptest! {
    /// Between two statements of ours others change what they like: the last value that each of them wrote after ours is there.
    #[test]
    fn nobody_elses_value_is_lost(theirs in theirs()) {
        let former = former();
        let change_set = change_set(&former, &CHANGED);
        let mut file = former.clone();
        let mut expected = std::collections::BTreeMap::new();
        let mut moment = 0;
        let mut others = |file: &mut AutoConf, expected: &mut std::collections::BTreeMap<&str, Option<&str>>| {
            for (_, name, value) in theirs.iter().filter(|(at, ..)| *at == moment) {
                let alter = match value {
                    Some(value) => set_of(name, value, MAJOR).unwrap(),
                    None => Alter::Reset { name: (*name).to_owned() },
                };
                *file = file.after(&alter, MAJOR);
                expected.insert(*name, *value);
            }
            moment += 1;
        };
        let mut stopped = false;
        for change in change_set.steps() {
            others(&mut file, &mut expected);
            if stopped || collision(change, &facts(&file), Direction::Forward).is_some() {
                stopped = true;
                continue;
            }
            file = set(&file, change);
            expected.remove(change.name.as_str());
        }
        for change in in_order(&change_set, &all(&change_set)) {
            others(&mut file, &mut expected);
            if collision(change, &facts(&file), BACK).is_some() {
                continue;
            }
            let Some(alter) = statement(change, &facts(&file)) else { continue };
            file = file.after(&alter, MAJOR);
            expected.remove(change.name.as_str());
        }
        for (name, value) in expected {
            prop_assert_eq!(file.get(name).and_then(Entry::text), value, "{}", name);
        }
        for name in ["maintenance_work_mem", "log_line_prefix"] {
            prop_assert_eq!(file.get(name), former.get(name));
        }
    }
}
