//! `pgdba inspect`: one server into one snapshot.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pgdba_collector::{AtomicFile, Collected, block_on, collect, parse_dsn};
use serde_json::json;

use crate::answer::{Answer, Format};
use crate::failure::Failure;
use crate::target::default_options;

const EXAMPLES: &str = "\
Examples:
  pgdba inspect -o snapshot.json.gz
  pgdba inspect --dsn postgres://monitor@db1/shop -o shop.json.gz
  pgdba inspect --sections pg_settings,system --format json";

/// Reads a server into a DiagSnapshot: no user data, nothing written on the server
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// URL or key=value pairs; libpq's variables stand in for what it does not say
    #[arg(long)]
    dsn: Option<String>,
    /// Only these sections, separated by commas
    #[arg(long, value_delimiter = ',')]
    sections: Option<Vec<String>>,
    /// How many statements of pg_stat_statements to take
    #[arg(long, default_value_t = 1000)]
    statements: u32,
    /// Longest time for everything, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    max_time: u64,
    /// Where to write the bare document, gzip if it ends in .gz; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Collects; without `-o` the document goes to standard output, in the envelope with `--format json`.
pub(crate) fn run(args: &Args, format: Format) -> Result<Answer, Failure> {
    let connect = parse_dsn(args.dsn.as_deref(), &|name| std::env::var(name).ok())?;
    let mut options = default_options();
    options.sections.clone_from(&args.sections);
    options.statements = args.statements;
    options.max_time = Duration::from_secs(args.max_time);
    match args.output.as_deref() {
        Some(path) if path != Path::new("-") => {
            let file = AtomicFile::create(path)?;
            let (file, collected) = block_on(collect(&connect, &options, file, &mut |_| {}))?;
            file.commit()?;
            Ok(summary(path, collected))
        }
        None if format == Format::Json => {
            let (document, collected) = block_on(collect(&connect, &options, Vec::new(), &mut |_| {}))?;
            let data = serde_json::from_slice(&document)?;
            Ok(Answer { data, warnings: collected.warnings, ..Answer::default() })
        }
        _ => {
            let out = io::BufWriter::new(io::stdout());
            let (_, collected) = block_on(collect(&connect, &options, out, &mut |_| {}))?;
            Ok(Answer { warnings: collected.warnings, is_written: true, ..Answer::default() })
        }
    }
}

fn summary(path: &Path, collected: Collected) -> Answer {
    let missing = collected.sections.iter().filter(|section| section.error.is_some()).count();
    let all = collected.sections.len();
    let shown = path.display().to_string();
    Answer {
        text: format!(
            "wrote {shown}: {} of {all} sections\nread it with: pgdba check --snapshot {shown}\n",
            all - missing
        ),
        data: json!({ "file": shown, "sections": all, "missing": missing }),
        warnings: collected.warnings,
        ..Answer::default()
    }
}
