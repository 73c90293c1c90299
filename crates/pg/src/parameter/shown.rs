//! What `SHOW` and `pg_settings` make of a text that was set.

use super::kind::Kind;
use super::value::{Value, parse, same};

/// What is shown of a value that was set, where that is not the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The server shows this text instead.
    As(String),
    /// What is shown depends on more than the text.
    Incomparable,
}

/// What the server shows in place of `text`; `None` where it shows the text itself.
#[must_use]
pub fn reads_back_differently(_name: &str, _major: i64, _text: &str) -> Option<Shown> {
    None
}

/// Whether a parameter of this kind that was set to `given` may be shown as `shown`.
///
/// Unlike [`same`] this knows that the server prints six digits of a real number.
#[must_use]
pub fn is_shown_as(kind: &Kind, given: &str, shown: &str) -> bool {
    if same(kind, given, shown) {
        return true;
    }
    match (parse(kind, given), parse(kind, shown)) {
        (Ok(Value::Real(given)), Ok(Value::Real(shown))) => (given - shown).abs() <= given.abs() * 5.000_001e-6,
        _ => false,
    }
}
