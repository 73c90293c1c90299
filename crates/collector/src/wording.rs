//! How errors of the operating system and limits of time are worded.

use std::fmt;
use std::io;
use std::time::Duration;

/// A failure to write that knows to what: it passes as an error of the operating system through those who do not.
#[derive(Debug, thiserror::Error)]
#[error("could not write {what}: {}", Os(.source))]
pub(crate) struct Unwritable {
    pub(crate) what: String,
    pub(crate) source: io::Error,
}

impl Unwritable {
    /// `source` with the name of what could not be written.
    pub(crate) fn named(what: String, source: io::Error) -> io::Error {
        io::Error::new(source.kind(), Self { what, source })
    }
}

/// An error of the operating system in PostgreSQL's style: lower case, without Rust's number of it.
pub struct Os<'a>(pub &'a io::Error);

impl fmt::Display for Os<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let text = text.split(" (os error").next().unwrap_or_default();
        let mut chars = text.chars();
        let first = chars.next().map(|c| c.to_ascii_lowercase());
        write!(f, "{}{}", first.map(String::from).unwrap_or_default(), chars.as_str())
    }
}

/// A time limit as people write it: whole seconds, else milliseconds.
pub(crate) struct Limit(pub Duration);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(f, "{} s", self.0.as_secs()),
            _ => write!(f, "{} ms", self.0.as_millis()),
        }
    }
}
