//! What a user wants changed: from a file, by hand or from another command.

use std::collections::BTreeMap;
use std::fmt;

use pgdba_pg::mask::MASK;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::change_set::{FORMAT, FORMAT_VERSION, Via};

/// The parameters and their wanted values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// By name in lower case, since the server takes it in any case. No value: RESET.
    pub parameters: BTreeMap<String, Option<String>>,
    /// The server they are meant for, where the file names one.
    pub fingerprint: Option<String>,
    /// Which way they are meant to go, where the file is a whole change set.
    pub via: Option<Via>,
}

/// Why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// It is no JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// It is JSON, and no change set.
    #[error("it is not a change set: {0}")]
    NotAChangeSet(String),
    /// It is from a newer pgdba.
    #[error("its format_version is {found}, but this pgdba supports up to {FORMAT_VERSION}")]
    TooNew {
        /// What it says.
        found: i64,
    },
    /// A parameter stands in it twice.
    #[error("parameter \"{0}\" is specified more than once")]
    Twice(String),
    /// There is nothing in it.
    #[error("no parameter was specified")]
    Empty,
    /// A value that is no text, number or truth value.
    #[error("the value of \"{0}\" is not a string, number, true, false or null")]
    BadValue(String),
    /// `name=value` was expected.
    #[error("\"{0}\" does not have the form name=value")]
    NotAPair(String),
    /// No name of a parameter; what stands there may be a value in the wrong place, so it is not repeated.
    #[error("invalid parameter name")]
    NotAName,
    /// A value in which pgdba masked a secret.
    #[error("the value of \"{0}\" contains {MASK}, with which pgdba masks secrets")]
    Masked(String),
}

impl BadRequest {
    /// A word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson(_) => "change_set_not_json",
            Self::NotAChangeSet(_) | Self::BadValue(_) => "bad_change_set",
            Self::NotAName => "bad_name",
            Self::Masked(_) => "masked_value",
            Self::TooNew { .. } => "change_set_too_new",
            Self::Twice(_) => "parameter_twice",
            Self::Empty => "nothing_to_change",
            Self::NotAPair(_) => "bad_pair",
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotJson(_) | Self::NotAChangeSet(_) | Self::BadValue(_) => {
                "Write it as {\"parameters\": {\"work_mem\": \"64MB\"}}; null resets a parameter."
            }
            Self::TooNew { .. } => "Use the pgdba version that wrote it, or a newer one.",
            Self::Twice(_) => "Specify each parameter once.",
            Self::Empty => "Use --set name=value, --reset name or --file changes.json.",
            Self::NotAName => {
                "A name consists of letters, digits, _, $ and dots, such as work_mem or auto_explain.log_analyze."
            }
            Self::Masked(_) => "Replace the mask with the secret, or leave the parameter out.",
            Self::NotAPair(_) => "Write --set work_mem=64MB; --reset work_mem removes the value.",
        }
    }
}

impl Request {
    /// Reads a file: the short form that people write, or a whole ChangeSet.
    ///
    /// # Errors
    /// [`BadRequest`].
    pub fn read(text: &str) -> Result<Self, BadRequest> {
        // Editors on Windows begin a file with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file: File = serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => BadRequest::NotAChangeSet(without_content(&error)),
            _ => BadRequest::NotJson(without_content(&error)),
        })?;
        if file.format.as_deref().is_some_and(|format| format != FORMAT) {
            return Err(BadRequest::NotAChangeSet(format!("its format is not {FORMAT}")));
        }
        if let Some(found) = file.format_version.filter(|version| *version > FORMAT_VERSION) {
            return Err(BadRequest::TooNew { found });
        }
        let mut request = Self { fingerprint: file.fingerprint, via: file.via, ..Self::default() };
        for (name, value) in file.parameters.0 {
            let value = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                Value::Bool(true) => Some("on".to_owned()),
                Value::Bool(false) => Some("off".to_owned()),
                Value::Number(number) => Some(number.to_string()),
                Value::Array(_) | Value::Object(_) if !is_name(&name) => return Err(BadRequest::NotAName),
                Value::Array(_) | Value::Object(_) => return Err(BadRequest::BadValue(name)),
            };
            request.add(&name, value)?;
        }
        request.checked()
    }

    /// From `--set name=value` and `--reset name`.
    ///
    /// # Errors
    /// [`BadRequest`].
    pub fn of_arguments(set: &[String], reset: &[String]) -> Result<Self, BadRequest> {
        let mut request = Self::default();
        for pair in set {
            let parts = pair.split_once('=').map(|(name, value)| (name.trim(), value));
            // What stands there may be a value that was put in the wrong place: only a name is repeated.
            let (name, value) = parts
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| BadRequest::NotAPair(if is_name(pair) { pair.clone() } else { "--set".to_owned() }))?;
            request.add(name, Some(value.to_owned()))?;
        }
        for name in reset {
            request.add(name.trim(), None)?;
        }
        request.checked()
    }

    fn add(&mut self, name: &str, value: Option<String>) -> Result<(), BadRequest> {
        if !is_name(name) {
            return Err(BadRequest::NotAName);
        }
        if value.as_ref().is_some_and(|value| value.contains(MASK)) {
            return Err(BadRequest::Masked(name.to_owned()));
        }
        match self.parameters.insert(name.to_ascii_lowercase(), value) {
            Some(_) => Err(BadRequest::Twice(name.to_owned())),
            None => Ok(()),
        }
    }

    fn checked(self) -> Result<Self, BadRequest> {
        if self.parameters.is_empty() { Err(BadRequest::Empty) } else { Ok(self) }
    }
}

