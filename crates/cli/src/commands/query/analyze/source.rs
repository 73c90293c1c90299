//! Where a plan comes from: a text that EXPLAIN printed, or a live server.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::ValueParser;
use pgdba_collector::arguments::duration;
use pgdba_collector::block_on;
use pgdba_collector::explain::Explain;
use pgdba_plan::{Plan, limits};

use crate::failure::Failure;
use crate::target::Server;

/// The options that name it.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("source").required(true).args(["sql", "file", "plan"])))]
pub(super) struct Source {
    /// The statement to analyze on a live server
    #[arg(long)]
    sql: Option<String>,
    /// A file with the statement to analyze on a live server; - for standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A file with the output of EXPLAIN; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "dsn", "no_analyze", "allow_write", "max_time"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    server: Server,
    /// Plan the statement, without executing it
    #[arg(long)]
    no_analyze: bool,
    /// Allow the statement to write; what it writes is rolled back
    #[arg(long, conflicts_with = "no_analyze")]
    allow_write: bool,
    /// Time limit of the statement: 500ms, 60s, 5min
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = ValueParser::new(duration))]
    max_time: Duration,
}

impl Source {
    /// The plans, with warnings.
    pub(super) fn plans(&self) -> Result<(Vec<Plan>, Vec<String>), Failure> {
        if let Some(path) = &self.plan {
            return Ok((of_text(&String::from_utf8_lossy(&bytes(path)?), &shown(path))?, Vec::new()));
        }
        let of_file = self.file.as_deref().map(statement).transpose()?;
        self.of_server(self.sql.as_ref().or(of_file.as_ref()).map_or("", |sql| sql.trim()))
    }

    fn of_server(&self, sql: &str) -> Result<(Vec<Plan>, Vec<String>), Failure> {
        let (connect, mut warnings) = self.server.connection()?;
        let explain = Explain { sql, analyze: !self.no_analyze, may_write: self.allow_write, max_time: self.max_time };
        let explained = block_on(explain.run(&connect))?;
        warnings.extend(explained.warnings);
        let mut plans = of_text(&explained.plan, "the answer of the server")?;
        for plan in &mut plans {
            plan.query_text = Some(sql.to_owned());
        }
        Ok((plans, warnings))
    }
}

/// The plans in what EXPLAIN printed.
fn of_text(text: &str, source: &str) -> Result<Vec<Plan>, Failure> {
    pgdba_plan::read(text).map_err(|error| {
        Failure::usage(error.code(), format!("could not read a plan from {source}: {error}"), error.hint())
    })
}

/// The statement in the file. Any other text would be executed as another statement.
fn statement(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(bytes(path)?).ok().filter(|text| !text.contains('\0'));
    let text = text.ok_or_else(|| {
        let message = format!("{} is not a text in UTF-8", shown(path));
        Failure::usage("file_not_text", message, "Convert the file to UTF-8.")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// What is in the file.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let limit = limits::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
        _ => std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.map_err(|error| {
        Failure::usage(
            "file_not_read",
            format!("could not read {}: {error}", shown(path)),
            "Check the path and its permissions.",
        )
    })?;
    Ok(bytes)
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { format!("\"{}\"", path.display()) }
}
