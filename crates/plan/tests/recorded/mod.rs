//! The corpus in `fixtures/plans`, which `cargo xtask plans` records.

#![expect(dead_code, reason = "no test uses all of it")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(crate) const MAJORS: [u32; 7] = [12, 13, 14, 15, 16, 17, 18];

/// One execution of a statement, in both forms.
#[derive(Debug, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) json: String,
    pub(crate) text: String,
    /// What is known of its times.
    pub(crate) truth: Vec<String>,
}

/// One statement as a client or a log prints its plan.
#[derive(Debug, Deserialize)]
pub(crate) struct Framed {
    pub(crate) frame: String,
    pub(crate) form: String,
    pub(crate) text: String,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/plans")
}

pub(crate) fn corpus(major: u32) -> Vec<Recorded> {
    file(&format!("pg{major}.json.gz"))
}

pub(crate) fn frames() -> Vec<Framed> {
    file("frames.json.gz")
}

#[expect(clippy::disallowed_types, reason = "a test reads its fixtures")]
fn file<T: DeserializeOwned>(name: &str) -> T {
    let path = folder().join(name);
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_reader(GzDecoder::new(file)).unwrap()
}
