//! A change of parameters as the body of `PATCH /config`, and the one that puts back what was there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Dcs;

/// The dynamic configuration before a change, as far as the change affects it.
///
/// A null means that the parameter is not set, as in Patroni; all other values are restored with their type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Former {
    /// What `postgresql` was before.
    postgresql: Holder,
    /// What `postgresql.parameters` was before.
    parameters: Holder,
    /// The former value of each parameter.
    pub values: Vec<FormerValue>,
}

/// The former value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormerValue {
    /// Its name, as it was spelled if it existed.
    pub name: String,
    /// Its value; null if it did not exist.
    pub value: Option<Value>,
}

/// What a patch found where it needs a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Holder {
    Absent,
    Mapping,
    /// A value that is not a mapping, which Patroni silently replaces.
    Other(Value),
}

impl Holder {
    fn of(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Absent,
            Some(Value::Object(_)) => Self::Mapping,
            Some(other) => Self::Other(other.clone()),
        }
    }

    /// What puts it back in place of a mapping that is not needed any more; none for what was a mapping before.
    fn back(&self) -> Option<Value> {
        match self {
            Self::Absent => Some(Value::Null),
            Self::Mapping => None,
            Self::Other(value) => Some(value.clone()),
        }
    }
}

impl Former {
    /// The parameters whose values in `now` are not those in `self`.
    #[must_use]
    pub fn changed(&self, now: &Self) -> Vec<String> {
        let value = |former: &Self, name: &str| {
            let found = former.values.iter().find(|value| value.name.eq_ignore_ascii_case(name));
            found.and_then(|found| found.value.clone())
        };
        let names = self.values.iter().map(|value| &value.name);
        names.filter(|name| value(self, name) != value(now, name)).cloned().collect()
    }
}

/// Notes what the dynamic configuration holds of these parameters, before they are changed.
#[must_use]
pub fn former(dcs: &Dcs, names: &[String]) -> Former {
    let postgresql = dcs.0.get("postgresql");
    let parameters = postgresql.and_then(|postgresql| postgresql.get("parameters"));
    let value = |name: &String| FormerValue { name: dcs.spelling(name), value: dcs.stored_value(name).cloned() };
    Former {
        postgresql: Holder::of(postgresql),
        parameters: Holder::of(parameters),
        values: names.iter().map(value).collect(),
    }
}

/// The body of `PATCH /config` that sets these parameters, or removes those without a value. None where nothing is left to send:
/// Patroni does not answer an empty patch.
///
/// A removal of what is not there is left out, because Patroni would store the null where it has no mapping yet.
#[must_use]
pub fn patch(dcs: &Dcs, changes: &[(String, Option<String>)]) -> Option<Value> {
    let needed = changes.iter().filter(|(name, value)| value.is_some() || dcs.stored_value(name).is_some());
    let entries = needed.map(|(name, value)| (dcs.spelling(name), value.clone().map_or(Value::Null, Value::String)));
    body(entries.collect())
}

/// The body of `PATCH /config` that makes of `current` what `former` noted. None where nothing is to be done.
///
/// Parameters that others have added since stay. `postgresql` and `postgresql.parameters` go again where they were not there
/// before and nobody else uses them.
#[must_use]
pub fn restore(former: &Former, current: &Dcs) -> Option<Value> {
    // A value comes back under the name that it had; what was not there goes however it is spelled now.
    let entries = former.values.iter().filter_map(|former| match &former.value {
        Some(value) => (current.exactly(&former.name) != Some(value)).then(|| (former.name.clone(), value.clone())),
        None => current.stored_value(&former.name).map(|_| (current.spelling(&former.name), Value::Null)),
    });
    let entries: Map<String, Value> = entries.collect();

    let postgresql = current.0.get("postgresql").and_then(Value::as_object);
    let parameters = postgresql.and_then(|postgresql| postgresql.get("parameters")).and_then(Value::as_object);
    let ours = |name: &String| entries.get(name).is_some_and(Value::is_null);
    let is_emptied = entries.values().all(Value::is_null)
        && parameters.is_some_and(|parameters| parameters.iter().all(|(name, value)| ours(name) || value.is_null()));
    let Some(parameters_back) = former.parameters.back().filter(|_| is_emptied) else { return body(entries) };
    let is_alone = postgresql.is_some_and(|postgresql| postgresql.keys().all(|name| name == "parameters"));
    match former.postgresql.back() {
        Some(back) if is_alone => Some(nested("postgresql", back)),
        _ => Some(nested("postgresql", nested("parameters", parameters_back))),
    }
}

fn body(entries: Map<String, Value>) -> Option<Value> {
    (!entries.is_empty()).then(|| nested("postgresql", nested("parameters", Value::Object(entries))))
}

fn nested(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

#[cfg(test)]
mod tests;
