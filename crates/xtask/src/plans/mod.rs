//! `cargo xtask plans`: records the corpus of plans in `fixtures/plans` from real servers of every version.
//!
//! EXPLAIN prints one form of an execution; auto_explain, at the end of the same execution, logs the other. So each statement runs
//! twice, and each of its executions is recorded in both forms: once with EXPLAIN in JSON and the log in text, once the other way round.

mod frames;
mod query;
mod record;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

pub use query::Query;

use crate::fixtures;
use crate::servers::{MAJORS, NEWEST};

/// The folder of the corpus.
#[must_use]
pub fn folder() -> PathBuf {
    fixtures::folder().join("plans")
}

/// Records the plans of some versions; without any, those of all versions and the frames.
///
/// # Errors
/// A server cannot be started, or a statement fails.
pub fn run(majors: &[u32]) -> Result<()> {
    let file = folder().join("queries.sql");
    let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    let queries = Query::all(&text)?;
    for &major in if majors.is_empty() { &MAJORS[..] } else { majors } {
        let corpus = record::corpus(major, &queries)?;
        println!("{major}: {} plans in both forms", corpus.len());
        write(&folder().join(format!("pg{major}.json.gz")), &corpus)?;
    }
    if majors.is_empty() {
        write(&folder().join("frames.json.gz"), &frames::record(NEWEST)?)?;
    }
    Ok(())
}

fn write(file: &Path, value: &impl Serialize) -> Result<()> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&serde_json::to_vec(value)?)?;
    fs::write(file, encoder.finish()?).with_context(|| format!("could not write {}", file.display()))
}
