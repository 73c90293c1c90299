//! The command line of a collection, the same for `pgdba-collect` and for `pgdba inspect`.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::ValueParser;
use pgdba_pg::mask::conninfo;
use pgdba_pg::text;
use pgdba_snapshot::{Producer, psql};

use crate::error::{CollectError, Os};
use crate::options::CollectOptions;
use crate::redaction::KeyFile;
use crate::section;

/// What to collect, and how long it may take.
#[derive(Debug, Clone, clap::Args)]
pub struct CollectArguments {
    /// Collect only these sections, such as pg_settings,pg_class
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    sections: Option<Vec<String>>,
    /// Maximum number of statements from pg_stat_statements
    #[arg(long, value_name = "N", default_value_t = CollectOptions::STATEMENTS)]
    statements: u32,
    /// Collect from all databases, one after another, not only from the connected one
    #[arg(long)]
    all_databases: bool,
    /// Sample cumulative statistics twice, and wait events, locks and statements in between, to compute rates
    #[arg(long)]
    delta: bool,
    /// Duration of a delta: 30s, 5min
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = ValueParser::new(duration), requires = "delta")]
    interval: Duration,
    /// Time limit of the collection, without the interval of a delta: 500ms, 60s, 5min
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = ValueParser::new(duration))]
    max_time: Duration,
    /// Replace the names of databases, roles, tables, columns, hosts, … with tokens
    #[arg(long)]
    redact: bool,
    /// Save the key that restores the names in this file, readable by its owner only; an existing key file is used and
    /// extended
    #[arg(long, value_name = "FILE", requires = "redact")]
    key: Option<PathBuf>,
    /// Exit with 1 if a section that this server version has is not available
    #[arg(long)]
    pub strict: bool,
    /// Print the same collection as a script for plain psql (11 and newer), without connecting to a server
    #[arg(long, conflicts_with_all = ["dsn", "all_databases", "delta", "max_time", "strict", "redact"])]
    emit_sql: bool,
}

impl CollectArguments {
    /// The options they stand for.
    #[must_use]
    pub fn options(&self, producer: Producer) -> CollectOptions {
        CollectOptions {
            sections: self.sections.clone(),
            warns_of_newer_sections: self.sections.is_some(),
            statements: self.statements,
            max_time: self.max_time,
            all_databases: self.all_databases,
            interval: self.delta.then_some(self.interval),
            producer,
        }
    }

    /// The psql script, where that is asked for.
    ///
    /// # Errors
    /// [`CollectError::UnknownSection`].
    pub fn script(&self) -> Result<Option<String>, CollectError> {
        if !self.emit_sql {
            return Ok(None);
        }
        let sections = section::wanted(self.sections.as_deref())?;
        Ok(Some(psql::script(&psql::Options { sections, statements: self.statements })))
    }
}

/// The arguments of this process; help and version are printed, and end it.
///
/// # Errors
/// What is wrong with the call, in several lines, without the password of a connection string that stood in the wrong place.
pub fn try_arguments<P: clap::Parser>() -> Result<P, String> {
    P::try_parse().map_err(|error| {
        if !error.use_stderr() {
            std::process::exit(printed(&error, P::command().get_name()))
        }
        let message = conninfo::mask_urls(&sanitized::<P>(&error));
        // If it cannot be distinguished from a secret, all of it is masked.
        let nothing = message.trim() == pgdba_pg::mask::MASK;
        if nothing { "error: invalid arguments; pass a connection string with --dsn\n".to_owned() } else { message }
    })
}

/// Prints the help or the version that was asked for, and gives the exit code.
fn printed(asked: &clap::Error, program: &str) -> i32 {
    match asked.print().and_then(|()| io::stdout().flush()) {
        // A reader such as `head` that has seen enough is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "{program}: error: could not write to standard output: {}", Os(&error));
            1
        }
        _ => 0,
    }
}

/// What is wrong with the call. Arguments stand in it, and an argument with a newline would be a line: what is told is what
/// would be wrong with the arguments made harmless.
fn sanitized<P: clap::Parser>(error: &clap::Error) -> String {
    let harmless = std::env::args_os().map(|argument| text::message(&argument.to_string_lossy()).into_owned());
    P::try_parse_from(harmless)
        .err()
        .map_or_else(|| text::message(&error.to_string()).into_owned(), |error| error.to_string())
}

/// The arguments of this process; what is wrong with them is said, and ends it.
#[must_use]
pub fn parse_arguments<P: clap::Parser>() -> P {
    try_arguments().unwrap_or_else(|message| {
        eprint!("{}", text::layout(&message));
        std::process::exit(2)
    })
}

impl CollectArguments {
    /// The key of a document that shall be redacted and goes to `output`.
    ///
    /// # Errors
    /// See [`KeyFile::open`].
    pub fn redaction(&self, output: Option<&Path>) -> Result<Option<KeyFile>, CollectError> {
        self.redact.then(|| KeyFile::open(self.key.as_deref(), output)).transpose()
    }

    /// What to say where names are redacted and nothing is kept that restores them.
    #[must_use]
    pub fn forgets_names(&self) -> Option<&'static str> {
        (self.redact && self.key.is_none())
            .then_some("the names cannot be restored, because the key is not saved; --key FILE saves it")
    }
}

/// One line on a terminal that names what is being read; nothing elsewhere.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
}

impl Progress {
    /// Looks whether somebody is watching.
    #[must_use]
    pub fn new() -> Self {
        Self { terminal: io::stderr().is_terminal() }
    }

    /// Shows `text` in place of what was there.
    pub fn show(&mut self, text: &str) {
        if self.terminal {
            // Back to the first column, and what stood there is erased. Progress is worth no error.
            let _ = write!(io::stderr(), "\r\x1b[K{}", text::one_line(text));
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.show("");
    }
}

/// What is wrong with a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It does not begin with a whole number.
    #[error("must be an integer, optionally with the unit ms, s, min or h")]
    Number,
    /// The unit is not known.
    #[error("the unit must be ms, s, min or h")]
    Unit,
    /// It is 0, or more milliseconds than 64 bits hold.
    #[error("must be between 1 ms and 2^64 ms")]
    Range,
}

/// A number with one of PostgreSQL's units of time; seconds without one.
///
/// # Errors
/// One clause on what is wrong with it.
pub fn duration(text: &str) -> Result<Duration, DurationError> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| DurationError::Number)?;
    let milliseconds = match unit.trim() {
        "ms" => 1,
        "" | "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(DurationError::Unit),
    };
    match number.checked_mul(milliseconds) {
        Some(0) | None => Err(DurationError::Range),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_the_units_of_the_server() {
        for (text, milliseconds) in
            [("60s", 60_000), ("500ms", 500), ("5min", 300_000), ("1h", 3_600_000), ("7", 7_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)));
        }
        assert!(duration("soon").is_err() && duration("0s").is_err() && duration("5d").is_err());
    }
}
