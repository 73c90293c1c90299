use serde_json::{Value, json};

use crate::example;
use crate::facts::Facts;

/// The oids of the indexes that help to check a foreign key on columns 2 and 3, and whether it is one.
fn helpful(index: &Value, predicate: Option<&str>) -> Vec<i64> {
    let mut row = json!({ "indexrelid": 20, "indrelid": 1, "indkey": [3, 2], "indnkeyatts": 2, "indisvalid": true });
    row.as_object_mut().unwrap().extend(index.as_object().unwrap().clone());
    row["has_indpred"] = predicate.is_some().into();
    let amname = row.as_object_mut().unwrap().remove("amname").unwrap_or_else(|| json!("btree"));
    let document = json!({
        "pg_settings": [],
        "pg_class": [{ "oid": 1, "nspname": "s", "relname": "lines", "relkind": "r", "reltuples": 5, "relpages": 1 },
                     { "oid": 2, "nspname": "s", "relname": "orders", "relkind": "r" },
                     { "oid": 20, "nspname": "s", "relname": "i", "relkind": "i", "amname": amname }],
        "pg_attribute": [{ "attrelid": 1, "attnum": 2, "attname": "shop" }, { "attrelid": 1, "attnum": 3, "attname": "Order", "attcollation": 100 }],
        "pg_constraint": [{ "oid": 9, "conname": "f", "conrelid": 1, "contype": "f", "confrelid": 2, "conkey": [2, 3] }],
        "pg_stat_user_tables": [{ "relid": 2, "n_tup_del": 7 }],
        "pg_index": [row],
        "pg_index_expressions": [{ "indexrelid": 20, "indpred": predicate }],
    });
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let [key] = facts.foreign_keys().unwrap().as_slice() else { panic!("one key") };
    assert_eq!((key.columns.join(" "), key.deletes), ("shop Order".to_owned(), Some(7)));
    key.parts[0].indexes.clone()
}

#[test]
fn an_index_helps_whose_leading_columns_are_those_of_the_key_in_any_order() {
    let none = Vec::<i64>::new();
    for (index, predicate, helps) in [
        (json!({}), None, true),
        (json!({ "indkey": [2, 3, 1], "indnkeyatts": 3 }), None, true),
        (json!({ "amname": "hash" }), None, true),
        (json!({ "indisvalid": false, "in_progress": true }), None, true),
        (json!({}), Some("((shop IS NOT NULL) AND (\"Order\" IS NOT NULL))"), true),
        (json!({}), Some("(shop IS NOT NULL)"), true),
        (json!({}), Some("(shop > 3)"), false),
        (json!({}), Some("((shop IS NOT NULL) AND (a IS NOT NULL))"), false),
        (json!({ "indkey": [1, 2, 3], "indnkeyatts": 3 }), None, false),
        (json!({ "indkey": [2, 0], "indnkeyatts": 2 }), None, false),
        // The second one is an INCLUDE column.
        (json!({ "indkey": [2, 3], "indnkeyatts": 1 }), None, false),
        (json!({ "indisvalid": false }), None, false),
        (json!({ "amname": "brin" }), None, false),
        (json!({ "amname": "gin", "indkey": [1, 3, 4, 2], "indnkeyatts": 4 }), None, true),
        (json!({ "amname": "gin", "indkey": [1, 3], "indnkeyatts": 2 }), None, false),
        (json!({ "indcollation": [100, 0] }), None, true),
        (json!({ "indcollation": [950, 0] }), None, false),
    ] {
        assert_eq!(helpful(&index, predicate), if helps { vec![20] } else { none.clone() }, "{index} {predicate:?}");
    }
}

#[test]
fn keys_that_are_not_enforced_or_look_for_ranges_are_left_out() {
    for (member, value, count) in [("conenforced", true, 1), ("conenforced", false, 0), ("conperiod", true, 0)] {
        let mut row = json!({ "oid": 9, "conname": "f", "conrelid": 1, "contype": "f", "conkey": [1] });
        row[member] = value.into();
        let document = json!({
            "pg_settings": [], "pg_stat_user_tables": [], "pg_index": [], "pg_constraint": [row],
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r" }],
            "pg_attribute": [{ "attrelid": 1, "attnum": 1, "attname": "a" }],
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        assert_eq!(Facts::of(&snapshot).foreign_keys().unwrap().len(), count, "{member} {value}");
    }
}

#[test]
fn each_partition_is_asked_by_its_own_column_numbers() {
    let class = |oid: i64, relkind: &str| json!({ "oid": oid, "nspname": "s", "relname": format!("t{oid}"), "relkind": relkind, "relpages": 1, "reltuples": 10, "amname": "btree" });
    let key = |oid: i64, conrelid: i64, confrelid: i64, parent: Option<i64>, column: i64| {
        json!({ "oid": oid, "conname": "f", "conrelid": conrelid, "contype": "f", "confrelid": confrelid,
                "conparentid": parent, "conkey": [column] })
    };
    let index = |oid: i64, table: i64, column: i64| json!({ "indexrelid": oid, "indrelid": table, "indkey": [column], "indnkeyatts": 1, "indisvalid": true });
    let document = json!({
        "pg_settings": [],
        "pg_class": [class(1, "p"), class(2, "r"), class(3, "r"), class(5, "p"), class(6, "r"), class(20, "i"), class(21, "i")],
        "pg_attribute": [{ "attrelid": 1, "attnum": 1, "attname": "a" }],
        // The referenced table is partitioned too, so that its partition has a row of its own.
        "pg_constraint": [key(9, 1, 5, None, 1), key(10, 2, 5, Some(9), 1), key(11, 3, 5, Some(9), 4), key(12, 1, 6, Some(9), 1)],
        "pg_stat_user_tables": [{ "relid": 6, "n_tup_del": 7 }],
        "pg_index": [index(20, 2, 1), index(21, 3, 1)],
    });
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let facts = Facts::of(&snapshot);
    let [key] = facts.foreign_keys().unwrap().as_slice() else { panic!("one key") };
    let indexes: Vec<&[i64]> = key.parts.iter().map(|part| part.indexes.as_slice()).collect();
    assert_eq!((indexes, key.is_partitioned, key.deletes), (vec![&[20][..], &[]], true, Some(7)));
    assert_eq!((key.unindexed_rows(), key.create_index().as_str()), (10, "CREATE INDEX ON s.t1 (a);"));
}
