//! The dynamic configuration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The dynamic configuration as `GET /config` shows it, whole: what pgdba does not know is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dcs(pub Value);

impl Dcs {
    /// `postgresql.parameters` as PostgreSQL reads them, each name as it is spelled there. A null is no value: Patroni writes
    /// nothing for it.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, String> {
        let stored = self.stored().into_iter().flatten();
        stored.filter_map(|(name, value)| Some((name.clone(), as_postgresql_reads(value)?))).collect()
    }

    /// The value that is stored for a parameter, whatever its type; none for a null. PostgreSQL's names have no case.
    #[must_use]
    pub fn stored_value(&self, parameter: &str) -> Option<&Value> {
        self.exactly(&self.spelling(parameter))
    }

    /// The value of a parameter as PostgreSQL reads it.
    #[must_use]
    pub fn parameter(&self, parameter: &str) -> Option<String> {
        self.stored_value(parameter).and_then(as_postgresql_reads)
    }

    /// How a parameter is spelled there; as it is asked for where it has no value. A second spelling beside the first would
    /// leave it to chance which of them wins.
    #[must_use]
    pub fn spelling(&self, parameter: &str) -> String {
        let has_value =
            |name: &str| self.stored().and_then(|stored| stored.get(name)).is_some_and(|value| !value.is_null());
        let mut names = self.stored().into_iter().flat_map(Map::keys);
        let other = names.find(|name| name.eq_ignore_ascii_case(parameter) && has_value(name));
        other.filter(|_| !has_value(parameter)).map_or_else(|| parameter.to_owned(), Clone::clone)
    }

    /// What is stored under exactly this name.
    pub(super) fn exactly(&self, name: &str) -> Option<&Value> {
        self.stored()?.get(name).filter(|value| !value.is_null())
    }

    /// Seconds between two looks of Patroni at the DCS; 10 where nothing is value.
    #[must_use]
    pub fn loop_wait(&self) -> u64 {
        self.seconds("loop_wait")
    }

    /// How long Patroni keeps trying one operation on the DCS, in seconds; 10 where nothing is value.
    #[must_use]
    pub fn retry_timeout(&self) -> u64 {
        self.seconds("retry_timeout")
    }

    /// Both are 10 by default.
    fn seconds(&self, name: &str) -> u64 {
        let value = self.0.get(name);
        value.and_then(|value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())).unwrap_or(10)
    }

    fn stored(&self) -> Option<&Map<String, Value>> {
        self.0.get("postgresql")?.get("parameters")?.as_object()
    }
}

/// A value of YAML or JSON as PostgreSQL reads what Patroni makes of it; none for what is no value of a parameter (a null, a
/// list, a mapping).
#[must_use]
pub fn as_postgresql_reads(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("on".to_owned()),
        Value::Bool(false) => Some("off".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_every_type_are_text_for_postgresql() {
        let parameters = json!({"a": true, "b": false, "c": 60, "d": 1.5, "e": "6MB", "f": null, "g": ["x"], "h": {}});
        let dcs = Dcs(json!({"postgresql": {"parameters": parameters}, "loop_wait": 2}));
        let expected = [("a", "on"), ("b", "off"), ("c", "60"), ("d", "1.5"), ("e", "6MB")];
        assert_eq!(dcs.parameters(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert_eq!(dcs.loop_wait(), 2);
    }

    #[test]
    fn a_name_is_found_however_it_is_spelled() {
        let dcs =
            Dcs(json!({"postgresql": {"parameters": {"Work_Mem": "6MB", "DateStyle": "ISO", "datestyle": "SQL"}}}));
        assert_eq!(dcs.parameter("work_mem").as_deref(), Some("6MB"));
        assert_eq!(dcs.spelling("work_mem"), "Work_Mem");
        assert_eq!(dcs.parameter("datestyle").as_deref(), Some("SQL"));
        assert_eq!(dcs.spelling("temp_buffers"), "temp_buffers");
    }

    #[test]
    fn a_document_of_another_shape_has_no_parameters() {
        for other in [json!(null), json!([]), json!({"postgresql": null}), json!({"postgresql": {"parameters": "x"}})] {
            let dcs = Dcs(other);
            assert!(dcs.parameters().is_empty() && dcs.parameter("work_mem").is_none());
            assert_eq!((dcs.loop_wait(), dcs.retry_timeout()), (10, 10));
        }
    }
}
