//! The measured cases.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::fixtures;

/// A configuration with which servers were started.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// What it is called; of a state besides settings it says which.
    pub case: String,
    /// Lines of a configuration file.
    pub settings: String,
    /// Versions, `starts` or `stops` or something between, and the first telling line of the log.
    pub results: Vec<(Vec<u32>, String, String)>,
}

#[derive(Deserialize)]
struct Measured {
    cases: Vec<Case>,
}

impl Case {
    /// What became of it on this version: the state and the telling line.
    #[must_use]
    pub fn result(&self, major: u32) -> Option<(&str, &str)> {
        let found = self.results.iter().find(|(majors, ..)| majors.contains(&major));
        found.map(|(_, state, message)| (state.as_str(), message.as_str()))
    }
}

/// All of them.
///
/// # Errors
/// Where the file cannot be read.
pub fn cases() -> Result<Vec<Case>> {
    let file = fixtures::folder().join("starting/start-cases.json");
    let text = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
    let measured: Measured = serde_json::from_str(&text).context("not the cases")?;
    Ok(measured.cases)
}
