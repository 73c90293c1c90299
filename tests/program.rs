//! The built `pgdba`, run as a user would.

use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use xtask::{paths, products};

/// What one run gave.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The envelope of `--format json`.
    pub(crate) fn envelope(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// The codes of the findings of `check --format json`, in order of code, each once.
    pub(crate) fn codes(&self) -> Vec<String> {
        let envelope = self.envelope();
        let findings = envelope["data"]["findings"].as_array().unwrap_or_else(|| panic!("{}", self.stdout));
        let mut codes: Vec<String> = findings.iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes.dedup();
        codes
    }
}

/// Builds the programs, once. On a cold machine this takes minutes, part of them waiting for another cargo; call it before
/// anything that is timed begins.
pub(crate) fn build() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| products::build().unwrap());
}

/// Builds `pgdba-mortal`, once.
pub(crate) fn build_mortal() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        build();
        products::build_mortal().unwrap();
    });
}

/// Runs `pgdba` with `args`, building it first if need be.
pub(crate) fn pgdba(args: &[&str]) -> Run {
    pgdba_with(&[], args)
}

/// The same with some variables of the environment set, or with `None` taken away.
pub(crate) fn pgdba_with(env: &[(&str, Option<&str>)], args: &[&str]) -> Run {
    build();
    let mut command = Command::new(paths::target().join("debug/pgdba"));
    for (name, value) in env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.args(args).output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