/// The longest name in bytes: two parts of the longest identifier there is.
const LONGEST_NAME: usize = 127;

/// Whether a parameter can be called so; an extension's has dots.
fn is_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    let is_part = |part: &str| {
        part.starts_with(is_letter) && part.chars().all(|c| is_letter(c) || c.is_ascii_digit() || c == '$')
    };
    text.len() <= LONGEST_NAME && text.split('.').all(is_part)
}

#[derive(Deserialize)]
struct File {
    format: Option<String>,
    format_version: Option<i64>,
    fingerprint: Option<String>,
    #[serde(default)]
    via: Option<Via>,
    parameters: Pairs,
}

/// Names and values in their order, with those that stand there twice.
struct Pairs(Vec<(String, Value)>);

#[derive(Deserialize)]
struct Listed {
    name: String,
    #[serde(default)]
    new_value: Value,
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parameters as {\"name\": value} or as a list of {\"name\", \"new_value\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(Listed { name, new_value }) = list.next_element()? {
            pairs.push((name, new_value));
        }
        Ok(Pairs(pairs))
    }
}

/// A parser's message without what it repeats of the text, which may be a secret.
fn without_content(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "unexpected end",
        serde_json::error::Category::Data => "a member is missing or has the wrong type",
        _ => "invalid syntax",
    };
    format!("{what}, line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, Option<String>)>, BadRequest> {
        Request::read(text).map(|request| request.parameters.into_iter().collect())
    }

    #[test]
    fn files_written_by_hand_and_whole_change_sets_are_read() {
        let value = |text: &str| Some(text.to_owned());
        let short =
            read(r#"{"parameters":{"Work_Mem":"64MB","jit":false,"max_connections":90,"fsync":null}}"#).unwrap();
        let expected =
            [("fsync", None), ("jit", value("off")), ("max_connections", value("90")), ("work_mem", value("64MB"))];
        assert_eq!(short, expected.map(|(name, value)| (name.to_owned(), value)));
        let long = read(r#"{"format":"pgdba.change_set","parameters":[{"name":"work_mem","new_value":"1GB","x":1}]}"#);
        assert_eq!(long.unwrap(), [("work_mem".to_owned(), value("1GB"))]);
        let set = Request::of_arguments(&["log_line_prefix=%m = ".to_owned()], &["jit".to_owned()]).unwrap();
        assert_eq!(set.parameters["log_line_prefix"].as_deref(), Some("%m = "));
        assert_eq!(set.parameters["jit"], None);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_repeats_no_value() {
        let cases = [
            ("", "change_set_not_json"),
            ("{\"parameters\":{\"a\":\"s3cret", "change_set_not_json"),
            ("[]", "bad_change_set"),
            ("{\"parameters\":\"s3cret\"}", "bad_change_set"),
            ("{\"parameters\":{\"a\":[\"s3cret\"]}}", "bad_change_set"),
            ("{\"format\":\"s3cret\",\"parameters\":{\"a\":1}}", "bad_change_set"),
            ("{\"format_version\":9,\"parameters\":{\"a\":1}}", "change_set_too_new"),
            ("{\"parameters\":{\"a\":1,\"A\":2}}", "parameter_twice"),
            ("{\"parameters\":{\"a\":1,\"a\":1}}", "parameter_twice"),
            ("{\"parameters\":{}}", "nothing_to_change"),
            ("{\"parameters\":{\"postgres://u:s3cret@h\":[]}}", "bad_name"),
        ];
        for (text, code) in cases {
            let error = read(text).unwrap_err();
            assert_eq!(error.code(), code, "{text}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        for (argument, code) in [
            ("postgres://u:s3cret@h", "bad_pair"),
            ("postgres://u:s3cret@h/db?sslmode=require", "bad_name"),
            ("primary_conninfo=host=a password=***", "masked_value"),
        ] {
            let error = Request::of_arguments(&[argument.to_owned()], &[]).unwrap_err();
            assert_eq!((error.code(), error.to_string().contains("s3cret")), (code, false), "{error}");
        }
        assert_eq!(Request::of_arguments(&[], &["a b".to_owned()]), Err(BadRequest::NotAName));
    }
}
