use serde_json::{Map, Value};

use super::*;

/// What PGTune itself prints for 400 machines.
const VECTORS: &str = include_str!("../../../../../fixtures/pgtune-vectors.json");

fn input(vector: &Value) -> Input {
    let word = |name: &str| match vector[name].as_str().unwrap() {
        "dw" => "olap".to_owned(),
        word => word.replace('_', "-"),
    };
    fn read<T: serde::de::DeserializeOwned>(word: String) -> T {
        serde_json::from_value(Value::String(word)).unwrap()
    }
    Input {
        major: vector["pg_major"].as_i64().unwrap(),
        os: read(word("os")),
        workload: read(word("workload")),
        memory: pgdba_pg::Bytes(vector["memory_bytes"].as_i64().unwrap()),
        cpus: vector["cpus"].as_i64(),
        connections: vector["connections"].as_i64(),
        storage: read(word("storage")),
        data_size: read(word("db_size")),
    }
}

#[test]
fn every_value_is_the_one_that_pgtune_prints() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 400);
    for vector in vectors {
        let found: Map<String, Value> = settings(&input(&vector["input"]))
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::String(value.to_string())))
            .collect();
        assert_eq!(Some(&found), vector["expected"].as_object(), "{}", vector["input"]);
    }
}

#[test]
fn no_parameter_has_two_values_and_each_has_a_reason() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    for vector in vectors {
        let input = input(&vector["input"]);
        let mut names: Vec<&str> = settings(&input).into_iter().map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| reason(name, &input).is_some()), "{names:?}");
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
