//! Why a key cannot be used.

use thiserror::Error;

/// The format version of key files that this pgdba writes and reads.
pub(super) const FORMAT_VERSION: i64 = 1;

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// It is not JSON, or a member is missing.
    #[error("it is not a key file: {0}")]
    NotAKey(String),
    /// JSON of something else.
    #[error("it is not a key file, but a document of format {0:?}")]
    OtherFormat(String),
    /// A key of a newer format.
    #[error("it has format version {0}, but this pgdba supports up to version {FORMAT_VERSION}")]
    NewerFormat(i64),
    /// The secret is not 64 hexadecimal digits.
    #[error("its secret is damaged")]
    BadSecret,
    /// A token that no pgdba makes.
    #[error("{0:?} is not a token")]
    BadToken(String),
    /// The key of other snapshots.
    #[error("it is not the key that the snapshot was redacted with")]
    OtherKey,
}

impl KeyError {
    /// What to do about a file that is no key.
    pub const NO_KEY: &str = "Use the key file written by `--redact --key FILE` or `pgdba snapshot redact`.";

    /// The stable word for this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherKey => "key_mismatch",
            _ => "bad_key",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::OtherKey => "Use the key file that the snapshot was redacted with.",
            _ => Self::NO_KEY,
        }
    }
}
