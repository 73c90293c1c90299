//! The programs that tests run.
//!
//! cargo chooses the features of a dependency by the packages that it is asked for. Every build asks for the whole workspace, so
//! that nothing is compiled a second time.

use std::process::Command;

use anyhow::Result;

use crate::{paths, process};

/// Builds the programs that are shipped, and `native`, which does outside a browser what the page's module does in it.
///
/// # Errors
/// When one of them does not compile.
pub fn build() -> Result<()> {
    cargo(&["--bins", "--examples"])
}

/// Builds `pgdba-mortal`: `pgdba` with points at which a test kills it.
///
/// # Errors
/// When it does not compile.
pub fn build_mortal() -> Result<()> {
    // The libraries are asked for as well: a program's name alone stands for its package, not for the workspace.
    cargo(&["--lib", "--bin", "pgdba-mortal", "--features", "pgdba-cli/fault-points"])
}

fn cargo(words: &[&str]) -> Result<()> {
    let build = ["build", "--quiet", "--locked", "--workspace"];
    process::run(Command::new("cargo").args(build).args(words).current_dir(paths::root()))
}
