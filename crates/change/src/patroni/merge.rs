//! What Patroni makes of a patch.

use serde_json::{Map, Number, Value};

/// The configuration that `PATCH /config` leaves behind, by Patroni's own rule (`patch_config`, the same in 3.0 and 4.1):
/// null removes a key; a mapping goes into a mapping key by key; anything else takes the place of what is there, unless both
/// have the same text in Python, in which case the old one stays with its type. What is new is stored whole, nulls included.
///
/// An empty patch is not answered at all. A patch that is no mapping is an error for Patroni; here it changes nothing.
#[must_use]
pub fn merge(config: &Value, patch: &Value) -> Value {
    let (Value::Object(config), Value::Object(patch)) = (config, patch) else { return config.clone() };
    Value::Object(merge_mappings(config, patch))
}

fn merge_mappings(config: &Map<String, Value>, patch: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = config.clone();
    for (name, new) in patch {
        if new.is_null() {
            merged.remove(name);
            continue;
        }
        let value = match (config.get(name), new) {
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(merge_mappings(old, new)),
            (Some(old), new) if is_same_text(old, new) => old.clone(),
            (_, new) => new.clone(),
        };
        merged.insert(name.clone(), value);
    }
    merged
}

/// Whether Python's `str` gives the same text for both. That a text looks like a list is not looked into.
fn is_same_text(old: &Value, new: &Value) -> bool {
    match (in_python(old), in_python(new)) {
        (Some(old), Some(new)) => old == new,
        _ => old == new,
    }
}

/// The text that Python's `str` gives for a scalar.
fn in_python(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("None".to_owned()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(number) => Some(number_in_python(number)),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Python writes a float's exponent where it is below -4 or from 16 on.
fn number_in_python(number: &Number) -> String {
    let (true, Some(float)) = (number.is_f64(), number.as_f64()) else { return number.to_string() };
    let scientific = format!("{float:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(-4..=15) => format!("{float:?}"),
        Ok(exponent) if exponent < 0 => format!("{mantissa}e-{:02}", -exponent),
        Ok(exponent) => format!("{mantissa}e+{exponent:02}"),
        Err(_) => scientific,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What `patch_config` of Patroni 4.1 itself made of these.
    #[test]
    fn patches_come_out_as_patroni_has_them() {
        for (config, patch, expected) in [
            (json!({"a": 1}), json!({"a": null}), json!({})),
            (json!({"a": 1}), json!({"b": null}), json!({"a": 1})),
            (json!({"a": 1}), json!({"a": "1"}), json!({"a": 1})),
            (json!({"a": "1"}), json!({"a": 1}), json!({"a": "1"})),
            (json!({"a": true}), json!({"a": "True"}), json!({"a": true})),
            (json!({"a": true}), json!({"a": "on"}), json!({"a": "on"})),
            (json!({"a": null}), json!({"a": "None"}), json!({"a": null})),
            (json!({"a": 1.5}), json!({"a": "1.50"}), json!({"a": "1.50"})),
            (json!({"a": 1.0}), json!({"a": 1}), json!({"a": 1})),
            (json!({"a": 1e16}), json!({"a": "1e+16"}), json!({"a": 1e16})),
            (json!({"a": 0.00001}), json!({"a": "1e-05"}), json!({"a": 0.00001})),
            (json!({"a": 0.0001}), json!({"a": "0.0001"}), json!({"a": 0.0001})),
            (json!({"a": 1e15}), json!({"a": "1000000000000000.0"}), json!({"a": 1e15})),
            (json!({"a": {"b": 1}}), json!({"a": {"b": null, "c": 2}}), json!({"a": {"c": 2}})),
            (json!({}), json!({"a": {"b": null}}), json!({"a": {"b": null}})),
            (json!({"a": null}), json!({"a": {"b": null}}), json!({"a": {"b": null}})),
            (json!({"a": {"b": 1}}), json!({"a": "x"}), json!({"a": "x"})),
        ] {
            assert_eq!(merge(&config, &patch), expected, "{config} with {patch}");
        }
    }
}
