//! From the text of the simple query protocol to JSON, by the declared type of a column.

use jiff::Timestamp;
use serde_json::Value;

use crate::section::ColumnType;

/// The JSON value of a column's `text`, `null` for SQL NULL.
///
/// Text that does not fit its declared type is kept as a string, so that nothing the server said is lost; reading
/// takes it as unknown and says so.
#[must_use]
pub fn to_json(ty: ColumnType, text: Option<&str>) -> Value {
    let Some(text) = text else { return Value::Null };
    let typed = match ty {
        ColumnType::Text => None,
        ColumnType::Integer => text.parse::<i64>().ok().map(Value::from),
        ColumnType::Float => text.parse::<serde_json::Number>().ok().map(Value::Number),
        ColumnType::Boolean => match text {
            "t" | "true" => Some(Value::Bool(true)),
            "f" | "false" => Some(Value::Bool(false)),
            _ => None,
        },
        ColumnType::Timestamp => timestamp(text).map(|time| Value::String(time.to_string())),
        ColumnType::IntegerList => integers(text),
        ColumnType::FloatList => floats(text),
        ColumnType::TextList => texts(text),
    };
    typed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// `2026-11-24 02:00:00.5+00`, as the server writes a `timestamptz` under `DateStyle = ISO` and `TimeZone = UTC`.
fn timestamp(text: &str) -> Option<Timestamp> {
    let date_and_time = text.strip_suffix("+00")?;
    format!("{}Z", date_and_time.replacen(' ', "T", 1)).parse().ok()
}

/// `1 2 3` of a vector or `{1,2,3}` of an array.
fn integers(text: &str) -> Option<Value> {
    let bare = text.trim_start_matches('{').trim_end_matches('}');
    let parts = bare.split([' ', ',']).filter(|part| !part.is_empty());
    parts.map(|part| part.parse::<i64>().ok().map(Value::from)).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// `{0.1,2e-05}` of an array.
fn floats(text: &str) -> Option<Value> {
    let body = text.strip_prefix('{')?.strip_suffix('}')?;
    let parts = body.split(',').filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok().map(Value::Number)).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// `{a,"b c","d\"e",NULL}`: a one-dimensional `text[]`.
fn texts(text: &str) -> Option<Value> {
    let body = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut items = Vec::new();
    let mut chars = body.chars().peekable();
    while chars.peek().is_some() {
        let mut item = String::new();
        let quoted = chars.next_if_eq(&'"').is_some();
        while let Some(c) = chars.next() {
            match c {
                '\\' => item.push(chars.next()?),
                '"' if quoted => {
                    chars.next_if_eq(&',');
                    break;
                }
                ',' if !quoted => break,
                c => item.push(c),
            }
        }
        items.push(if !quoted && item == "NULL" { Value::Null } else { Value::String(item) });
    }
    Some(Value::Array(items))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_reads_what_the_server_prints() {
        let value = |ty, text| to_json(ty, Some(text));
        assert_eq!(value(ColumnType::Integer, "-5"), json!(-5));
        assert_eq!(value(ColumnType::Float, "0.1"), json!(0.1));
        assert_eq!(value(ColumnType::Float, "NaN"), json!("NaN"));
        assert_eq!(value(ColumnType::Boolean, "t"), json!(true));
        assert_eq!(value(ColumnType::Timestamp, "2026-11-24 02:00:00.123456+00"), json!("2026-11-24T02:00:00.123456Z"));
        assert_eq!(value(ColumnType::Timestamp, "infinity"), json!("infinity"));
        assert_eq!(value(ColumnType::IntegerList, "1 2"), json!([1, 2]));
        assert_eq!(value(ColumnType::IntegerList, "{3,4}"), json!([3, 4]));
        assert_eq!(value(ColumnType::IntegerList, ""), json!([]));
        assert_eq!(value(ColumnType::FloatList, "{0.1,2e-05}"), json!([0.1, 2e-05]));
        assert_eq!(value(ColumnType::FloatList, "{}"), json!([]));
        assert_eq!(value(ColumnType::TextList, r#"{a=1,"b \"c\\",NULL}"#), json!(["a=1", "b \"c\\", null]));
        assert_eq!(to_json(ColumnType::Integer, None), Value::Null);
    }
}
