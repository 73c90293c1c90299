//! `pgdba inspect`: collects a snapshot of a server.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use pgdba_analysis::Block;
use pgdba_collector::{
    AtomicFile, CollectArguments, Collected, KeyFile, Progress, StandardOutput, block_on, collect_redacted,
};
use serde_json::json;

use crate::answer::{Answer, Data, Format, Shown};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target::{Server, producer};
use crate::terminal::shell_word;

const EXAMPLES: &str = "\
Examples:
  pgdba inspect -o snapshot.json.gz
  pgdba inspect --dsn postgres://monitor@db1/shop -o shop.json.gz
  pgdba inspect --name prod -o prod.json.gz
  pgdba inspect --sections pg_settings,system --format json
  pgdba inspect --redact --key site.key -o shop.json.gz     the names stay in site.key
  pgdba inspect --emit-sql -o pgdba.sql                     for hosts where binaries are not allowed";

/// Collect a snapshot of a server, without user data and without writing to the server
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, mut_arg("emit_sql", |arg| arg.conflicts_with("name")))]
pub(crate) struct Args {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    collect: CollectArguments,
    /// Output file, compressed if it ends in .gz; - for standard output. Without it, the snapshot is printed inside the
    /// envelope of --format json
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Collects. Without `-o` the document goes to standard output in the envelope, in any format; but to a terminal only on
/// request.
pub(crate) fn run(args: &Args, format: Format) -> Result<Answer, Failure> {
    if let Some(script) = args.collect.script()? {
        return emit(&script, args.output.as_deref());
    }
    if args.output.is_none() && format != Format::Json && io::stdout().is_terminal() {
        let hint = "Choose a file with -o FILE, or write to the terminal with -o - or --format json.";
        return Err(Failure::usage("no_output", "no output file was given, and standard output is a terminal", hint));
    }
    let (connect, warnings) = args.server.connection()?;
    let options = args.collect.options(producer());
    let mut key = args.collect.redaction(args.output.as_deref())?;
    let forgotten = args.collect.forgets_names().map(str::to_owned);
    let mut progress = Progress::new();
    let mut show = |section: &str| progress.show(section);
    let (mut answer, is_whole) = match args.output.as_deref() {
        Some(path) if path != Path::new("-") => {
            let (file, collected) = block_on(async {
                let file = AtomicFile::create(path)?;
                collect_redacted(&connect, &options, key.as_mut(), file, &mut show).await
            })?;
            key.as_ref().map(KeyFile::commit).transpose()?;
            file.commit()?;
            (summary(path, &collected), collected.is_whole())
        }
        None => {
            let (document, collected) =
                block_on(collect_redacted(&connect, &options, key.as_mut(), Vec::new(), &mut show))?;
            key.as_ref().map(KeyFile::commit).transpose()?;
            let data = serde_json::from_slice(&document)?;
            let is_whole = collected.is_whole();
            let warnings = collected.warnings;
            (Answer { data: Data::Value(data), warnings, only: Some(Format::Json), ..Answer::default() }, is_whole)
        }
        Some(_) => {
            let out = StandardOutput::open();
            let (_, collected) = block_on(collect_redacted(&connect, &options, key.as_mut(), out, &mut show))?;
            key.as_ref().map(KeyFile::commit).transpose()?;
            let warnings = collected.warnings.clone();
            (Answer { warnings, is_written: true, ..Answer::default() }, collected.is_whole())
        }
    };
    answer.warnings.splice(0..0, warnings.into_iter().chain(forgotten));
    if args.collect.strict && !is_whole {
        answer.failure = Some(Failure {
            code: "incomplete",
            message: "the snapshot is incomplete, which --strict treats as a failure".to_owned(),
            hint: Some("The warnings name what is missing; collect without --strict to accept it.".to_owned()),
            exit: Exit::Failed,
        });
    }
    Ok(answer)
}

/// The psql script, to standard output or into a file.
fn emit(script: &str, output: Option<&Path>) -> Result<Answer, Failure> {
    let Some(path) = output.filter(|path| *path != Path::new("-")) else {
        let shown = Shown::Verbatim { language: "sql", text: script.to_owned() };
        return Ok(Answer { shown, data: json!({ "script": script }).into(), ..Answer::default() });
    };
    AtomicFile::write_text(path, script)?;
    let shown = path.display().to_string();
    Ok(Answer {
        shown: [
            Block::paragraph(format!("Wrote {shown}.")),
            Block::shell("Run it with", format!("psql -X -f {} \"DSN\" > snapshot.json", shell_word(&shown))),
        ]
        .into(),
        data: json!({ "file": shown }).into(),
        ..Answer::default()
    })
}

fn summary(path: &Path, collected: &Collected) -> Answer {
    let missing = collected.sections.iter().filter(|section| section.error.is_some()).count();
    let all = collected.sections.len();
    let shown = path.display().to_string();
    Answer {
        shown: [
            Block::paragraph(format!("Wrote {shown}: {} of {all} sections.", all - missing)),
            Block::shell("Check it with", format!("pgdba check --snapshot {}", shell_word(&shown))),
        ]
        .into(),
        data: json!({ "file": shown, "sections": all, "missing": missing }).into(),
        warnings: collected.warnings.clone(),
        ..Answer::default()
    }
}
