//! Values that `PATCH /config` answers with 200 and that never come into force. What the client says of them beforehand is
//! seen to be true by sending them past it.

use std::thread;
use std::time::{Duration, Instant};

use xtask::servers::PatroniLab;
use xtask::servers::patroni::{PatroniLabOptions, PatroniRelease};

use super::{apply, change, client, raw_config, restart_change, take_back, value, witness};

/// Longer than Patroni takes to write its file and reload, where nothing is to be seen of it.
const TAKEN: Duration = Duration::from_secs(4);

/// What the dynamic configuration begins with.
const SOUND: &str = r#"{"max_connections": 60, "work_mem": "6MB", "wal_log_hints": null}"#;

#[test]
fn nonsense_under_the_older_patroni() {
    let lab = lab(PatroniRelease::Debian);
    a_value_of_no_sense_to_postgresql_is_noticed(&lab);
    a_value_that_is_too_small_is_replaced(&lab);
    refused(&lab, &[("wal_log_hints", "off")]);
    send(&lab, r#"{"max_connections": "lots", "work_mem": "7MB"}"#);
    thread::sleep(TAKEN);
    assert_eq!(value(&lab, 0, "show work_mem"), "6MB", "nothing of the whole is taken any more");
}

#[test]
fn nonsense_under_the_newer_patroni() {
    let lab = lab(PatroniRelease::PyPi);
    a_value_of_no_sense_to_postgresql_is_noticed(&lab);
    a_value_that_is_too_small_is_replaced(&lab);
    send(&lab, r#"{"max_connections": "lots", "work_mem": "7MB", "wal_log_hints": "off"}"#);
    // The rest is taken.
    wait_for_work_mem(&lab, "7MB");
    lab.restart(0).unwrap();
    assert_eq!(value(&lab, 0, "show max_connections"), "100");
    assert_eq!(value(&lab, 0, "show wal_log_hints"), "off");
}

fn lab(release: PatroniRelease) -> PatroniLab {
    PatroniLab::start(&PatroniLabOptions { release, ..PatroniLabOptions::default() }).unwrap()
}

fn send(lab: &PatroniLab, parameters: &str) {
    let patch = format!(r#"{{"postgresql": {{"parameters": {parameters}}}}}"#);
    assert_eq!(lab.rest(0, "PATCH", "/config", &patch).unwrap().0, 200);
}

/// It is sent along with the others and shows that they were looked at.
fn wait_for_work_mem(lab: &PatroniLab, expected: &str) {
    let begun = Instant::now();
    while value(lab, 0, "show work_mem") != expected {
        assert!(begun.elapsed() < Duration::from_secs(60), "work_mem is not {expected}:\n{}", lab.log(0));
        thread::sleep(Duration::from_millis(100));
    }
}

fn refused(lab: &PatroniLab, values: &[(&str, &str)]) {
    let before = raw_config(lab);
    for (name, bad) in values {
        let error = client(lab, 0).plan_dcs(&[restart_change(name, Some(bad))]).unwrap_err();
        assert_eq!(error.code(), "patroni_refuses_value", "{name} = {bad}");
    }
    assert_eq!(raw_config(lab), before);
}

fn a_value_of_no_sense_to_postgresql_is_noticed(lab: &PatroniLab) {
    let patroni = client(lab, 0);
    let before = raw_config(lab);
    let plan = patroni.plan_dcs(&[change("work_mem", Some("lots"))]).unwrap();
    let applied = apply(&patroni, &plan, &mut witness(lab, &[0])).unwrap();
    let [not_taken] = applied.settled.not_taken.as_slice() else { panic!("{applied:?}") };
    assert_eq!((not_taken.member.as_str(), not_taken.parameter.as_str()), ("pg1", "work_mem"));
    assert!(
        not_taken.why.starts_with("shows 4MB: ") && not_taken.why.contains("dropped the new value as invalid"),
        "{applied:?}"
    );
    take_back(&patroni, &plan, false, &mut witness(lab, &[0])).unwrap();
    assert_eq!(value(lab, 0, "show work_mem"), "6MB");
    assert_eq!(raw_config(lab), before);
}

fn a_value_that_is_too_small_is_replaced(lab: &PatroniLab) {
    refused(
        lab,
        &[
            ("max_connections", "20"),
            ("max_connections", "lots"),
            ("port", "5432"),
            ("wal_level", "minimal"),
            ("primary_conninfo", "host=x"),
        ],
    );
    send(lab, r#"{"max_connections": 20, "work_mem": "7MB"}"#);
    wait_for_work_mem(lab, "7MB");
    lab.restart(0).unwrap();
    assert_eq!(value(lab, 0, "show max_connections"), "100", "Patroni's own value takes its place");
    send(lab, SOUND);
    wait_for_work_mem(lab, "6MB");
    lab.restart(0).unwrap();
    assert_eq!(value(lab, 0, "show max_connections"), "60");
}
