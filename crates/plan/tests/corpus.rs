//! The recorded plans of every version: all of them are read, both forms of an execution are one tree, and the own times add up.

mod recorded;

use std::collections::BTreeSet;

use pgdba_pg::Bytes;
use pgdba_plan::{JoinType, Plan, read};

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
    plan.serialization = None;
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
            different.push(format!("{name}: {}", difference(&json, &text)));
        }
    }
    assert_eq!(different, Vec::<String>::new());
}

/// The node types of PostgreSQL 12, from the server's own labels. A Custom Scan needs an extension.
const NODE_TYPES: [&str; 38] = [
    "Aggregate",
    "Append",
    "Bitmap Heap Scan",
    "Bitmap Index Scan",
    "BitmapAnd",
    "BitmapOr",
    "CTE Scan",
    "Foreign Scan",
    "Function Scan",
    "Gather",
    "Gather Merge",
    "Group",
    "Hash",
    "Hash Join",
    "Index Only Scan",
    "Index Scan",
    "Limit",
    "LockRows",
    "Materialize",
    "Merge Append",
    "Merge Join",
    "ModifyTable",
    "Named Tuplestore Scan",
    "Nested Loop",
    "ProjectSet",
    "Recursive Union",
    "Result",
    "Sample Scan",
    "Seq Scan",
    "SetOp",
    "Sort",
    "Subquery Scan",
    "Table Function Scan",
    "Tid Scan",
    "Unique",
    "Values Scan",
    "WindowAgg",
    "WorkTable Scan",
];

/// The node types that came later.
const LATER: [(u32, &str); 3] = [(13, "Incremental Sort"), (14, "Memoize"), (14, "Tid Range Scan")];

#[test]
fn every_node_type_occurs_in_every_version() {
    for major in MAJORS {
        let later = LATER.iter().filter(|(since, _)| *since <= major).map(|(_, name)| *name);
        let expected: BTreeSet<&str> = NODE_TYPES.into_iter().chain(later).collect();
        let plans: Vec<Plan> = corpus(major).iter().flat_map(|recorded| read(&recorded.text).unwrap()).collect();
        let found: BTreeSet<&str> = plans.iter().flat_map(|plan| &plan.nodes).map(|node| node.kind.word()).collect();
        assert_eq!(found, expected, "{major}");
    }
}

#[test]
fn every_join_type_and_every_property_has_a_field() {
    let plans: Vec<Plan> = plans().iter().flat_map(|(_, recorded)| read(&recorded.json).unwrap()).collect();
    let nodes = || plans.iter().flat_map(|plan| &plan.nodes);
    let joins: BTreeSet<&str> = nodes().filter_map(|node| node.join_type.as_ref()).map(JoinType::word).collect();
    assert_eq!(joins, JoinType::WORDS.iter().copied().collect());
    let others: BTreeSet<&str> = nodes().flat_map(|node| &node.other).map(|property| property.key.as_str()).collect();
    let expected =
        ["Batch Size", "Function Call", "Params Evaluated", "Relations", "Remote SQL", "Table Function Call", "Window"];
    assert_eq!(others, expected.into_iter().collect());
    assert!(
        nodes().any(|node| node.is_async)
            && nodes().any(|node| node.is_disabled)
            && nodes().any(|node| node.is_backward)
    );
}

#[test]
fn what_only_explain_reports_is_read_from_both_forms() {
    let serialized: Vec<_> = plans().into_iter().filter(|(name, _)| name.starts_with("serialized")).collect();
    for (name, recorded) in &serialized {
        let plans = [&recorded.json, &recorded.text].map(|text| read(text).unwrap().remove(0));
        let explained = plans.iter().find(|plan| plan.serialization.is_some()).unwrap_or_else(|| panic!("{name}"));
        let serialization = explained.serialization.as_ref().unwrap();
        assert!(serialization.volume.0 > 0 && serialization.format == "text" && serialization.time.is_some(), "{name}");
        assert!(explained.planning.unwrap().memory_used.unwrap() > Bytes(0), "{name}");
        assert!(explained.planning_time.is_some() && explained.execution_time.is_some(), "{name}");
    }
    assert_eq!(serialized.len(), 4);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
fn the_manifest_names_the_files_of_the_corpus_and_their_command() {
    let folder = recorded::folder();
    let manifest = std::fs::read_to_string(folder.join("../manifest.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    assert_eq!(manifest["plans"]["command"].as_str(), Some("cargo xtask plans"));
    let named = manifest["plans"]["files"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.filter(|name| name.ends_with(".gz")).collect();
    assert_eq!(named.collect::<BTreeSet<String>>(), files);
}

/// The first lines in which both differ.
fn difference(json: &impl std::fmt::Debug, text: &impl std::fmt::Debug) -> String {
    let (json, text) = (format!("{json:#?}"), format!("{text:#?}"));
    let different = json.lines().zip(text.lines()).find(|(json, text)| json != text);
    let (json, text) = different.unwrap_or(("the same", "an error"));
    format!("{} instead of {}", text.trim(), json.trim())
}
