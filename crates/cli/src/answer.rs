//! What a command says, in the format that was asked for, and its exit code.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use pgdba_analysis::Block;
use pgdba_pg::text;
use pgdba_report::{Report, html, markdown, text as plain};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

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

/// What programs get.
pub(crate) enum Data {
    /// A small value.
    Value(Value),
    /// A large one, which is written as JSON only if JSON was asked for.
    Lazy(Box<dyn FnOnce() -> serde_json::Result<Box<RawValue>>>),
}

impl Data {
    /// `content`, written only if it is asked for.
    pub(crate) fn lazy(content: impl Serialize + 'static) -> Self {
        Self::Lazy(Box::new(move || serde_json::value::to_raw_value(&content)))
    }

    fn written(self) -> serde_json::Result<Box<RawValue>> {
        match self {
            Self::Value(value) => serde_json::value::to_raw_value(&value),
            Self::Lazy(write) => write(),
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self::Value(Value::Null)
    }
}

impl From<Value> for Data {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Lazy(_) => f.write_str("Lazy"),
        }
    }
}

/// What a command has to say.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// For people, in every format but JSON.
    pub(crate) shown: Shown,
    /// For programs.
    pub(crate) data: Data,
    /// What the user should know, one sentence each.
    pub(crate) warnings: Vec<String>,
    /// How it ends; only a failure has [`Exit::Failed`].
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
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // If standard error fails too, the exit code is all that is left.
            let _ = print_failure_text(&Failure::output(&error));
            ExitCode::from(Exit::Failed.code())
        }
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
        return answer.failure.map_or(Ok(()), |failure| print_failure_text(&failure));
    }
    let mut out = io::stdout().lock();
    if format == Format::Json {
        let (data, warnings) = (answer.data.written()?, answer.warnings);
        return print_envelope(
            &mut out,
            &Envelope::new(command, &data, &warnings, answer.failure.as_ref(), elapsed_ms),
        );
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

fn print_failure_text(failure: &Failure) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "pgdba: error: {}", text::message(&failure.message))?;
    failure.hint.iter().try_for_each(|hint| writeln!(stderr, "hint: {}", text::message(hint)))
}

fn print_failure(command: &str, format: Format, failure: &Failure, elapsed_ms: u64) -> io::Result<()> {
    if format == Format::Json {
        let data = Data::default().written()?;
        return print_envelope(&mut io::stdout(), &Envelope::new(command, &data, &[], Some(failure), elapsed_ms));
    }
    print_failure_text(failure)
}

/// What every command prints as JSON.
#[derive(Serialize)]
struct Envelope<'a> {
    ok: bool,
    command: &'a str,
    version: &'static str,
    data: &'a RawValue,
    warnings: &'a [String],
    error: Option<ErrorMember<'a>>,
    elapsed_ms: u64,
}

#[derive(Serialize)]
struct ErrorMember<'a> {
    code: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    fn new(
        command: &'a str,
        data: &'a RawValue,
        warnings: &'a [String],
        failure: Option<&'a Failure>,
        elapsed_ms: u64,
    ) -> Self {
        let error = failure.map(|failure| ErrorMember {
            code: failure.code,
            message: &failure.message,
            hint: failure.hint.as_deref(),
        });
        Self { ok: error.is_none(), command, version: env!("CARGO_PKG_VERSION"), data, warnings, error, elapsed_ms }
    }
}

fn print_envelope(out: &mut impl Write, envelope: &Envelope<'_>) -> io::Result<()> {
    writeln!(out, "{}", text::json(&serde_json::to_string(envelope)?))?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lazy_is_written_only_as_json() {
        struct Counted(std::rc::Rc<std::cell::Cell<u32>>);
        impl Serialize for Counted {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.set(self.0.get() + 1);
                serializer.serialize_str("content")
            }
        }
        let written = std::rc::Rc::new(std::cell::Cell::new(0));
        let answer = || Answer { data: Data::lazy(Counted(written.clone())), ..Answer::default() };
        for (format, expected) in [(Format::Text, 0), (Format::Markdown, 0), (Format::Html, 0), (Format::Json, 1)] {
            print_answer("test", format, answer(), 0).unwrap();
            assert_eq!(written.get(), expected, "{format:?}");
        }
    }
}
