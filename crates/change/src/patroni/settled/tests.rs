use serde_json::json;

use super::*;
use crate::patroni::RestartReason;

const LONG: Option<Duration> = Some(Duration::from_secs(9));
const SHORT: Option<Duration> = Some(Duration::from_secs(1));

fn wanted(needs_restart: bool) -> Vec<Wanted> {
    vec![Wanted { name: "x".to_owned(), value: Some(json!("1")), needs_restart }]
}

fn members() -> Members {
    serde_json::from_value(json!({"members": [{"name": "pg1", "role": "leader"}]})).unwrap()
}

fn running() -> Node {
    Node { state: Some("running".to_owned()), ..Node::default() }
}

fn shown(is_wanted: bool, source: &str, file: &str) -> BTreeMap<String, Shown> {
    let value = if is_wanted { "1" } else { "2" }.to_owned();
    let (source, sourcefile) = (Source::parse(source), Some(file.to_owned()));
    BTreeMap::from([("x".to_owned(), Shown { is_wanted, value, source, sourcefile, pending_restart: false })])
}

fn look(known: Evidence, wanted: &[Wanted]) -> Settled {
    settled(&members(), &BTreeMap::from([("pg1".to_owned(), known)]), wanted, TAKEN_WITHIN)
}

fn one(list: &[Unsettled]) -> &str {
    assert_eq!(list.len(), 1, "{list:?}");
    &list[0].why
}

#[test]
fn a_member_of_which_nothing_is_known_is_waited_for() {
    let result = settled(&members(), &BTreeMap::new(), &wanted(false), TAKEN_WITHIN);
    assert_eq!(one(&result.unconfirmed), "it has not been queried yet");
    assert!(!result.is_settled() && !result.is_final());
    assert!(!settled(&Members::default(), &BTreeMap::new(), &wanted(false), TAKEN_WITHIN).is_settled());
    let silent = Evidence { silence: Some("connection refused".to_owned()), ..Evidence::default() };
    assert_eq!(one(&look(silent, &wanted(false)).unconfirmed), "connection refused");
}

#[test]
fn a_member_that_falls_silent_is_named_with_what_it_served_last() {
    let silent = |names: &[&str]| {
        let served = BTreeMap::from([("x".to_owned(), "2".to_owned())]);
        let gone = Evidence { silence: Some("not listed".to_owned()), served, ..Evidence::default() };
        let known = Evidence { node: Some(running()), held: LONG, ..Evidence::default() };
        let known = BTreeMap::from([("pg1".to_owned(), known), ("pg2".to_owned(), gone)]);
        let members = names.iter().map(|name| json!({"name": name, "role": "replica"})).collect::<Vec<_>>();
        let members: Members = serde_json::from_value(json!({ "members": members })).unwrap();
        settled(&members, &known, &wanted(false), TAKEN_WITHIN)
    };
    let one_of_two = silent(&["pg1", "pg2"]);
    assert_eq!(one(&one_of_two.unconfirmed), "not listed; its last known value is 2");
    assert_eq!(one_of_two.unconfirmed_members(), ["pg2"]);
    assert!(!one_of_two.is_final() && !one_of_two.is_settled() && !one_of_two.is_unconfirmed());
    assert!(silent(&["pg2"]).is_unconfirmed());
}

#[test]
fn a_server_that_was_asked_decides() {
    let asked = |is_wanted, held, source, file: &str| {
        let shown = shown(is_wanted, source, file);
        look(Evidence { node: Some(running()), held, shown, ..Evidence::default() }, &wanted(false))
    };
    let file = "configuration file";
    let taken = asked(true, SHORT, file, "/d/postgresql.conf");
    assert!(taken.is_settled() && taken.by_server == ["pg1"] && taken.by_patroni.is_empty());
    assert_eq!(one(&asked(true, None, file, "/d/postgresql.conf").waiting), "its Patroni does not have it yet");
    assert_eq!(one(&asked(false, SHORT, file, "/d/postgresql.conf").waiting), "its server still shows 2");
    for (source, place, words) in [
        (file, "/d/postgresql.auto.conf", "ALTER SYSTEM on this member"),
        (file, "/d/postgresql.conf", "member's Patroni configuration file"),
        ("default", "", "dropped the new value"),
        ("command line", "", "has not accepted"),
        ("database", "", "setting of the database"),
    ] {
        let middling = asked(false, Some(TAKEN_WITHIN), source, place);
        assert_eq!(one(&middling.waiting), "its server still shows 2");
        let result = asked(false, LONG, source, place);
        assert!(one(&result.not_taken).contains(words), "{result:?}");
        assert!(result.is_final() && !result.is_settled());
    }
}

#[test]
fn a_restart_that_is_waited_for_is_said_once_and_settles() {
    let mut shown = shown(false, "command line", "");
    shown.get_mut("x").unwrap().pending_restart = true;
    let result = look(Evidence { shown, ..Evidence::default() }, &wanted(true));
    assert!(result.is_settled());
    assert_eq!(result.pending_restart, [("pg1".to_owned(), "x".to_owned())]);
}

#[test]
fn patronis_word_is_all_there_is_for_the_others() {
    let known = |node: Node, held| Evidence { node: Some(node), held, ..Evidence::default() };
    assert!(look(known(running(), LONG), &wanted(false)).is_settled());
    assert_eq!(look(known(running(), LONG), &wanted(false)).by_patroni, ["pg1"]);
    assert!(one(&look(known(running(), SHORT), &wanted(false)).waiting).contains("only just"));
    assert!(one(&look(known(running(), None), &wanted(false)).waiting).contains("does not have it yet"));
    assert!(one(&look(known(Node::default(), LONG), &wanted(false)).waiting).contains("is not running"));

    let pending = Node { pending_restart: Some(true), ..running() };
    assert_eq!(look(known(pending.clone(), SHORT), &wanted(true)).pending_restart.len(), 1);
    // Patroni 3 does not say of which parameter it speaks: of one that needs no restart it cannot.
    assert!(look(known(pending.clone(), LONG), &wanted(false)).pending_restart.is_empty());
    let because = |name: &str| {
        let reasons = BTreeMap::from([(name.to_owned(), RestartReason::default())]);
        Node { pending_restart_reason: Some(reasons), ..pending.clone() }
    };
    assert_eq!(look(known(because("X"), SHORT), &wanted(true)).pending_restart.len(), 1);
    assert!(look(known(because("y"), LONG), &wanted(true)).pending_restart.is_empty());
}

#[test]
fn what_is_wanted_is_found_in_the_configuration_whatever_its_type() {
    let dcs = Dcs(json!({"postgresql": {"parameters": {"X": 1}}}));
    assert!(wanted(false)[0].is_in(&dcs));
    let gone = Wanted { name: "x".to_owned(), value: None, needs_restart: false };
    assert!(!gone.is_in(&dcs) && gone.is_in(&Dcs(json!({}))));
}
