//! `pgdba snapshot`: what a file holds and what it tells, before it leaves the site.

mod info;
mod redact;
mod show;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::target::{self, KeyArgument};

/// Looks into a snapshot file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Whose it is, which sections it has, and what it would tell a stranger
    Info {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
    },
    /// One section, its columns between tabs; or as objects with --format json
    Show {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
        /// The section's name
        section: String,
        #[command(flatten)]
        key: KeyArgument,
    },
    /// Whether it is whole and unchanged, what it would tell a stranger, and what in it looks like a secret
    ///
    /// Exit: 0 the checksum fits and nothing looks like a secret, 1 otherwise.
    Verify {
        /// A snapshot file, plain or gzip; - for standard input
        file: PathBuf,
    },
    /// A copy with tokens in place of names
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
pub(crate) fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.what {
        What::Info { file } => Ok(info::info(&target::read(file)?)),
        What::Show { file, section, key } => {
            let mut warnings = Vec::new();
            let snapshot = key.restore(target::read(file)?, &mut warnings)?;
            Ok(Answer { warnings, ..show::show(&snapshot, section)? })
        }
        What::Verify { file } => Ok(verify::verify(&target::read(file)?)),
        What::Redact(args) => redact::run(args),
    }
}
