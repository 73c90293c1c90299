//! `pgdba snapshot redact`: a copy of a file with tokens in place of names.

use std::path::{Path, PathBuf};

use pgdba_analysis::Block;
use pgdba_collector::{AtomicFile, KeyFile, StandardOutput};
use serde_json::json;

use crate::answer::Answer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::target;
use crate::terminal::shell_word;

const EXAMPLES: &str = "\
Examples:
  pgdba snapshot redact shop.json.gz -o shop-redacted.json.gz --key site.key
  pgdba report shop-redacted.json.gz --key site.key -o shop.html";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A snapshot file, plain or gzip; - for standard input
    file: PathBuf,
    /// Where to write the redacted document, gzip if it ends in .gz; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write the key that restores the names to this file, readable by its owner only; an existing key is reused and
    /// extended. Without it the names cannot be restored
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Answer, Failure> {
    target::protect(&[&args.file], &args.output)?;
    let snapshot = target::read(&args.file)?;
    if snapshot.redacted {
        return Err(Failure {
            code: "snapshot_redacted",
            message: format!("\"{}\" is already redacted", args.file.display()),
            hint: Some("Name the snapshot that it was made from.".to_owned()),
            exit: Exit::Usage,
        });
    }
    let mut key = KeyFile::open(args.key.as_deref(), Some(&args.output))?;
    let warnings = snapshot.problems.clone();
    if args.output == Path::new("-") {
        key.redact(&snapshot, StandardOutput::open())?;
        key.commit()?;
        return Ok(Answer { warnings, is_written: true, ..Answer::default() });
    }
    let file = key.redact(&snapshot, AtomicFile::create(&args.output)?)?;
    key.commit()?;
    file.commit()?;
    let shown = args.output.display().to_string();
    let kept = match &args.key {
        Some(key) => format!("The key is in {}: do not send it with the snapshot.", key.display()),
        None => "The key was not kept: the names cannot be restored.".to_owned(),
    };
    Ok(Answer {
        shown: [
            Block::paragraph(format!("Wrote {shown}. {kept}")),
            Block::shell("Check it with", format!("pgdba snapshot verify {}", shell_word(&shown))),
        ]
        .into(),
        data: json!({ "file": shown, "key": args.key.as_ref().map(|key| key.display().to_string()) }).into(),
        warnings,
        ..Answer::default()
    })
}
