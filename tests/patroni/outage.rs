//! Patroni without its DCS.

use std::time::{Duration, Instant};

use pgdba_apply::patroni::{Patroni, PatroniOptions};
use serde_json::json;
use xtask::servers::PatroniLab;

use super::{apply, change, raw_config, take_back, value, witness};

#[test]
fn without_its_dcs_nothing_is_changed_and_everything_ends() {
    let mut lab = PatroniLab::single().unwrap();
    let options = PatroniOptions::new(&lab.url(0)).unwrap().with_timeout(Duration::from_secs(2));
    let patroni = Patroni::new(options.with_patience(Duration::from_secs(60))).unwrap();
    let before = raw_config(&lab);
    let plan = patroni.plan_dcs(&[change("work_mem", Some("11MB"))]).unwrap();
    lab.stop_dcs();
    // Until Patroni sees that the connection is gone, it answers from what it has read before.
    let begun = Instant::now();
    while patroni.cluster().is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it still sees the cluster");
        std::thread::sleep(Duration::from_millis(50));
    }

    // It answers not at all, or that it cannot. A change that was cut off there is not known to have been made.
    let begun = Instant::now();
    for error in [
        patroni.cluster().unwrap_err(),
        patroni.patch_config(&json!({"postgresql": {"parameters": {"work_mem": "11MB"}}})).unwrap_err(),
        patroni.plan_dcs(&[change("work_mem", Some("11MB"))]).unwrap_err(),
        apply(&patroni, &plan, &mut witness(&lab, &[0])).unwrap_err(),
        take_back(&patroni, &plan, false, &mut witness(&lab, &[0])).unwrap_err(),
    ] {
        let code = error.code();
        assert!(["patroni_timeout", "patroni_broken_off", "patroni_refused"].contains(&code), "{code}: {error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());

    // Itself it still knows; that nobody leads it sees after a while.
    let begun = Instant::now();
    let error = loop {
        assert!(begun.elapsed() < Duration::from_secs(60), "it still sees a leader");
        match patroni.check(None) {
            Err(error) => break error,
            Ok(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    };
    assert_eq!(error.code(), "patroni_no_leader", "{error}");

    lab.start_dcs().unwrap();
    assert_eq!(raw_config(&lab), before);
    patroni.check(None).unwrap();
    let timeline = settled_timeline(&lab, &patroni);
    let applied = apply(&patroni, &plan, &mut witness(&lab, &[0])).unwrap();
    assert!(applied.settled.is_settled(), "{applied:?}");
    // The same member leads; on another timeline where it was demoted before the DCS came back.
    let told = applied.notes.iter().any(|note| note.contains("timeline"));
    assert_eq!(told, timeline != 1, "{timeline}: {applied:?}");
    assert_eq!(value(&lab, 0, "show work_mem"), "11MB");
}

/// The timeline of a primary; 0 while the server is in recovery.
const TIMELINE: &str = "select case when pg_is_in_recovery() then 0
                               else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end";

/// The timeline of the leader, once Patroni and the server agree on it: Patroni tells that of its last round.
fn settled_timeline(lab: &PatroniLab, patroni: &Patroni) -> i64 {
    let begun = Instant::now();
    loop {
        let told = patroni.cluster().ok().and_then(|members| members.leader()).and_then(|leader| leader.timeline);
        let is = value(lab, 0, TIMELINE);
        match told {
            Some(timeline) if is == timeline.to_string() => return timeline,
            _ => assert!(begun.elapsed() < Duration::from_secs(60), "the server is on {is}, Patroni tells {told:?}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
