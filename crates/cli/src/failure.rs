//! Why a command could not do its work: one sentence, a word for programs, the next step.

use pgdba_collector::CollectError;
use pgdba_snapshot::ReadError;

/// A failure as the user is told of it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// A stable word for programs.
    pub(crate) code: &'static str,
    /// One sentence.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: Option<String>,
    /// Whether the call itself was wrong.
    pub(crate) is_usage: bool,
}

impl Failure {
    /// A call that cannot be carried out as it stands.
    pub(crate) fn usage(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Self { code, message: message.into(), hint: Some(hint.to_owned()), is_usage: true }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(verb: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = format!("could not {verb} \"{}\": {error}", path.display());
        Self { code: "file_failed", message, hint: None, is_usage: false }
    }

    /// A file that is no snapshot.
    pub(crate) fn snapshot(path: &std::path::Path, error: &ReadError) -> Self {
        Self {
            code: error.code(),
            message: format!("could not read \"{}\": {error}", path.display()),
            hint: Some(error.hint().to_owned()),
            is_usage: false,
        }
    }
}

impl From<CollectError> for Failure {
    fn from(error: CollectError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            hint: error.hint().map(str::to_owned),
            is_usage: error.is_usage(),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        let message = format!("could not write the result as JSON: {error}");
        Self { code: "json_failed", message, hint: None, is_usage: false }
    }
}
