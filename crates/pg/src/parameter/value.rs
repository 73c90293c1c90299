//! Texts read as values, and which of them mean the same.

use super::error::ValueError;
use super::kind::Kind;
use super::{list, number};

/// The longest value that can be written. The server's own limit is that of its memory blocks, 1 GB less the statement around it and
/// the doubled quotes; no sensible value comes near this one.
pub const MAX_VALUE_BYTES: usize = 1 << 20;

/// What a text means to a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// On or off.
    Bool(bool),
    /// A whole number, in the parameter's unit.
    Integer(i64),
    /// A number, in the parameter's unit.
    Real(f64),
    /// One of an enum's words, spelled as `pg_settings` shows it.
    Enum(String),
    /// Text.
    Text(String),
    /// The elements of a list.
    List(Vec<String>),
    /// The server may take this text; only it can tell. In lower case where case makes no difference.
    Unsure(String),
}

/// Reads `text` as the server would read it for a parameter of this kind.
///
/// # Errors
///
/// What the server would refuse, and what must not be given to `ALTER SYSTEM`: newlines, zero bytes, empty names in a list.
pub fn parse(kind: &Kind, text: &str) -> Result<Value, ValueError> {
    if text.contains('\0') {
        return Err(ValueError::Nul);
    }
    if text.contains(['\n', '\r']) {
        return Err(ValueError::Newline);
    }
    if text.len() > MAX_VALUE_BYTES {
        return Err(ValueError::TooLong { bytes: text.len(), max: MAX_VALUE_BYTES });
    }
    match kind {
        Kind::Bool => boolean(text).map(Value::Bool).ok_or(ValueError::NotABoolean),
        Kind::Integer { unit, min, max } => integer(text, unit.as_deref(), *min, *max),
        Kind::Real { unit, min, max } => real(text, unit.as_deref(), *min, *max),
        Kind::Enum { values, hidden, complete } => word(text, values, hidden, *complete),
        Kind::String => Ok(Value::Text(text.to_owned())),
        Kind::StringList { identifiers } => {
            list::split_list(text, *identifiers).map(Value::List).ok_or(ValueError::ListSyntax)
        }
    }
}

/// Whether two texts mean the same to a parameter of this kind. Texts that are no values are the same only letter for letter.
#[must_use]
pub fn same(kind: &Kind, a: &str, b: &str) -> bool {
    a == b || matches!((parse(kind, a), parse(kind, b)), (Ok(a), Ok(b)) if a == b)
}

/// `on`, `off` and the words for true and false, each from the first letters that no other shares.
fn boolean(text: &str) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        text.len() >= least && word.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text))
    };
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || text == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0" {
        Some(false)
    } else {
        None
    }
}

fn integer(text: &str, unit: Option<&str>, min: i64, max: i64) -> Result<Value, ValueError> {
    let number = match number::integer(text, unit) {
        Ok(number) => number,
        Err(_) if number::is_binary(text) => return Ok(Value::Unsure(text.to_ascii_lowercase())),
        Err(error) => return Err(error),
    };
    // Every i32 is exact as a double, and the cast saturates.
    let whole = number as i64;
    if number < min as f64 || number > max as f64 {
        return Err(out_of_range(whole.to_string(), min.to_string(), max.to_string(), unit));
    }
    Ok(Value::Integer(whole))
}

fn real(text: &str, unit: Option<&str>, min: f64, max: f64) -> Result<Value, ValueError> {
    let number = number::real(text, unit)?;
    if number < min || number > max {
        return Err(out_of_range(number.to_string(), min.to_string(), max.to_string(), unit));
    }
    Ok(Value::Real(number))
}

fn out_of_range(value: String, min: String, max: String, unit: Option<&str>) -> ValueError {
    ValueError::OutOfRange { value, min, max, unit: unit.map(str::to_owned) }
}

fn word(text: &str, values: &[String], hidden: &[(&str, &str)], complete: bool) -> Result<Value, ValueError> {
    if let Some(shown) = values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
        return Ok(Value::Enum(shown.clone()));
    }
    if let Some((_, shown)) = hidden.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        return Ok(Value::Enum((*shown).to_owned()));
    }
    if complete {
        return Err(ValueError::NotInEnum { values: values.to_vec() });
    }
    Ok(Value::Unsure(text.to_ascii_lowercase()))
}
