//! What a command says, in the format that was asked for, and its exit code.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use pgdba_analysis::Block;
use pgdba_pg::text;
use pgdba_report::{Report, html, markdown, text as plain};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One envelope for every command
    Json,
    /// For tickets and wikis
    Markdown,
    /// A page in a single file, for mails
    Html,
}

/// What people see.
#[derive(Debug)]
pub(crate) enum Shown {
    /// In the output format that was asked for.
    Report(Report),
    /// A text of its own language, such as a script, unchanged.
    Verbatim {
        /// The language, as Markdown names it.
        language: &'static str,
        /// The text.
        text: String,
    },
}

impl Default for Shown {
    fn default() -> Self {
        Self::Report(Report::default())
    }
}

impl From<Report> for Shown {
    fn from(report: Report) -> Self {
        Self::Report(report)
    }
}

impl<const N: usize> From<[Block; N]> for Shown {
    fn from(blocks: [Block; N]) -> Self {
        Self::Report(blocks.into_iter().collect())
    }
}

impl From<Vec<Block>> for Shown {
    fn from(blocks: Vec<Block>) -> Self {
        Self::Report(blocks.into_iter().collect())
    }
}

/// What a command has to say.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// For people, in every format but JSON.
    pub(crate) shown: Shown,
    /// For programs.
    pub(crate) data: Value,
    /// What the user should know, one sentence each.
    pub(crate) warnings: Vec<String>,
    /// How it ends.
    pub(crate) exit: Exit,
    /// Why it could not do its work, where it has something to say all the same; its exit code is that of the failure.
    pub(crate) failure: Option<Failure>,
    /// Whether what is shown explains it.
    pub(crate) is_failure_shown: bool,
    /// Whether the result itself went to standard output already.
    pub(crate) is_written: bool,
    /// The one format it has, whatever was asked for.
    pub(crate) only: Option<Format>,
}

/// The language of a text that is Markdown already.
pub(crate) const MARKDOWN: &str = "markdown";

/// Prints the outcome of `command` and gives the exit code.
pub(crate) fn print(command: &str, format: Format, outcome: Result<Answer, Failure>, elapsed: Duration) -> ExitCode {
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let code = match &outcome {
        Ok(Answer { failure: Some(failure), .. }) => failure.exit.code(),
        Ok(answer) => answer.exit.code(),
        Err(failure) => failure.exit.code(),
    };
    let written = match outcome {
        Ok(answer) => print_answer(command, answer.only.unwrap_or(format), answer, elapsed_ms),
        Err(failure) => print_failure(command, format, &failure, elapsed_ms),
    };
    match written {
        // A reader such as `head` that has seen enough is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(Exit::Failed.code()),
        _ => ExitCode::from(code),
    }
}

fn print_answer(command: &str, format: Format, answer: Answer, elapsed_ms: u64) -> io::Result<()> {
    if format != Format::Json {
        let mut stderr = io::stderr().lock();
        answer
            .warnings
            .iter()
            .try_for_each(|warning| writeln!(stderr, "pgdba: warning: {}", text::message(warning)))?;
    }
    if answer.is_written {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    if format == Format::Json {
        let error = answer.failure.as_ref().map_or(Value::Null, json_error);
        let ok = answer.failure.is_none();
        let envelope = envelope(command, ok, answer.data, answer.warnings, error, elapsed_ms);
        return writeln!(out, "{}", text::json(&envelope.to_string()));
    }
    // Every output format makes its texts safe where they enter a line; this is the last defence, which keeps the layout.
    write!(out, "{}", text::layout(&rendered(command, format, answer.shown)))?;
    out.flush()?;
    answer.failure.filter(|_| !answer.is_failure_shown).map_or(Ok(()), |failure| print_failure_text(&failure))
}

/// What is shown, in any format but JSON.
fn rendered(command: &str, format: Format, shown: Shown) -> String {
    match (shown, format) {
        (Shown::Report(mut report), Format::Html) => {
            if report.title.is_empty() {
                report.title = format!("pgdba {command}");
            }
            html::render(&report)
        }
        (Shown::Report(report), Format::Markdown) => markdown::render(&report),
        (Shown::Report(report), Format::Text | Format::Json) => plain::render(&report, terminal::layout()),
        (Shown::Verbatim { language, text }, Format::Markdown) if language != MARKDOWN => {
            format!("{}\n", text::fenced(language, &text))
        }
        (Shown::Verbatim { text, .. }, _) => text,
    }
}

fn json_error(failure: &Failure) -> Value {
    json!({ "code": failure.code, "message": failure.message, "hint": failure.hint })
}

fn print_failure_text(failure: &Failure) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "pgdba: error: {}", text::message(&failure.message))?;
    failure.hint.iter().try_for_each(|hint| writeln!(stderr, "hint: {}", text::message(hint)))
}

fn print_failure(command: &str, format: Format, failure: &Failure, elapsed_ms: u64) -> io::Result<()> {
    if format == Format::Json {
        let error = json_error(failure);
        let envelope = envelope(command, false, Value::Null, Vec::new(), error, elapsed_ms);
        return writeln!(io::stdout(), "{}", text::json(&envelope.to_string()));
    }
    print_failure_text(failure)
}

fn envelope(command: &str, ok: bool, data: Value, warnings: Vec<String>, error: Value, elapsed_ms: u64) -> Value {
    json!({
        "ok": ok,
        "command": command,
        "version": env!("CARGO_PKG_VERSION"),
        "data": data,
        "warnings": warnings,
        "error": error,
        "elapsed_ms": elapsed_ms,
    })
}
