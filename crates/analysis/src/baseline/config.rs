//! Parameters, their origin, overrides and pending changes.

use schemars::JsonSchema;
use serde::Serialize;

use super::section::{Derived, Reading};
use crate::configuration::{Configuration, FaultyLine, Parameter};
use crate::facts::{Fact, declared};
use crate::format::Checked;

/// The facts it reads.
pub(super) static READS: &[&Fact] = &[&declared::configured];

/// The configuration.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Config {
    /// Every parameter: the changed ones, then others with overrides or pending changes, then the rest, each by name.
    pub parameters: Vec<Parameter>,
    /// Invalid lines of the configuration files, in the order in which the server reads them.
    pub faulty_lines: Vec<FaultyLine>,
    /// Whether they keep the server from loading anything else of the files.
    pub files_blocked: bool,
}

/// Derives it.
pub(super) fn derive(reading: &Reading<'_>) -> Checked<Derived<Config>> {
    reading.view.configured()?;
    let Configuration { parameters, faulty_lines, files_blocked, .. } = Configuration::of(reading.snapshot);
    Ok(Derived { stats_reset: Vec::new(), data: Config { parameters, faulty_lines, files_blocked } })
}
