//! Why a command could not do its work: one sentence, a word for programs, the next step.

use pgdba_apply::ApplyError;
use pgdba_change::request::BadRequest;
use pgdba_collector::CollectError;
use pgdba_snapshot::ReadError;

use crate::answer::Exit;

/// A failure as the user is told of it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// A stable word for programs.
    pub(crate) code: &'static str,
    /// One sentence.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: Option<String>,
    /// The exit code it comes to.
    pub(crate) exit: Exit,
}

impl Failure {
    /// A call that cannot be carried out as it stands.
    pub(crate) fn usage(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Self { code, message: message.into(), hint: Some(hint.to_owned()), exit: Exit::Usage }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(verb: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = format!("could not {verb} \"{}\": {error}", path.display());
        Self { code: "file_failed", message, hint: None, exit: Exit::Failed }
    }

    /// A file that is no snapshot.
    pub(crate) fn snapshot(path: &std::path::Path, error: &ReadError) -> Self {
        Self {
            code: error.code(),
            message: format!("could not read \"{}\": {error}", path.display()),
            hint: Some(error.hint().to_owned()),
            exit: Exit::Failed,
        }
    }
}

impl From<CollectError> for Failure {
    fn from(error: CollectError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            hint: error.hint().map(str::to_owned),
            exit: if error.is_usage() { Exit::Usage } else { Exit::Failed },
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        let exit = match &error {
            error if error.is_locked() => Exit::Locked,
            error if error.is_usage() => Exit::Usage,
            _ => Exit::Failed,
        };
        Self { code: error.code(), message: error.to_string(), hint: error.hint(), exit }
    }
}

impl From<BadRequest> for Failure {
    fn from(error: BadRequest) -> Self {
        Self::usage(error.code(), error.to_string(), error.hint())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        let message = format!("could not write the result as JSON: {error}");
        Self { code: "json_failed", message, hint: None, exit: Exit::Failed }
    }
}
