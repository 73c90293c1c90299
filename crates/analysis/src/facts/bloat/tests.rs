//! Estimates of small snapshots.

use serde_json::{Value, json};

use super::Bloated;
use crate::{Confidence, Facts, example};

/// A table of two columns, 60000 rows and 500 pages, with an index on the first.
fn document() -> Value {
    json!({
        "system": [{ "is_in_recovery": false, "block_size": 8192 }], "pg_settings": [],
        "pg_class": [
            { "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "amname": "heap", "relnatts": 2, "relpages": 500,
              "reltuples": 60000, "size_bytes": 4_096_000, "size_source": "pg_relation_size" },
            { "oid": 2, "nspname": "s", "relname": "t_a", "relkind": "i", "amname": "btree", "relpages": 300,
              "reltuples": 60000, "size_bytes": 2_457_600, "size_source": "pg_relation_size" },
        ],
        "pg_attribute": [
            { "attrelid": 1, "attnum": 2, "attname": "b", "atttypid": 20 },
            { "attrelid": 1, "attnum": 1, "attname": "a", "atttypid": 23 },
        ],
        "pg_type": [
            { "oid": 23, "typname": "int4", "typlen": 4, "typalign": "i" },
            { "oid": 20, "typname": "int8", "typlen": 8, "typalign": "d" },
            { "oid": 25, "typname": "text", "typlen": -1, "typalign": "i", "typcategory": "S" },
        ],
        "pg_index": [{ "indexrelid": 2, "indrelid": 1, "indkey": [1], "indclass": [1978], "indcollation": [0],
                       "indnatts": 1, "indnkeyatts": 1, "indisunique": false, "indisvalid": true }],
        "pg_opclass": [{ "oid": 1978, "opcname": "int4_ops", "deduplicates": true }],
        "pg_stats": [
            { "relid": 1, "attnum": 1, "null_frac": 0, "avg_width": 4, "n_distinct": -1 },
            { "relid": 1, "attnum": 2, "null_frac": 0, "avg_width": 8, "n_distinct": -1 },
        ],
        "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": 100_000, "n_tup_del": 40_000, "n_live_tup": 60_000,
                                  "last_analyze": "2026-01-01T00:00:00Z" }],
    })
}

/// The table and its index after a change.
fn estimated(change: impl FnOnce(&mut Value)) -> [Bloated; 2] {
    let mut document = document();
    change(&mut document);
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let bloat = facts.bloat().unwrap();
    [bloat.tables[0].clone(), bloat.indexes[0].clone()]
}

/// The pages that both need.
fn needed(change: impl FnOnce(&mut Value)) -> [f64; 2] {
    let pages = |bloated: Bloated| {
        let pages = bloated.size.unwrap().bytes.0 / 8192;
        (pages as f64 * (1.0 - bloated.estimate.unwrap().ratio.0)).round()
    };
    estimated(change).map(pages)
}

fn reason(bloated: &Bloated) -> &str {
    &bloated.estimate.as_ref().unwrap_err().reason
}

#[test]
fn rows_and_entries_of_fixed_length_are_counted_exactly() {
    // 40 bytes a row, 185 rows a page; 366 entries a leaf, 164 leaves, the root and the metapage.
    assert_eq!(needed(|_| ()), [325.0, 166.0]);
    assert_eq!(needed(|document| document["pg_class"][0]["reloptions"] = json!(["fillfactor=90"])), [360.0, 166.0]);
    assert_eq!(needed(|document| document["pg_class"][1]["reloptions"] = json!(["fillfactor=100"])), [325.0, 150.0]);
}

#[test]
fn the_null_bitmap_is_free_up_to_eight_columns_and_a_dropped_column_gives_one_to_every_row() {
    let halves = |document: &mut Value| document["pg_stats"][1]["null_frac"] = json!(0.5);
    // Half of the rows have 28 bytes rounded up to 32, and 44 with their pointers the others.
    assert_eq!(needed(halves)[0], 295.0);
    assert_eq!(needed(|document| document["pg_class"][0]["relnatts"] = json!(9))[0], 383.0);
}

