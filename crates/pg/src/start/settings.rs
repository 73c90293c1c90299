//! The settings with which a server will start.

use std::collections::BTreeMap;

use crate::parameter::{Kind, Value, parse, split_list};
use crate::version::ServerVersion;

/// The effective settings of a server at its next start: the defaults take part, and so does what the command line and the
/// files say.
///
/// A parameter that is not in here is not known, and no rule assumes a value for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The server's version.
    pub version: ServerVersion,
    values: BTreeMap<String, Value>,
}

impl Settings {
    /// No settings yet.
    #[must_use]
    pub const fn new(version: ServerVersion) -> Self {
        Self { version, values: BTreeMap::new() }
    }

    /// Adds a parameter, or replaces its value. A text that is not a value of this kind leaves the parameter unknown.
    pub fn insert(&mut self, name: &str, kind: &Kind, text: &str) {
        let name = name.to_ascii_lowercase();
        match parse(kind, text) {
            Ok(value) => self.values.insert(name, value),
            Err(_) => self.values.remove(&name),
        };
    }

    /// Makes a parameter unknown.
    pub fn forget(&mut self, name: &str) {
        self.values.remove(&name.to_ascii_lowercase());
    }

    /// The number, in the parameter's own unit.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number of a parameter that takes fractions, in its own unit.
    #[must_use]
    pub fn real(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            Value::Real(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether a Boolean parameter is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> Option<bool> {
        match self.values.get(name)? {
            Value::Bool(on) => Some(*on),
            _ => None,
        }
    }

    /// The text, or the word of an enum as `pg_settings` spells it.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name)? {
            Value::Text(text) | Value::Enum(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list of file names; none too where its syntax is invalid.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        match self.values.get(name)? {
            Value::List(elements) => Some(elements.clone()),
            Value::Text(text) => split_list(text, false),
            _ => None,
        }
    }
}
