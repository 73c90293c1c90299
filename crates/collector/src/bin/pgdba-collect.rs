//! `pgdba-collect`: one file from a running server, to be analyzed elsewhere.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use pgdba_collector::{
    AtomicFile, CollectArguments, CollectError, Collected, KeyFile, Progress, StandardOutput, block_on,
    collect_redacted, parse_arguments, parse_dsn,
};
use pgdba_pg::text::message;
use pgdba_snapshot::Producer;

/// Collect what a PostgreSQL server reports about itself into one file
/// Read-only: one connection, one short transaction per section, a timeout on every statement. It does not read user
/// data, and masks values that might contain a secret. What the role cannot read is left out, and the file lists it.
#[derive(Parser)]
#[command(name = "pgdba-collect", version, max_term_width = 100, after_long_help = EXAMPLES, after_help = EXAMPLES)]
struct Arguments {
    /// Server: postgres://USER@HOST:PORT/DATABASE or key=value pairs, as for psql (sslmode, service, several hosts,
    /// ...); libpq's environment variables (PGHOST, PGUSER, ...) and ~/.pgpass supply what is missing
    #[arg(long, value_name = "DSN")]
    dsn: Option<String>,
    #[command(flatten)]
    collect: CollectArguments,
    /// Output file; .gz compresses it, - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  pgdba-collect -o db1.json.gz                     the local server, as the current user
  pgdba-collect --dsn 'postgres://monitor@db1/shop?sslmode=verify-full' -o db1.json.gz
  PGPASSWORD=... pgdba-collect --dsn 'host=db1 user=monitor dbname=shop' | ssh desk 'cat > db1.json'
  pgdba-collect --sections pg_settings,system -o -
  pgdba-collect --redact --key site.key -o db1.json.gz   the names stay here, in site.key
  pgdba-collect --emit-sql -o pgdba.sql            a script for plain psql; does not connect to a server

A member of pg_monitor can read most of it; a superuser can read everything, including figures of the host.
Exit codes: 0 success; 1 failure, or with --strict the file is incomplete; 2 usage error.";

fn main() -> ExitCode {
    let arguments: Arguments = parse_arguments();
    match arguments.collect.script() {
        Ok(None) => collected(&arguments),
        Ok(Some(script)) => emit(&script, arguments.output.as_deref()).map_or_else(refuse, |()| ExitCode::SUCCESS),
        Err(error) => refuse(error),
    }
}

/// Collects as the arguments say.
fn collected(arguments: &Arguments) -> ExitCode {
    let output = match &arguments.output {
        Some(path) => path.clone(),
        None if io::stdout().is_terminal() => {
            eprintln!("pgdba-collect: specify the output file with -o FILE (-o - writes to standard output)");
            return ExitCode::from(2);
        }
        None => PathBuf::from("-"),
    };
    match run(arguments, &output) {
        Ok(collected) => report(arguments, &collected),
        Err(error) => refuse(error),
    }
}

fn refuse(error: CollectError) -> ExitCode {
    eprintln!("pgdba-collect: {}", message(&error.to_string()));
    if let Some(hint) = error.hint() {
        eprintln!("hint: {}", message(hint));
    }
    ExitCode::from(if error.is_usage() { 2 } else { 1 })
}

/// Writes the psql script.
fn emit(script: &str, output: Option<&Path>) -> Result<(), CollectError> {
    let Some(path) = output.filter(|path| *path != Path::new("-")) else {
        let mut out = StandardOutput::open();
        return out.write_all(script.as_bytes()).and_then(|()| out.flush()).map_err(CollectError::document);
    };
    AtomicFile::write_text(path, script)
}

fn run(arguments: &Arguments, output: &Path) -> Result<Collected, CollectError> {
    let connect = parse_dsn(arguments.dsn.as_deref(), &|name| std::env::var(name).ok())?;
    let options = arguments.collect.options(Producer {
        name: "pgdba-collect".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        via: "native".to_owned(),
    });
    let mut key = arguments.collect.redaction(Some(output))?;
    let mut progress = Progress::new();
    let mut show = |section: &str| progress.show(section);
    if output == Path::new("-") {
        let out = StandardOutput::open();
        let (_, collected) = block_on(collect_redacted(&connect, &options, key.as_mut(), out, &mut show))?;
        key.as_ref().map(KeyFile::commit).transpose()?;
        return Ok(collected);
    }
    let (file, collected) = block_on(async {
        let file = AtomicFile::create(output)?;
        collect_redacted(&connect, &options, key.as_mut(), file, &mut show).await
    })?;
    key.as_ref().map(KeyFile::commit).transpose()?;
    file.commit()?;
    Ok(collected)
}

fn report(arguments: &Arguments, collected: &Collected) -> ExitCode {
    let fails = arguments.collect.strict && !collected.is_whole();
    let strict = fails.then_some("the snapshot is incomplete, so the exit code is 1 (--strict)");
    let warnings = collected.warnings.iter().map(String::as_str);
    for warning in arguments.collect.forgets_names().into_iter().chain(warnings).chain(strict) {
        eprintln!("warning: {}", message(warning));
    }
    ExitCode::from(u8::from(fails))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
