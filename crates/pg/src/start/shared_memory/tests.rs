//! The model against what real servers requested.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::parameter::{Declaration, Kind};
use crate::version::ServerVersion;

/// 100 random configurations a version with the bytes that a server of it requested, and the built-in values.
const MEASURED: &str = include_str!("../../../../../fixtures/starting/shared-memory.json");

/// The versions with their built-in settings and what was measured.
fn measured() -> Vec<(Settings, Value)> {
    let mut all: Value = serde_json::from_str(MEASURED).unwrap();
    let versions: BTreeMap<String, Value> = serde_json::from_value(all["versions"].take()).unwrap();
    let of = |(major, measured): (String, Value)| {
        let mut settings = Settings::new(ServerVersion::from_major(major.parse().unwrap()));
        for (name, declared) in measured["parameters"].as_object().unwrap() {
            let kind = kind(name, declared[0].as_str().unwrap(), declared[1].as_str());
            settings.insert(name, &kind, declared[2].as_str().unwrap());
        }
        (settings, measured)
    };
    versions.into_iter().map(of).collect()
}

fn kind(name: &str, vartype: &str, unit: Option<&str>) -> Kind {
    let words = ["minimal", "replica", "logical", "sync", "worker", "io_uring"].map(str::to_owned);
    Kind::of(&Declaration { name, vartype, unit, min_val: None, max_val: None, enumvals: &words, major: 18 })
}

/// The built-in settings with those of a vector.
fn with(settings: &Settings, measured: &Value, vector: &Value) -> Settings {
    let mut settings = settings.clone();
    for (name, value) in vector.as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let declared = &measured["parameters"][name];
        let vartype = declared[0].as_str().unwrap_or(if value.is_number() { "integer" } else { "string" });
        settings.insert(name, &kind(name, vartype, declared[1].as_str()), &text);
    }
    settings
}

#[test]
fn every_measured_configuration_is_within_one_step() {
    let mut exact = 0;
    let mut all = 0;
    for (settings, measured) in measured() {
        for vector in measured["vectors"].as_array().unwrap() {
            let found = shared_memory(&with(&settings, &measured, &vector[0]), Some(false)).unwrap();
            let off = found.bytes.0 - vector[1].as_i64().unwrap();
            assert!(off.abs() <= STEP && !found.is_at_least(), "{}: off by {off}: {vector}", settings.version);
            exact += usize::from(off == 0);
            all += 1;
        }
    }
    assert_eq!(all, 700);
    assert!(exact >= 690, "only {exact} are exact");
}

#[test]
fn the_built_in_settings_need_what_was_measured() {
    let tolerance = serde_json::from_str::<Value>(MEASURED).unwrap()["tolerance_bytes"].as_i64().unwrap();
    assert_eq!(tolerance, STEP);
    for (settings, measured) in measured() {
        let found = shared_memory(&settings, None).unwrap();
        assert_eq!(found.bytes.0, measured["default_bytes"].as_i64().unwrap(), "{}", settings.version);
        let larger = shared_memory(&settings, Some(true)).unwrap().bytes.0 - found.bytes.0;
        // 66 or 67 bytes for each of about 130 processes.
        assert!((8192..=16_384).contains(&larger), "{}: {larger}", settings.version);
    }
}

#[test]
fn what_was_not_measured_is_named_and_what_is_unknown_gives_no_figure() {
    let (settings, measured) = measured().pop().unwrap();
    let of = |name: &str, value: &str| {
        let vector = serde_json::json!({ name: value });
        shared_memory(&with(&settings, &measured, &vector), None)
    };
    assert_eq!(of("io_method", "io_uring").unwrap().unmeasured, ["io_method = io_uring"]);
    let known = "$libdir/pg_stat_statements.so, auto_explain, timescaledb";
    assert_eq!(of("shared_preload_libraries", known).unwrap().unmeasured, ["timescaledb"]);
    assert_eq!(of("shared_buffers", "many"), None);
    let mut newer = settings.clone();
    newer.version = ServerVersion(190_000);
    assert_eq!(shared_memory(&newer, None), None);
}

#[test]
fn the_largest_values_give_a_figure_and_no_overflow() {
    for (mut settings, measured) in measured() {
        let largest = ["max_locks_per_transaction", "max_pred_locks_per_transaction", "shared_buffers"];
        for name in largest.into_iter().chain(["max_connections", "max_prepared_transactions"]) {
            settings.insert(name, &kind(name, "integer", None), "2147483647");
        }
        let found = shared_memory(&settings, None).unwrap();
        assert!(found.megabytes() > i64::from(i32::MAX), "{}: {measured}", settings.version);
    }
}

#[test]
fn megabytes_and_huge_pages_are_rounded_up() {
    let of = |bytes| SharedMemory { bytes: Bytes(bytes), unmeasured: Vec::new() };
    assert_eq!((of(1 << 20).megabytes(), of((1 << 20) + 1).megabytes()), (1, 2));
    let size = Bytes(2 << 20);
    assert_eq!((of(4 << 20).huge_pages(size), of((4 << 20) + 8192).huge_pages(size)), (Some(2), Some(3)));
    assert_eq!(of(1).huge_pages(Bytes(0)), None);
}
