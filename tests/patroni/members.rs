//! A cluster of two: what can be seen of each member, what hides a change on one of them, and a switchover in between.

use xtask::servers::PatroniLab;
use xtask::servers::patroni::{PatroniLabOptions, PatroniRelease};

use super::{apply, change, client, raw_config, take_back, value, witness};

#[test]
fn every_member_is_looked_at() {
    let options = PatroniLabOptions { members: 2, release: PatroniRelease::PyPi, ..PatroniLabOptions::default() };
    let lab = PatroniLab::start(&options.with_local("effective_cache_size", "2GB")).unwrap();
    let before = raw_config(&lab);
    a_change_reaches_both_and_outlives_a_switchover(&lab);
    what_a_members_own_file_hides_is_named(&lab);
    what_an_alter_system_hides_is_named(&lab);
    assert_eq!(raw_config(&lab), before);
}

fn a_change_reaches_both_and_outlives_a_switchover(lab: &PatroniLab) {
    let patroni = client(lab, 0);
    let plan = patroni.plan_dcs(&[change("work_mem", Some("11MB"))]).unwrap();
    let applied = apply(&patroni, &plan, &mut witness(lab, &[0])).unwrap();
    let settled = &applied.settled;
    assert!(settled.is_settled(), "{applied:?}");
    // Which members only Patroni speaks for is said.
    assert_eq!(
        (settled.by_server.as_slice(), settled.by_patroni.as_slice()),
        (&["pg1".to_owned()][..], &["pg2".to_owned()][..])
    );
    assert_eq!([0, 1].map(|index| value(lab, index, "show work_mem")), ["11MB", "11MB"]);

    lab.switchover().unwrap();
    let back = take_back(&client(lab, 1), &plan, false, &mut witness(lab, &[0, 1])).unwrap();
    assert!(back.settled.is_settled() && back.settled.by_server.len() == 2, "{back:?}");
    assert_eq!(back.leader.as_ref().unwrap().name, "pg2");
    assert!(
        back.notes.contains(&"the leader was pg1 when this change was applied, and is now pg2".to_owned()),
        "{back:?}"
    );
    assert_eq!([0, 1].map(|index| value(lab, index, "show work_mem")), ["6MB", "6MB"]);
}

fn what_a_members_own_file_hides_is_named(lab: &PatroniLab) {
    let patroni = client(lab, 0);
    let plan = patroni.plan_dcs(&[change("effective_cache_size", Some("5GB"))]).unwrap();
    let applied = apply(&patroni, &plan, &mut witness(lab, &[0, 1])).unwrap();
    let not_taken: Vec<_> =
        applied.settled.not_taken.iter().map(|item| (item.member.as_str(), item.why.as_str())).collect();
    assert_eq!(not_taken.len(), 1, "{applied:?}");
    assert_eq!(not_taken[0].0, "pg1");
    assert!(
        not_taken[0].1.starts_with("shows 2GB: postgresql.parameters in this member's Patroni configuration file"),
        "{not_taken:?}"
    );
    assert_eq!(value(lab, 1, "show effective_cache_size"), "5GB");
    take_back(&patroni, &plan, false, &mut witness(lab, &[1])).unwrap();
}

fn what_an_alter_system_hides_is_named(lab: &PatroniLab) {
    lab.query(1, "alter system set work_mem = '9MB'").unwrap();
    lab.query(1, "select pg_reload_conf()").unwrap();
    let patroni = client(lab, 1);
    let plan = patroni.plan_dcs(&[change("work_mem", Some("12MB"))]).unwrap();
    let applied = apply(&patroni, &plan, &mut witness(lab, &[0, 1])).unwrap();
    let not_taken = &applied.settled.not_taken;
    assert_eq!(not_taken.iter().map(|item| item.member.as_str()).collect::<Vec<_>>(), ["pg2"], "{applied:?}");
    assert!(not_taken[0].why.starts_with("shows 9MB: an ALTER SYSTEM on this member"), "{applied:?}");
    lab.query(1, "alter system reset work_mem").unwrap();
    lab.query(1, "select pg_reload_conf()").unwrap();
    assert!(take_back(&patroni, &plan, false, &mut witness(lab, &[0, 1])).unwrap().settled.is_settled());
}
