use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::patroni::merge;

fn changes(list: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect()
}

fn names(changes: &[(String, Option<String>)]) -> Vec<String> {
    changes.iter().map(|(name, _)| name.clone()).collect()
}

/// Applies and puts back; what each step leaves.
fn there_and_back(before: &Value, changes: &[(String, Option<String>)]) -> (Value, Value) {
    let dcs = Dcs(before.clone());
    let noted = former(&dcs, &names(changes));
    // The journal keeps it as text.
    let noted: Former = serde_json::from_str(&serde_json::to_string(&noted).unwrap()).unwrap();
    let send =
        |config: &Value, patch: Option<Value>| patch.map_or_else(|| config.clone(), |patch| merge(config, &patch));
    let applied = send(before, patch(&dcs, changes));
    let restored = send(&applied, restore(&noted, &Dcs(applied.clone())));
    (applied, restored)
}

#[test]
fn a_patch_sets_and_removes() {
    let before = json!({"postgresql": {"parameters": {"work_mem": "6MB", "Port": 5432}}, "ttl": 30});
    let changes = changes(&[("work_mem", Some("11MB")), ("port", None), ("temp_buffers", None)]);
    let patch = patch(&Dcs(before.clone()), &changes);
    assert_eq!(patch, Some(json!({"postgresql": {"parameters": {"work_mem": "11MB", "Port": null}}})));
    let (applied, restored) = there_and_back(&before, &changes);
    assert_eq!(applied, json!({"postgresql": {"parameters": {"work_mem": "11MB"}}, "ttl": 30}));
    assert_eq!(restored, before);
}

#[test]
fn what_was_not_there_is_removed_with_what_had_to_be_made_for_it() {
    for before in [
        json!({}),
        json!({"postgresql": {}}),
        json!({"postgresql": {"use_slots": true}}),
        json!({"ttl": 30}),
        json!({"postgresql": {"parameters": {}}}),
        json!({"postgresql": "x"}),
        json!({"postgresql": {"parameters": 7}}),
    ] {
        let (applied, restored) = there_and_back(&before, &changes(&[("work_mem", Some("11MB"))]));
        assert_eq!(Dcs(applied).parameter("work_mem").as_deref(), Some("11MB"), "{before}");
        assert_eq!(restored, before);
    }
}

#[test]
fn a_null_in_another_spelling_is_left_alone() {
    let before = json!({"postgresql": {"parameters": {"A": null, "a": false}}});
    assert_eq!(there_and_back(&before, &changes(&[("a", None)])).1, before);
}

#[test]
fn nothing_to_do_is_no_patch() {
    let dcs = Dcs(json!({}));
    assert_eq!(patch(&dcs, &changes(&[("work_mem", None)])), None);
    assert_eq!(patch(&dcs, &[]), None);
    assert_eq!(restore(&former(&dcs, &["work_mem".to_owned()]), &dcs), None);
}

#[test]
fn what_others_have_added_since_stays() {
    let noted = former(&Dcs(json!({})), &["work_mem".to_owned()]);
    let current = Dcs(json!({"postgresql": {"parameters": {"work_mem": "11MB", "jit": false}}}));
    let after = merge(&current.0, &restore(&noted, &current).unwrap());
    assert_eq!(after, json!({"postgresql": {"parameters": {"jit": false}}}));
    let current = Dcs(json!({"postgresql": {"parameters": {"work_mem": "11MB"}, "use_slots": true}}));
    let after = merge(&current.0, &restore(&noted, &current).unwrap());
    assert_eq!(after, json!({"postgresql": {"use_slots": true}}));
}

#[test]
fn a_change_by_somebody_else_is_named() {
    let list = ["work_mem".to_owned(), "jit".to_owned()];
    let noted = |parameters: Value| former(&Dcs(json!({"postgresql": {"parameters": parameters}})), &list);
    let planned = noted(json!({"Work_Mem": 64}));
    assert!(planned.changed(&noted(json!({"work_mem": 64, "ttl": 1}))).is_empty());
    assert_eq!(planned.changed(&noted(json!({"work_mem": "64", "jit": false}))), ["Work_Mem", "jit"]);
}

/// Without the nulls that count as nothing: those of the three places that a patch touches.
fn normal(mut config: Value) -> Value {
    let Some(whole) = config.as_object_mut() else { return config };
    whole.retain(|name, value| name != "postgresql" || !value.is_null());
    if let Some(postgresql) = whole.get_mut("postgresql").and_then(Value::as_object_mut) {
        postgresql.retain(|name, value| name != "parameters" || !value.is_null());
        if let Some(parameters) = postgresql.get_mut("parameters").and_then(Value::as_object_mut) {
            parameters.retain(|_, value| !value.is_null());
        }
    }
    config
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..100).prop_map(Value::from),
        (-20_i32..40).prop_map(|number| Value::from(f64::from(number) / 4.0)),
        "(1|2.5|True|on|None|6MB|[a-z ]{0,3})".prop_map(Value::from),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 8, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from);
        let mapping =
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|map| Value::Object(map.into_iter().collect()));
        prop_oneof![list, mapping]
    })
}

fn mapping(keys: &'static str, value: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(keys, value, 0..4).prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// Documents with and without the two mappings, and with other things in their places.
fn document() -> impl Strategy<Value = Value> {
    let parameters = prop_oneof![4 => mapping("[Aa]|b|c|d", any_value().boxed()), 1 => any_value()];
    let others = mapping("use_slots|pg_hba", any_value().boxed());
    let postgresql = (others, prop::option::of(parameters)).prop_map(|(mut postgresql, parameters)| {
        if let (Some(place), Some(parameters)) = (postgresql.as_object_mut(), parameters) {
            place.insert("parameters".to_owned(), parameters);
        }
        postgresql
    });
    let postgresql = prop_oneof![4 => postgresql, 1 => any_value()];
    (mapping("ttl|loop_wait", any_value().boxed()), prop::option::of(postgresql)).prop_map(|(mut whole, postgresql)| {
        if let (Some(place), Some(postgresql)) = (whole.as_object_mut(), postgresql) {
            place.insert("postgresql".to_owned(), postgresql);
        }
        whole
    })
}

fn any_changes() -> impl Strategy<Value = Vec<(String, Option<String>)>> {
    let value = prop::option::of("(1|2.5|True|on|None|6MB|[a-z]{0,3})");
    prop::collection::btree_map("a|b|c|e", value, 0..4).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn back_is_where_it_began(before in document(), changes in any_changes()) {
        let (applied, restored) = there_and_back(&before, &changes);
        prop_assert_eq!(normal(restored), normal(before.clone()), "by way of {}", applied);
        for (name, value) in &changes {
            let stored = Dcs(applied.clone()).stored_value(name).cloned();
            let text = stored.as_ref().map(|stored| match stored {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            // What has the same text in Python stays as it was; of two spellings the other one stays.
            let had = Dcs(before.clone());
            let is_same = had.stored_value(name) == stored.as_ref();
            let is_double = had.exactly("a").is_some() && had.exactly("A").is_some() && name == "a";
            prop_assert!(&text == value || is_same || is_double, "{} is {:?}", name, stored);
        }
    }
}
