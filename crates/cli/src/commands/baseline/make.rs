//! `pgdba baseline`: the state of a server at one time, as a document.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use pgdba_analysis::baseline::{Baseline, Part, baseline};
use pgdba_analysis::topics::{Reply, Shown};
use pgdba_analysis::{Block, Options};
use pgdba_collector::{AtomicFile, duration};
use pgdba_pg::text;
use pgdba_report::Report;
use pgdba_snapshot::write::write_part;
use pgdba_snapshot::{DiagSnapshot, bare, unpacked};
use serde_json::json;
use serde_json::value::RawValue;

use super::list;
use super::store::{Saved, Store, is_digest};
use crate::answer::{Answer, Data, Shown as Face};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::policy::PolicyArgument;
use crate::target::{self, Target};
use crate::terminal::shell_word;

pub(super) const EXAMPLES: &str = "\
Examples:
  pgdba baseline --name prod
  pgdba baseline --name prod --delta --interval 60s -o baseline.json.gz
  pgdba baseline --name prod --sections config,queries --no-store --format json
  pgdba baseline --snapshot monday.json.gz
  pgdba baseline list
  pgdba baseline diff --before monday.json.gz --after tuesday.json.gz";

/// What the document is about.
#[derive(Debug, clap::Args)]
pub(super) struct Make {
    #[command(flatten)]
    target: Target,
    /// Only these sections, separated by commas; of a live server, only what they need is read
    #[arg(long, value_delimiter = ',', value_name = "SECTIONS", value_parser = part())]
    sections: Vec<Part>,
    /// Sample cumulative statistics twice, to compute rates of the present instead of those since the last reset
    #[arg(long, conflicts_with = "snapshot")]
    delta: bool,
    /// Duration of a delta: 30s, 5min
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = ValueParser::new(duration), requires = "delta")]
    interval: Duration,
    /// Output file, compressed if it ends in .gz; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do not store a copy in $PGDBA_HOME/baselines
    #[arg(long)]
    no_store: bool,
    #[command(flatten)]
    policy: PolicyArgument,
}

impl Make {
    /// Whether an option was given that a subcommand would ignore.
    pub(super) fn is_given(&self) -> bool {
        let is_about = self.target.is_named() || !self.sections.is_empty() || self.delta || self.policy.is_given();
        is_about || self.output.is_some() || self.no_store
    }
}

fn part() -> impl TypedValueParser<Value = Part> {
    PossibleValuesParser::new(Part::ALL.map(Part::name)).map(|name| Part::named(&name).unwrap_or(Part::Config))
}

/// Derives the document, stores it and writes it.
pub(super) fn run(args: &Make) -> Result<Answer, Failure> {
    let policy = args.policy.load(args.target.file())?;
    if let Some(output) = &args.output {
        let file = policy.file.as_deref().map(Path::new);
        let inputs: Vec<&Path> = args.target.file().into_iter().chain(file).collect();
        target::protect(&inputs, output)?;
    }
    let parts = if args.sections.is_empty() { Part::ALL.to_vec() } else { args.sections.clone() };
    let sections = if args.sections.is_empty() { Vec::new() } else { Part::snapshot_sections(&parts) };
    let (bytes, mut warnings) = args.target.document_over(args.delta.then_some(args.interval), &sections)?;
    let snapshot = args.target.parse(&bytes)?;
    let document = document(&bytes, &snapshot, &sections, args)?;
    let options = Options { policy: Some(&policy), ..Options::default() };
    let Reply { shown, data } = baseline(&snapshot, document, &parts, &options);
    warnings.extend(data.problems.clone());
    let text = text::json(&serde_json::to_string(&data)?).into_owned();
    let stored = if args.no_store { None } else { stored(Store::of_user(), &snapshot, &text, &mut warnings) };
    match args.output.as_deref() {
        None => Ok(answer(shown, data, stored.as_deref(), warnings)),
        Some(path) if path == Path::new("-") => {
            let shown = Face::Verbatim { language: "json", text: format!("{text}\n") };
            Ok(Answer { shown, data: Data::lazy(data), warnings, ..Answer::default() })
        }
        Some(path) => {
            AtomicFile::write_text(path, &text).map_err(|error| but_stored(error.into(), stored.as_deref()))?;
            Ok(written(path, stored.as_deref(), warnings))
        }
    }
}

