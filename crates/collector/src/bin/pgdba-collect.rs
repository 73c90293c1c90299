//! `pgdba-collect`: one file from a running server, to be analysed elsewhere.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::ValueParser;
use pgdba_collector::{AtomicFile, CollectError, CollectOptions, Collected, block_on, collect, parse_dsn};
use pgdba_snapshot::Producer;

/// Collect what a PostgreSQL server says about itself into one file
///
/// Read-only: one connection, one short transaction a section, a time limit on every statement. It reads no user data,
/// and masks what may hold a secret. Whatever the role may not read is left out, and the file says so.
#[derive(Parser)]
#[command(name = "pgdba-collect", version, max_term_width = 100, after_long_help = EXAMPLES, after_help = EXAMPLES)]
struct Arguments {
    /// Server: postgres://USER@HOST:PORT/DATABASE or key=value pairs, as psql takes them (sslmode, service, several
    /// hosts ...); libpq's variables (PGHOST, PGUSER ...) and ~/.pgpass where it is silent
    #[arg(long, value_name = "DSN")]
    dsn: Option<String>,
    /// Only these sections, such as pg_settings,pg_class
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    sections: Option<Vec<String>>,
    /// At most this many statements of pg_stat_statements
    #[arg(long, value_name = "N", default_value_t = CollectOptions::STATEMENTS)]
    statements: u32,
    /// The longest the whole may take: 500ms, 60s, 5min
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = ValueParser::new(duration))]
    max_time: Duration,
    /// Exit with 1 when a section that this version has is not available
    #[arg(long)]
    strict: bool,
    /// File to write; .gz compresses it, - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  pgdba-collect -o db1.json.gz                     the local server, as the current user
  pgdba-collect --dsn 'postgres://monitor@db1/shop?sslmode=verify-full' -o db1.json.gz
  PGPASSWORD=... pgdba-collect --dsn 'host=db1 user=monitor dbname=shop' | ssh desk 'cat > db1.json'
  pgdba-collect --sections pg_settings,system -o -

For everything there is to see, collect as a member of pg_monitor; as a superuser for the host's figures too.
Exit: 0 a file was written, 1 none could be (or, with --strict, something is missing), 2 wrong usage.";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = match &arguments.output {
        Some(path) => path.clone(),
        None if io::stdout().is_terminal() => {
            eprintln!("pgdba-collect: name the file to write with -o FILE (-o - writes to the terminal)");
            return ExitCode::from(2);
        }
        None => PathBuf::from("-"),
    };
    match run(&arguments, &output) {
        Ok(collected) => report(&arguments, &collected),
        Err(error) => {
            eprintln!("pgdba-collect: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}

fn run(arguments: &Arguments, output: &Path) -> Result<Collected, CollectError> {
    let connect = parse_dsn(arguments.dsn.as_deref(), &|name| std::env::var(name).ok())?;
    let options = CollectOptions {
        sections: arguments.sections.clone(),
        statements: arguments.statements,
        max_time: arguments.max_time,
        producer: Producer {
            name: "pgdba-collect".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            via: "native".to_owned(),
        },
    };
    let mut progress = Progress::new();
    let mut show = |section: &str| progress.show(section);
    if output == Path::new("-") {
        let out = io::BufWriter::new(io::stdout());
        return block_on(collect(&connect, &options, out, &mut show)).map(|(_, collected)| collected);
    }
    let file = AtomicFile::create(output)?;
    let (file, collected) = block_on(collect(&connect, &options, file, &mut show))?;
    file.commit()?;
    Ok(collected)
}

fn report(arguments: &Arguments, collected: &Collected) -> ExitCode {
    for warning in &collected.warnings {
        eprintln!("warning: {warning}");
    }
    ExitCode::from(u8::from(arguments.strict && !collected.is_whole()))
}

/// One line on a terminal that names what is being read; nothing elsewhere.
struct Progress {
    terminal: bool,
}

impl Progress {
    fn new() -> Self {
        Self { terminal: io::stderr().is_terminal() }
    }

    fn show(&mut self, text: &str) {
        if self.terminal {
            // Back to the first column, and what stood there is erased. Progress is worth no error.
            let _ = write!(io::stderr(), "\r\x1b[K{text}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.show("");
    }
}

/// A number with one of PostgreSQL's units of time; seconds without one.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "a whole number with ms, s, min or h is needed".to_owned())?;
    let milliseconds = match unit.trim() {
        "ms" => 1,
        "" | "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err("the unit must be ms, s, min or h".to_owned()),
    };
    match number.checked_mul(milliseconds) {
        Some(0) | None => Err("it must be more than nothing and less than an age".to_owned()),
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

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
