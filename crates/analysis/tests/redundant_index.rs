//! Which indexes are redundant beside longer ones, and which only look so.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use pgdba_analysis::{Analysis, Options, Outcome, analyze, example};
use serde_json::{Value, json};

/// An index on column 2 beside one on columns 2 and 3, with these members.
fn beside(shorter: &Value, longer: &Value) -> Analysis {
    let class = |oid: i64, name: &str, kind: &str, bytes: i64| json!({ "oid": oid, "nspname": "s", "relname": name, "relkind": kind, "amname": "btree", "size_bytes": bytes, "size_source": "pg_relation_size" });
    let mut classes =
        [class(1, "t", "r", 90_000_000), class(2, "short", "i", 20_000_000), class(3, "long", "i", 30_000_000)];
    let mut indexes = [
        json!({ "indexrelid": 2, "indrelid": 1, "indkey": [2], "indclass": [1978], "indcollation": [0], "indoption": [0], "indisvalid": true }),
        json!({ "indexrelid": 3, "indrelid": 1, "indkey": [2, 3], "indclass": [1978, 1978], "indcollation": [0, 0], "indoption": [0, 0], "indisvalid": true }),
    ];
    let mut scans = [json!({ "indexrelid": 2 }), json!({ "indexrelid": 3 })];
    for (position, change) in [shorter, longer].into_iter().enumerate() {
        for (key, value) in change.as_object().unwrap() {
            let row = match key.as_str() {
                "amname" | "size_bytes" => &mut classes[position + 1],
                "idx_scan" => &mut scans[position],
                _ => &mut indexes[position],
            };
            row[key] = value.clone();
        }
    }
    let document = json!({ "pg_class": classes, "pg_index": indexes, "pg_stat_user_indexes": scans });
    analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default())
}

fn redundant(shorter: Value, longer: Value) -> String {
    let analysis = beside(&shorter, &longer);
    match analysis.assessments.iter().find(|assessment| assessment.code == "PGD604").unwrap().outcome {
        Outcome::Found { .. } => {
            let finding = analysis.findings.iter().find(|finding| finding.code == "PGD604").unwrap();
            let labels: Vec<&str> = finding.subjects.iter().map(|subject| subject.label.as_str()).collect();
            format!("{} {}", labels.join(" "), finding.severity.word())
        }
        Outcome::Passed => "passed".to_owned(),
        ref other => format!("{other:?}"),
    }
}

#[test]
fn an_index_whose_columns_lead_in_another_is_redundant() {
    let three = json!({ "indkey": [2, 3, 4], "indclass": [1978, 1978, 1978], "indcollation": [0, 0, 0], "indoption": [0, 0, 0] });
    for (shorter, longer) in [
        (json!({}), json!({})),
        (json!({}), json!({ "indoption": [3, 0] })),
        (json!({}), three),
        (
            json!({}),
            json!({ "indkey": [2], "indnkeyatts": 1, "indclass": [1978], "indcollation": [0], "indoption": [0], "indisunique": true }),
        ),
        (json!({ "indkey": [2, 3], "indnkeyatts": 1 }), json!({})),
        (json!({ "idx_scan": 0 }), json!({ "idx_scan": 0 })),
        (json!({ "idx_scan": 5 }), json!({ "idx_scan": 5 })),
        // A later key may be an expression.
        (json!({}), json!({ "indkey": [2, 0], "has_indexprs": true })),
    ] {
        assert_eq!(redundant(shorter.clone(), longer.clone()), "s.short notice", "{shorter} {longer}");
    }
    assert_eq!(redundant(json!({}), json!({ "size_bytes": 90_000_000 })), "s.short info");
}

#[test]
fn an_index_is_not_redundant_beside_one_that_lacks_something() {
    let same_keys =
        json!({ "indkey": [2, 3], "indnkeyatts": 1, "indclass": [1978], "indcollation": [0], "indoption": [0] });
    for (shorter, longer) in [
        (json!({ "size_bytes": 9_000_000 }), json!({})),
        (json!({ "indisunique": true }), json!({})),
        (json!({ "conname": "t_key" }), json!({})),
        (json!({ "indisreplident": true }), json!({})),
        (json!({ "indisclustered": true }), json!({})),
        (json!({ "has_indpred": true }), json!({})),
        (json!({ "indkey": [0], "has_indexprs": true }), json!({ "indkey": [0, 3], "has_indexprs": true })),
        (json!({ "amname": "hash" }), json!({})),
        (json!({ "amname": "gin" }), json!({ "amname": "gin" })),
        (json!({ "indclass": [2095] }), json!({})),
        (json!({ "indcollation": [950] }), json!({})),
        (json!({ "indoption": [1] }), json!({})),
        (json!({ "indoption": [2] }), json!({})),
        (json!({ "indkey": [3] }), json!({})),
        (json!({ "indkey": [2, 5], "indnkeyatts": 1 }), json!({})),
        (json!({}), json!({ "indisvalid": false })),
        (json!({}), json!({ "has_indpred": true })),
        // Not scanned while the shorter one is: it might be dropped itself.
        (json!({ "idx_scan": 5 }), json!({ "idx_scan": 0 })),
        // The same keys with INCLUDE columns, without which the index is smaller.
        (json!({}), same_keys),
        (json!({ "indkey": [2, 4], "indclass": [1978, 1978], "indcollation": [0, 0], "indoption": [0, 0] }), json!({})),
    ] {
        assert_eq!(redundant(shorter.clone(), longer.clone()), "passed", "{shorter} {longer}");
    }
}
