//! `pgdba report`: the report of a snapshot as a single file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use pgdba_analysis::{Block, Options, analyze};
use pgdba_collector::AtomicFile;
use pgdba_pg::display::counted;
use pgdba_report::{Layout, Report, html, markdown, text};
use serde_json::json;

use crate::answer::{Answer, Format, MARKDOWN, Shown};
use crate::failure::Failure;
use crate::policy::PolicyArgument;
use crate::target::{self, KeyArgument};

const EXAMPLES: &str = "\
Examples:
  pgdba report snapshot.json.gz -o report.html
  pgdba inspect -o - | pgdba report - -o report.html
  pgdba report snapshot.json.gz -o report.md          Markdown, for tickets and wikis";

/// Write the report of a snapshot to a single self-contained file: HTML, Markdown (.md) or plain text (.txt)
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Snapshot file, plain or gzip; - for standard input
    snapshot: PathBuf,
    /// Output file; - for standard output
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,
    #[command(flatten)]
    key: KeyArgument,
    #[command(flatten)]
    policy: PolicyArgument,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Html,
    Markdown,
    Text,
}

impl Kind {
    /// That of the file, by the end of its name; standard output gets HTML, or Markdown if `format` asks for it.
    fn of(output: &Path, format: Format) -> Result<Self, Failure> {
        if output == Path::new("-") {
            return Ok(if format == Format::Markdown { Self::Markdown } else { Self::Html });
        }
        match output.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
            Some("html" | "htm") | None => Ok(Self::Html),
            Some("md") => Ok(Self::Markdown),
            Some("txt") => Ok(Self::Text),
            // A device such as /dev/fd/3.1 is written to whatever its name is.
            Some(_) if output.exists() && !output.is_file() => Ok(Self::Html),
            Some(ending) => Err(Failure::usage(
                "unknown_report_format",
                format!("cannot write a report as \".{ending}\""),
                "End the name of the file with .html, .md or .txt; for JSON run \"pgdba check --format json\".",
            )),
        }
    }

    fn render(self, report: &Report) -> String {
        match self {
            Self::Html => html::render(report),
            Self::Markdown => markdown::render(report),
            Self::Text => text::render(report, Layout::FILE),
        }
    }
}

/// Writes the report.
pub(crate) fn run(args: &Args, format: Format) -> Result<Answer, Failure> {
    let policy = args.policy.load(Some(&args.snapshot))?;
    let file = policy.file.as_deref().map(Path::new);
    let inputs: Vec<&Path> = std::iter::once(args.snapshot.as_path()).chain(args.key.path()).chain(file).collect();
    target::protect(&inputs, &args.output)?;
    let kind = Kind::of(&args.output, format)?;
    let mut warnings = Vec::new();
    let snapshot = args.key.restore(target::read(&args.snapshot)?, &mut warnings)?;
    let analysis = analyze(&snapshot, &Options { policy: Some(&policy), ..Options::default() });
    let report = Report::of(&analysis);
    let page = kind.render(&report);
    if args.output == Path::new("-") {
        let data = json!({ "report": page });
        return Ok(Answer {
            shown: Shown::Verbatim { language: MARKDOWN, text: page },
            data: data.into(),
            warnings,
            ..Answer::default()
        });
    }
    AtomicFile::write_text(&args.output, &page)?;
    let shown = args.output.display().to_string();
    let found = counted(analysis.findings.len(), "finding", "findings");
    let aside = analysis.set_aside_words().map(|words| format!(" ({words})")).unwrap_or_default();
    Ok(Answer {
        shown: [Block::paragraph(format!("Wrote {shown}: {}, {found}{aside}.", analysis.verdict.words()))].into(),
        data: json!({
            "file": shown, "verdict": analysis.verdict, "findings": analysis.findings.len(), "policy": analysis.policy,
        })
        .into(),
        warnings,
        ..Answer::default()
    })
}
