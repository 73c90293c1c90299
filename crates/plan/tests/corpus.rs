//! The recorded plans of every version: all of them are read, both forms of an execution are one tree, and the own times add up.

mod recorded;

use std::collections::BTreeSet;

use pgdba_plan::{Plan, Times, read};

use crate::recorded::{MAJORS, Recorded, corpus};

/// What EXPLAIN reports about the statement, and auto_explain does not, or the other way round.
fn without_frame(plan: &Plan) -> Plan {
    let mut plan = plan.in_text_form();
    plan.query_text = None;
    plan.query_parameters = None;
    plan.query_id = None;
    plan.duration = None;
    plan.planning_time = None;
    plan.execution_time = None;
    plan.planning = None;
    plan
}

fn plans() -> Vec<(String, Recorded)> {
    let all = MAJORS.iter().flat_map(|major| corpus(*major).into_iter().map(move |plan| (*major, plan)));
    all.map(|(major, plan)| (format!("{} on {major}", plan.name), plan)).collect()
}

#[test]
fn both_forms_of_an_execution_are_the_same_tree() {
    let mut different = Vec::new();
    for (name, recorded) in plans() {
        let json = read(&recorded.json).map(|plans| plans.iter().map(without_frame).collect::<Vec<_>>());
        let text = read(&recorded.text).map(|plans| plans.iter().map(without_frame).collect::<Vec<_>>());
        if json != text || json.is_err() {
            different.push(name.clone());
            if std::env::args().any(|argument| argument == "--nocapture") {
                println!("=== {name}\n{}", recorded.text);
                differences(&json, &text);
            }
        }
    }
    assert_eq!(different, Vec::<String>::new());
}

fn differences(json: &impl std::fmt::Debug, text: &impl std::fmt::Debug) {
    let (json, text) = (format!("{json:#?}"), format!("{text:#?}"));
    for (json, text) in json.lines().zip(text.lines()).filter(|(json, text)| json != text).take(4) {
        println!("json {}\ntext {}", json.trim(), text.trim());
    }
}
