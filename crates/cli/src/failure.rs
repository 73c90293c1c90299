//! Why a command failed: an error code, a message and a hint.

use pgdba_apply::ApplyError;
use pgdba_change::request::BadRequest;
use pgdba_collector::CollectError;
use pgdba_collector::error::Os;
use pgdba_collector::explain::ExplainError;
use pgdba_snapshot::ReadError;

use crate::exit::Exit;

/// A failure, as reported to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The stable error code.
    pub(crate) code: &'static str,
    /// The message.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: Option<String>,
    /// The exit code.
    pub(crate) exit: Exit,
}

impl Failure {
    /// A usage error.
    pub(crate) fn usage(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Self { code, message: message.into(), hint: Some(hint.to_owned()), exit: Exit::Usage }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(verb: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = format!("could not {verb} \"{}\": {}", path.display(), Os(error));
        Self { code: "file_failed", message, hint: None, exit: Exit::Failed }
    }

    /// Standard output that cannot be written to.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        let message = format!("could not write to standard output: {}", Os(error));
        Self { code: "output_failed", message, hint: None, exit: Exit::Failed }
    }

    /// A file that is not a snapshot.
    pub(crate) fn snapshot(path: &std::path::Path, error: &ReadError) -> Self {
        Self {
            code: error.code(),
            message: format!("could not read \"{}\": {error}", path.display()),
            hint: Some(error.hint().to_owned()),
            exit: Exit::Failed,
        }
    }
}

/// The commands of `pgdba config` that connect to a live server.
const OF_A_SERVER: [&str; 4] = ["apply", "history", "rollback", "show"];

impl Failure {
    /// The same with `options`, which name the server, in each command of its hint.
    pub(crate) fn with_server(self, options: &str) -> Self {
        let insert = |hint: String, word: &&str| {
            let command = format!("pgdba config {word}");
            let with_options = format!("{command}{options}");
            // Commands that do not connect to a server do not have these options.
            hint.replace(&command, &with_options)
                .replace(&format!("{with_options} --offline"), &format!("{command} --offline"))
        };
        Self { hint: self.hint.map(|hint| OF_A_SERVER.iter().fold(hint, insert)), ..self }
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

impl From<ExplainError> for Failure {
    fn from(error: ExplainError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            hint: error.hint(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_a_hint_name_the_server() {
        let hint = "undo it with: pgdba config rollback --changeset-id 1; continue with: pgdba config apply --resume";
        let hint = Failure::usage("incomplete", "incomplete", hint).with_server(" --name prod").hint.unwrap();
        let expected = "undo it with: pgdba config rollback --name prod --changeset-id 1; \
                        continue with: pgdba config apply --name prod --resume";
        assert_eq!(hint, expected);
        let offline = "run: pgdba config rollback --offline --data-directory /d --changeset-id 1";
        assert_eq!(Failure::usage("incomplete", "", offline).with_server(" --name prod").hint.unwrap(), offline);
    }
}