/// The text of the snapshot, for the document. Of a file, only the sections that are needed are kept, unless it was changed after it
/// was collected: then it stays as it is, which shows.
fn document(bytes: &[u8], snapshot: &DiagSnapshot, sections: &[&str], args: &Make) -> Result<Box<RawValue>, Failure> {
    let collected_at = snapshot.collected_at.ok_or_else(|| Failure {
        code: "no_collection_time",
        message: "the snapshot does not contain the time at which it was collected".to_owned(),
        hint: Some("Collect a snapshot with: pgdba inspect".to_owned()),
        exit: Exit::Failed,
    })?;
    let is_whole = sections.is_empty() || args.target.file().is_none() || snapshot.checksum_fits == Some(false);
    let place = args.target.file().unwrap_or(Path::new("the live server"));
    let text = if is_whole {
        let failed = |error| Failure::snapshot(place, &error);
        let text = unpacked(bytes).map_err(failed)?;
        bare(&text).map_err(failed)?.trim().to_owned()
    } else {
        let part = write_part(snapshot, collected_at, sections, Vec::new());
        let part = part.map_err(|error| Failure::file("write", place, &error))?;
        String::from_utf8_lossy(&part).trim().to_owned()
    };
    Ok(RawValue::from_string(text)?)
}

/// The path of the stored document. Why it has none is a warning: a store that fails must not lose the document.
fn stored(
    store: Result<Store, Failure>,
    snapshot: &DiagSnapshot,
    text: &str,
    warnings: &mut Vec<String>,
) -> Option<PathBuf> {
    let saved = save(store, snapshot, text);
    saved.map_err(|cause| warnings.push(format!("the baseline was not stored: {cause}"))).ok()
}

/// Stores the document.
fn save(store: Result<Store, Failure>, snapshot: &DiagSnapshot, text: &str) -> Result<PathBuf, String> {
    let fingerprint = snapshot.fingerprint().filter(|fingerprint| is_digest(fingerprint));
    let identified = fingerprint.zip(snapshot.collected_at);
    let (fingerprint, time) = identified.ok_or_else(|| "the snapshot does not identify its cluster".to_owned())?;
    let is_same = |path: &Path| list::is_same(path, text);
    let saved = store.and_then(|store| store.save(&fingerprint, time, text, is_same));
    match saved.map_err(|failure| failure.message)? {
        Saved::New(path) => Ok(path),
        Saved::Kept(path) => {
            Err(format!("\"{}\" is of the same server and time, and was not replaced", path.display()))
        }
    }
}

/// A failure to write the document, which says where its copy is.
fn but_stored(failure: Failure, stored: Option<&Path>) -> Failure {
    let copy = stored.map(|path| format!("A copy is stored as {}.", path.display()));
    Failure { hint: copy.or(failure.hint), ..failure }
}

fn answer(shown: Shown, data: Baseline, stored: Option<&Path>, warnings: Vec<String>) -> Answer {
    let stored = stored.map(|path| Block::paragraph(format!("Stored as {}.", path.display())));
    let blocks = std::iter::once(Block::paragraph(shown.lead)).chain(shown.blocks).chain(stored);
    let report = Report::about(&data.cluster).with(blocks);
    Answer { shown: report.into(), data: Data::lazy(data), warnings, ..Answer::default() }
}

fn written(path: &Path, stored: Option<&Path>, warnings: Vec<String>) -> Answer {
    let file = path.display().to_string();
    let stored = stored.map(|path| path.display().to_string());
    let copy = stored.as_ref().map(|path| format!(" A copy is stored as {path}.")).unwrap_or_default();
    Answer {
        shown: [
            Block::paragraph(format!("Wrote {file}.{copy}")),
            Block::shell("Check it with", format!("pgdba check --snapshot {}", shell_word(&file))),
        ]
        .into(),
        data: json!({ "file": file, "stored": stored }).into(),
        warnings,
        ..Answer::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_fails_is_a_warning() {
        let text = json!({
            "format": pgdba_snapshot::FORMAT, "format_version": pgdba_snapshot::FORMAT_VERSION,
            "collected_at": "2026-01-01T12:00:00Z", "identity": { "fingerprint": "ab12", "config_host": "h", "config_port": 1 },
            "sections": {},
        });
        let snapshot = pgdba_snapshot::read(text.to_string().as_bytes()).unwrap();
        let without_home = Failure::usage("no_home", "neither PGDBA_HOME nor HOME is set", "");
        let no_folder = Store::at(PathBuf::from("/dev/null/baselines"));
        for (store, cause) in [(Err(without_home), "neither PGDBA_HOME"), (Ok(no_folder), "/dev/null/baselines")] {
            let mut warnings = Vec::new();
            assert_eq!(stored(store, &snapshot, "{}", &mut warnings), None);
            let [warning] = &warnings[..] else { panic!("{warnings:?}") };
            assert!(warning.starts_with("the baseline was not stored: ") && warning.contains(cause), "{warning}");
        }
    }

    #[test]
    fn a_document_that_cannot_be_written_may_be_in_the_store() {
        let failure = || Failure::usage("output_failed", "no space left", "Free some.");
        assert_eq!(but_stored(failure(), None).hint.as_deref(), Some("Free some."));
        let hint = but_stored(failure(), Some(Path::new("/s/x.json.gz"))).hint;
        assert_eq!(hint.as_deref(), Some("A copy is stored as /s/x.json.gz."));
    }
}
