//! `pgdba snapshot`: inspects snapshot files.

mod info;
mod redact;
mod show;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use crate::answer::{Answer, Format};
use crate::failure::Failure;
use crate::target::{self, KeyArgument};

/// Inspect, verify and redact snapshot files
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show where a file comes from, its sections, and how many names it contains
    Info {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
    },
    /// Print the rows of a section: tab-separated, as objects with --format json, or as a table with --format markdown
    Show {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
        /// The section's name
        section: String,
        #[command(flatten)]
        key: KeyArgument,
    },
    /// Check that a file is complete and unchanged, and search it for secrets and, if it is redacted, for plain names
    ///
    /// Exit: 0 the checksum matches and nothing was found, 1 otherwise.
    Verify {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
    },
    /// Write a copy with tokens in place of names
    Redact(redact::Args),
}

impl Args {
    /// The command's name in the envelope.
    pub(crate) fn name(&self) -> &'static str {
        match self.what {
            What::Info { .. } => "snapshot info",
            What::Show { .. } => "snapshot show",
            What::Verify { .. } => "snapshot verify",
            What::Redact(_) => "snapshot redact",
        }
    }
}

/// Answers about a file.
pub(crate) fn run(args: &Args, format: Format) -> Result<Answer, Failure> {
    match &args.what {
        What::Info { file } => Ok(info::info(&target::read(file)?)),
        What::Show { file, section, key } => {
            let mut warnings = Vec::new();
            let snapshot = key.restore(target::read(file)?, &mut warnings)?;
            Ok(Answer { warnings, ..show::show(&snapshot, section, format)? })
        }
        What::Verify { file } => {
            let bytes = target::read_bytes(file)?;
            let failed = |error| Failure::snapshot(file, &error);
            let text = pgdba_snapshot::unpacked(&bytes).map_err(failed)?;
            Ok(verify::verify(&pgdba_snapshot::read(text.as_bytes()).map_err(failed)?, &text))
        }
        What::Redact(args) => redact::run(args),
    }
}
