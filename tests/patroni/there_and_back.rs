//! A change of the dynamic configuration and its way back, on one member.

use pgdba_apply::patroni::{Patroni, PatroniError, Sending};
use pgdba_change::patroni::{DcsPlan, Way};
use xtask::servers::PatroniLab;
use xtask::servers::patroni::{PatroniLabOptions, PatroniRelease};

use super::{apply, change, client, raw_config, restart_change, take_back, value, witness};

#[test]
fn a_change_there_and_back_under_the_older_patroni() {
    each_step(PatroniRelease::Debian);
}

#[test]
fn a_change_there_and_back_under_the_newer_patroni() {
    each_step(PatroniRelease::PyPi);
}

/// After each step the dynamic configuration is what it was before.
fn each_step(release: PatroniRelease) {
    let lab = PatroniLab::start(&PatroniLabOptions { release, ..PatroniLabOptions::default() }).unwrap();
    let patroni = client(&lab, 0);
    let check = |name: &str, step: fn(&PatroniLab, &Patroni)| {
        let before = raw_config(&lab);
        step(&lab, &patroni);
        assert_eq!(raw_config(&lab), before, "after {name}");
    };
    check("the wrong cluster", the_wrong_cluster_is_refused);
    check("a reloadable parameter", a_reloadable_parameter_is_taken);
    check("a restart", a_restart_is_waited_for_and_taken_back);
    check("others", what_others_changed_is_not_overwritten);
    check("a pause", a_pause_is_said);
}

fn the_wrong_cluster_is_refused(lab: &PatroniLab, patroni: &Patroni) {
    let ours = value(lab, 0, "select system_identifier::text from pg_catalog.pg_control_system()");
    let node = patroni.check(Some(&ours)).unwrap();
    assert_eq!(node.server_version.unwrap() / 10_000, 15);
    assert_eq!(node.role.unwrap().to_string(), "primary");
    patroni.check(None).unwrap();
    let error = patroni.check(Some("7000000000000000001")).unwrap_err();
    assert_eq!(error.code(), "patroni_wrong_cluster");
    assert!(error.to_string().contains(&ours), "{error}");
}

fn a_reloadable_parameter_is_taken(lab: &PatroniLab, patroni: &Patroni) {
    // One that is there with a type of its own, one that is not there, one that goes.
    let changes =
        [change("random_page_cost", Some("1.1")), change("temp_buffers", Some("16MB")), change("work_mem", None)];
    let plan = patroni.plan_dcs(&changes).unwrap();
    // The journal keeps it.
    let plan: DcsPlan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(plan.leader.as_ref().unwrap().name, "pg1");
    let applied = apply(patroni, &plan, &mut witness(lab, &[0])).unwrap();
    assert!(applied.settled.is_settled(), "{applied:?}");
    assert_eq!((applied.settled.by_server.len(), applied.settled.by_patroni.len()), (1, 0));
    assert_eq!(applied.notes, Vec::<String>::new());
    let shown = || ["random_page_cost", "temp_buffers", "work_mem"].map(|name| value(lab, 0, &format!("show {name}")));
    assert_eq!(shown(), ["1.1", "16MB", "4MB"]);

    let back = take_back(patroni, &plan, false, &mut witness(lab, &[0])).unwrap();
    assert!(back.settled.is_settled(), "{back:?}");
    assert_eq!(shown(), ["1.5", "8MB", "6MB"]);
    // Once more does no harm.
    take_back(patroni, &plan, false, &mut witness(lab, &[0])).unwrap();
}

fn a_restart_is_waited_for_and_taken_back(lab: &PatroniLab, patroni: &Patroni) {
    let plan = patroni.plan_dcs(&[restart_change("max_connections", Some("80"))]).unwrap();
    let pending = vec![("pg1".to_owned(), "max_connections".to_owned())];
    // By the server, and by Patroni's word alone.
    for asked in [&[0][..], &[]] {
        let applied = apply(patroni, &plan, &mut witness(lab, asked)).unwrap();
        assert_eq!((applied.settled.is_settled(), &applied.settled.pending_restart), (true, &pending), "{applied:?}");
        assert_eq!(applied.settled.by_server.len(), asked.len());
        assert_eq!(value(lab, 0, "show max_connections"), "60");
        let back = take_back(patroni, &plan, false, &mut witness(lab, asked)).unwrap();
        assert!(back.settled.is_settled(), "{back:?}");
    }
    apply(patroni, &plan, &mut witness(lab, &[0])).unwrap();
    lab.restart(0).unwrap();
    assert_eq!(value(lab, 0, "show max_connections"), "80");
    let back = take_back(patroni, &plan, false, &mut witness(lab, &[0])).unwrap();
    assert_eq!(back.settled.pending_restart, pending);
    lab.restart(0).unwrap();
    assert_eq!(value(lab, 0, "show max_connections"), "60");
}

fn what_others_changed_is_not_overwritten(lab: &PatroniLab, patroni: &Patroni) {
    let patch = |value: &str| {
        let patch = format!(r#"{{"postgresql": {{"parameters": {{"work_mem": "{value}"}}}}}}"#);
        assert_eq!(lab.rest(0, "PATCH", "/config", &patch).unwrap().0, 200);
    };
    let refused = |error: PatroniError| {
        assert_eq!(
            error.to_string(),
            "the dynamic configuration was changed by somebody else: \"work_mem\" is now 12MB"
        )
    };
    let plan = patroni.plan_dcs(&[change("work_mem", Some("11MB"))]).unwrap();
    patch("12MB");
    refused(apply(patroni, &plan, &mut witness(lab, &[0])).unwrap_err());
    patch("6MB");
    apply(patroni, &plan, &mut witness(lab, &[0])).unwrap();
    patch("13MB");
    let sending = |force| Sending { way: Way::Back, force, pending: None };
    let left = patroni.store(&plan, &sending(false)).unwrap();
    assert_eq!(left, ["not restored, because someone else changed it: \"work_mem\" is now 13MB"]);
    assert_eq!(raw_config(lab)["postgresql"]["parameters"]["work_mem"], "13MB");
    let overwritten = patroni.store(&plan, &sending(true)).unwrap();
    assert_eq!(overwritten, ["overwritten because of --force: \"work_mem\" is now 13MB"]);
    assert!(patroni.wait(&plan, Way::Back, &mut witness(lab, &[0])).settled.is_settled());
}

fn a_pause_is_said(lab: &PatroniLab, patroni: &Patroni) {
    assert_eq!(lab.rest(0, "PATCH", "/config", r#"{"pause": true}"#).unwrap().0, 200);
    let plan = patroni.plan_dcs(&[change("work_mem", Some("11MB"))]).unwrap();
    let applied = apply(patroni, &plan, &mut witness(lab, &[0])).unwrap();
    assert!(applied.settled.is_settled(), "{applied:?}");
    assert!(applied.notes.iter().any(|note| note.starts_with("the cluster is paused")), "{applied:?}");
    take_back(patroni, &plan, false, &mut witness(lab, &[0])).unwrap();
    assert_eq!(lab.rest(0, "PATCH", "/config", r#"{"pause": null}"#).unwrap().0, 200);
}
