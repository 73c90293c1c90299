//! The way back, begun anew from every file that a death on it can leave.

use serde_json::json;

use super::*;

const MAJOR: i64 = 18;

fn entries(lines: &[(&str, &str)]) -> AutoConf {
    let entry = |(name, value): &(&str, &str)| Entry { name: (*name).to_owned(), value: value.as_bytes().to_vec() };
    AutoConf::of(lines.iter().map(entry).collect())
}

/// A change of these parameters, made when the file was `former`.
fn change_set(former: &AutoConf, parameters: &[(&str, Option<&str>)]) -> ChangeSet {
    let change = |(name, new): &(&str, Option<&str>)| {
        let line = former.get(name).and_then(Entry::text);
        let former = line.map_or(json!({"kind": "absent"}), |text| json!({"kind": "line", "text": text}));
        json!({
            "name": name, "old_value": "8", "new_value": new, "context": "postmaster", "needs_restart": true,
            "permission": {"allowed": true, "reason": "", "min_role": ""}, "patroni_override": {"level": "not_managed"},
            "former": former, "outcome": "waits_for_restart",
        })
    };
    let names: Vec<&str> = former.entries().iter().map(|entry| entry.name.as_str()).collect();
    serde_json::from_value(json!({
        "format": "pgdba.change_set", "format_version": 1, "id": "a", "fingerprint": "b", "via": "alter_system",
        "server_version_num": 180_000, "author": {"user": null, "host": "h", "role": "r"},
        "parameters": parameters.iter().map(change).collect::<Vec<_>>(),
        "former_file": {"sha256": sha256_hex(&former.render()), "names": names, "not_exact": null},
        "created_at": "2026-11-24T12:00:00Z", "applied_at": null, "rolled_back_at": null, "server_started_at": null,
        "pre_snapshot": null,
        "dry_run_result": {"applies": 0, "waits_for_restart": 3, "unchanged": 0, "refused": 0, "warnings": []},
    }))
    .unwrap()
}

fn former() -> AutoConf {
    entries(&[
        ("maintenance_work_mem", "99MB"),
        ("work_mem", "8MB"),
        ("log_line_prefix", "it's \\"),
        ("random_page_cost", "1.5"),
        ("checkpoint_timeout", "7min"),
    ])
}

const CHANGED: [(&str, Option<&str>); 3] =
    [("max_worker_processes", Some("12")), ("random_page_cost", None), ("work_mem", Some("12MB"))];

fn after(file: &AutoConf, steps: &[Alter]) -> AutoConf {
    steps.iter().fold(file.clone(), |file, step| file.after(step, MAJOR))
}

fn applied(change_set: &ChangeSet, former: &AutoConf) -> AutoConf {
    let step = |change: &Change| match &change.new_value {
        Some(text) => set_of(&change.name, text, MAJOR).unwrap(),
        None => Alter::Reset { name: change.name.clone() },
    };
    after(former, &change_set.steps().map(step).collect::<Vec<_>>())
}

#[test]
fn from_every_file_on_the_way_back_the_former_bytes_are_reached() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    let new = applied(&change_set, &former);
    let way = way_back(&change_set, &new, MAJOR);
    assert!(way.steps.len() >= 4, "{:?}", way.steps);
    for done in 0..=way.steps.len() {
        let file = after(&new, &way.steps[..done]);
        let again = way_back(&change_set, &file, MAJOR);
        assert_eq!(again.not_exact, None, "after {done}");
        assert_eq!(after(&file, &again.steps).render(), former.render(), "after {done}");
        assert_eq!(changed_since(&change_set, &file, None, MAJOR), Vec::<String>::new(), "after {done}");
    }
}

#[test]
fn a_running_value_that_clears_a_mark_is_nobody_elses_change() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    let running = set_of("max_worker_processes", "8", MAJOR).unwrap();
    let file = applied(&change_set, &former).after(&running, MAJOR);
    assert_eq!(changed_since(&change_set, &file, None, MAJOR), ["max_worker_processes"]);
    let way = way_back(&change_set, &file, MAJOR);
    assert_eq!(after(&file, &way.steps).render(), former.render());
}

#[test]
fn what_somebody_else_set_since_stays_where_it_is() {
    let former = former();
    let change_set = change_set(&former, &CHANGED);
    let others = set_of("checkpoint_timeout", "9min", MAJOR).unwrap();
    let jit = set_of("jit", "off", MAJOR).unwrap();
    for (set, name) in [(others, "checkpoint_timeout"), (jit, "jit")] {
        let file = applied(&change_set, &former).after(&set, MAJOR);
        let way = way_back(&change_set, &file, MAJOR);
        assert!(way.not_exact.is_some(), "{name}");
        let end = after(&file, &way.steps);
        assert_eq!(end.get(name), file.get(name));
        assert_eq!(end.get("work_mem"), former.get("work_mem"));
        assert_eq!(end.get("max_worker_processes"), None);
    }
}
