//! Texts read as values, and which of them mean the same.

use super::error::ValueError;
use super::kind::Kind;
use super::{list, number};

/// The longest value that is written. The server has no limit of its own below a gigabyte, but the time in which it reads its files
/// grows with the square of the longest line: 64 kB cost nothing to speak of, 1 MB takes 0.7 s, 2 MB 2.6 s, and with 8 MB
/// neither a reload nor an `ALTER SYSTEM` comes to its end within a minute.
pub const MAX_VALUE_BYTES: usize = 1 << 16;

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
    if text.contains('\n') {
        return Err(ValueError::Newline);
    }
    if text.len() > MAX_VALUE_BYTES {
        return Err(ValueError::TooLong { bytes: text.len(), max: MAX_VALUE_BYTES });
    }
    match kind {
        Kind::Bool => boolean(text).map(Value::Bool).ok_or(ValueError::NotABoolean),
        Kind::Integer { unit, min, max } => integer(text, unit.as_deref(), *min, *max),
        Kind::Real { unit, min, max } => real(text, unit.as_deref(), *min, *max),
        Kind::Enum { values, aliases, complete } => word(text, values, aliases, *complete),
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
        return Err(out_of_range(text, min.to_string(), max.to_string(), unit));
    }
    Ok(Value::Integer(whole))
}

fn real(text: &str, unit: Option<&str>, min: f64, max: f64) -> Result<Value, ValueError> {
    let number = number::real(text, unit)?;
    if number < min || number > max {
        // The largest number there is has 309 digits.
        let shown = |number: f64| if number.abs() < 1e15 { number.to_string() } else { format!("{number:e}") };
        return Err(out_of_range(text, shown(min), shown(max), unit));
    }
    Ok(Value::Real(number))
}

/// `text` is a number with a unit perhaps, so it is repeated as it was typed.
fn out_of_range(text: &str, min: String, max: String, unit: Option<&str>) -> ValueError {
    ValueError::OutOfRange { value: text.trim().to_owned(), min, max, unit: unit.map(str::to_owned) }
}

fn word(text: &str, values: &[String], aliases: &[(&str, &str)], complete: bool) -> Result<Value, ValueError> {
    let alias = aliases.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, shown)| (*shown).to_owned());
    let value = || values.iter().find(|value| value.eq_ignore_ascii_case(text)).cloned();
    match alias.or_else(value) {
        Some(shown) => Ok(Value::Enum(shown)),
        None if complete => Err(ValueError::NotInEnum { values: values.to_vec() }),
        None => Ok(Value::Unsure(text.to_ascii_lowercase())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::Declaration;

    fn declared(name: &str, vartype: &str, unit: Option<&str>, limits: (&str, &str), words: &[&str]) -> Kind {
        let enumvals: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
        let (min_val, max_val) = (Some(limits.0), Some(limits.1));
        Kind::of(&Declaration { name, vartype, unit, min_val, max_val, enumvals: &enumvals, major: 18 })
    }

    #[test]
    fn booleans_take_words_and_their_beginnings() {
        let on = ["on", "ON", "true", "t", "tr", "Yes", "y", "1"];
        let off = ["off", "of", "false", "F", "no", "n", "0"];
        let none = ["", "o", "onn", "2", " on", "truee", "01"];
        assert!(on.iter().all(|text| parse(&Kind::Bool, text) == Ok(Value::Bool(true))));
        assert!(off.iter().all(|text| parse(&Kind::Bool, text) == Ok(Value::Bool(false))));
        assert!(none.iter().all(|text| parse(&Kind::Bool, text) == Err(ValueError::NotABoolean)));
    }

    #[test]
    fn a_number_beyond_the_limits_is_refused_with_the_limits() {
        let work_mem = declared("work_mem", "integer", Some("kB"), ("64", "2147483647"), &[]);
        assert_eq!(parse(&work_mem, "64MB"), Ok(Value::Integer(65536)));
        let error = parse(&work_mem, "1kB").unwrap_err();
        assert_eq!(error.to_string(), "1kB is outside the valid range (64 kB .. 2147483647 kB)");
        assert_eq!(error.hint(), "Write a value between 64 kB and 2147483647 kB.");
        let error = parse(&work_mem, "64mb").unwrap_err();
        assert_eq!(error.hint(), "Valid units are B, kB, MB, GB, TB; case matters.");
        assert!(matches!(parse(&work_mem, "9TB"), Err(ValueError::OutOfRange { .. })));
        let cost = declared("random_page_cost", "real", None, ("0", "1.79769e+308"), &[]);
        assert_eq!(parse(&cost, "1.1"), Ok(Value::Real(1.1)));
        assert_eq!(parse(&cost, "1.797693e308"), Ok(Value::Real(1.797_693e308)));
        assert!(matches!(parse(&cost, "inf"), Err(ValueError::OutOfRange { .. })));
    }

    #[test]
    fn enums_take_what_they_show_and_more() {
        let compression = declared("wal_compression", "enum", None, ("", ""), &["pglz", "on", "off"]);
        assert!(same(&compression, "ON", "pglz") && same(&compression, "no", "off"));
        assert!(matches!(parse(&compression, "best"), Err(ValueError::NotInEnum { .. })));
        let foreign = declared("their.mode", "enum", None, ("", ""), &["a", "b"]);
        assert_eq!(parse(&foreign, "C"), Ok(Value::Unsure("c".to_owned())));
        assert_eq!(parse(&foreign, "A"), Ok(Value::Enum("a".to_owned())));
    }

    #[test]
    fn texts_of_the_same_meaning_are_the_same() {
        let work_mem = declared("work_mem", "integer", Some("kB"), ("64", "2147483647"), &[]);
        for text in ["64MB", "65536kB", "64 MB", "65536", "0x10000", "0.0625GB"] {
            assert!(same(&work_mem, text, "64MB"), "{text}");
        }
        assert!(!same(&work_mem, "64MB", "64mb") && !same(&work_mem, "64MB", "65MB"));
        assert!(same(&Kind::Bool, "ON", "true") && !same(&Kind::Bool, "on", "off"));
        assert!(!same(&Kind::String, "a", "A"));
        let libraries = declared("shared_preload_libraries", "string", None, ("", ""), &[]);
        assert!(same(&libraries, "a,\"b\"", "a, b") && !same(&libraries, "a, b", "b, a"));
    }

    #[test]
    fn no_value_has_a_line_break_or_a_zero_byte() {
        assert_eq!(parse(&Kind::String, "a\nb"), Err(ValueError::Newline));
        assert_eq!(parse(&Kind::String, "a\0b"), Err(ValueError::Nul));
        let long = "x".repeat(MAX_VALUE_BYTES + 1);
        assert!(matches!(parse(&Kind::String, &long), Err(ValueError::TooLong { .. })));
    }
}