#[test]
fn equal_keys_are_stored_once_from_version_13_on_unless_the_index_does_not_deduplicate() {
    let few = |document: &mut Value| document["pg_stats"][0]["n_distinct"] = json!(3);
    assert!(needed(few)[1] < 60.0, "{:?}", needed(few));
    let all = |change: &dyn Fn(&mut Value)| {
        needed(|document| {
            few(document);
            change(document);
        })[1]
    };
    let changes: [&dyn Fn(&mut Value); 5] = [
        &|document| document["version"] = json!(12),
        &|document| document["pg_index"][0]["indisunique"] = json!(true),
        &|document| document["pg_class"][1]["reloptions"] = json!(["deduplicate_items=off"]),
        &|document| document["pg_opclass"][0]["deduplicates"] = json!(false),
        &|document| {
            document["pg_index"][0]["indcollation"] = json!([77]);
            document["pg_collation"] = json!([{ "oid": 77, "collisdeterministic": false }]);
        },
    ];
    assert_eq!(changes.map(all), [166.0; 5]);
}

#[test]
fn what_cannot_be_estimated_says_why() {
    let [table, index] = estimated(|document| {
        for at in [0, 1] {
            document["pg_class"][at]["size_bytes"] = json!(9 * 8192);
        }
    });
    assert!(reason(&table).contains("10 pages") && reason(&index).contains("10 pages"));

    let reset = |document: &mut Value| document["pg_stat_user_tables"] = json!([{ "relid": 1, "n_tup_ins": 0 }]);
    let [table, index] = estimated(reset);
    assert!(reason(&table).contains("counters were reset") && reason(&index).contains("counters were reset"));
    // A standby has no counters either, but says so with an estimate.
    let [table, _] = estimated(|document| {
        reset(document);
        document["system"][0]["is_in_recovery"] = json!(true);
    });
    let estimate = table.estimate.unwrap();
    assert_eq!((estimate.confidence, estimate.doubts.len()), (Confidence::Low, 1));

    let [_, index] = estimated(|document| document["pg_class"][1]["amname"] = json!("gin"));
    assert!(reason(&index).contains("gin") && !index.is_supported);

    // The reason is that of many: `No estimate for 2 indexes: the size is unknown`.
    let [_, index] = estimated(|document| {
        document["pg_class"][1]["size_bytes"] = json!(null);
        document["pg_class"][1]["relpages"] = json!(null);
    });
    assert_eq!(reason(&index), "the size is unknown");
}

#[test]
fn without_statistics_the_versions_ever_made_give_an_estimate_of_low_confidence() {
    let never = |document: &mut Value| {
        document["pg_attribute"][0]["atttypid"] = json!(25);
        document["pg_stats"] = json!([]);
    };
    let [table, index] = estimated(never);
    let estimate = table.estimate.unwrap();
    assert_eq!(estimate.confidence, Confidence::Low);
    assert!((estimate.ratio.0 - 0.4).abs() < 0.01 && estimate.high.0 - estimate.low.0 > 0.3, "{estimate:?}");
    assert_eq!(index.estimate.unwrap().confidence, Confidence::Low);
    // Rolled back inserts are counted too: then nothing is known.
    let [table, _] = estimated(|document| {
        never(document);
        document["pg_stat_user_tables"][0]["n_tup_ins"] = json!(150_000);
    });
    assert!(reason(&table).contains("no statistics"), "{}", reason(&table));
}

#[test]
fn statistics_that_contradict_the_size_are_not_used() {
    let wide = |document: &mut Value| {
        document["pg_attribute"][0]["atttypid"] = json!(25);
        document["pg_stats"][1]["avg_width"] = json!(900);
        document["pg_stat_user_tables"][0]["n_tup_ins"] = json!(60_000);
        document["pg_stat_user_tables"][0]["n_tup_del"] = json!(0);
    };
    let [table, _] = estimated(wide);
    let estimate = table.estimate.unwrap();
    assert_eq!((estimate.ratio.0, estimate.confidence), (0.0, Confidence::Low));
    assert!(estimate.doubts.iter().any(|doubt| doubt.contains("contradict")), "{estimate:?}");
}
