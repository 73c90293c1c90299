//! What an index rule must not say: of an index that something needs, that differs, that a session owns alone, or that cannot be
//! seen.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may the functions that only tests call")]

use pgdba_analysis::{Analysis, Options, Outcome, analyze, example};
use serde_json::{Value, json};

fn of(document: &Value) -> Analysis {
    analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default())
}

fn outcome(analysis: &Analysis, code: &str) -> Outcome {
    analysis.assessments.iter().find(|assessment| assessment.code == code).unwrap().outcome.clone()
}

/// Two unique indexes on one column, the first with these members.
fn duplicates(first: &Value, persistence: &str) -> Value {
    let class = |oid: i64, name: &str, kind: &str| json!({ "oid": oid, "nspname": "s", "relname": name, "relkind": kind, "amname": "btree", "relpersistence": persistence });
    let index =
        |oid: i64| json!({ "indexrelid": oid, "indrelid": 1, "indkey": [1], "indclass": [1978], "indisvalid": true });
    let mut changed = index(2);
    changed.as_object_mut().unwrap().extend(first.as_object().unwrap().clone());
    json!({ "system": [{ "is_in_recovery": false }],
            "pg_class": [class(1, "t", "r"), class(2, "a", "i"), class(3, "b", "i")], "pg_index": [changed, index(3)] })
}

fn dropped(document: &Value) -> Vec<String> {
    let found = of(document).findings.into_iter().find(|finding| finding.code == "PGD602");
    found.map_or_else(Vec::new, |finding| finding.subjects.iter().map(|subject| subject.label.clone()).collect())
}

#[test]
fn the_index_that_a_foreign_key_refers_to_is_kept() {
    assert_eq!(dropped(&duplicates(&json!({ "is_referenced": true }), "p")), ["s.b"]);
    let mut both = duplicates(&json!({ "is_referenced": true }), "p");
    both["pg_index"][1]["is_referenced"] = json!(true);
    assert_eq!(dropped(&both), Vec::<String>::new());
}

#[test]
fn indexes_with_other_parameters_of_their_operator_classes_are_not_duplicates() {
    assert_eq!(dropped(&duplicates(&json!({}), "p")).len(), 1);
    assert_eq!(dropped(&duplicates(&json!({ "attoptions": ["{siglen=32}"] }), "p")), Vec::<String>::new());
}

#[test]
fn temporary_tables_are_left_out() {
    assert_eq!(dropped(&duplicates(&json!({}), "t")), Vec::<String>::new());
}

#[test]
fn a_standby_does_not_know_whether_an_invalid_index_is_being_built() {
    for (is_standby, is_known) in [(true, false), (false, true)] {
        let mut document = duplicates(&json!({ "indisvalid": false }), "p");
        document["system"] = json!([{ "is_in_recovery": is_standby }]);
        let is_found = matches!(outcome(&of(&document), "PGD601"), Outcome::Found { .. });
        let is_blind = matches!(outcome(&of(&document), "PGD601"), Outcome::NotAssessed { .. });
        assert_eq!((is_found, is_blind), (is_known, !is_known));
    }
}

#[test]
fn what_was_read_of_some_databases_only_has_not_passed() {
    let mut document = duplicates(&json!({ "attoptions": ["{siglen=32}"] }), "p");
    assert_eq!(outcome(&of(&document), "PGD602"), Outcome::Passed);
    let index = document["pg_index"].take();
    let columns: Vec<String> = index[0].as_object().unwrap().keys().cloned().collect();
    let rows: Vec<Vec<Value>> =
        index.as_array().unwrap().iter().map(|row| columns.iter().map(|name| row[name].clone()).collect()).collect();
    document["pg_index"] = json!({ "available": true, "columns": columns, "rows": rows,
                                   "partial": [{ "datname": "shop", "error": "no CONNECT privilege" }] });
    let Outcome::NotAssessed { reason, .. } = outcome(&of(&document), "PGD602") else { panic!("it has passed") };
    assert!(reason.contains("no CONNECT privilege"), "{reason}");
}
