//! The test programs of the workspace: cargo builds them and says where they are.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{paths, process};

/// A test program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// The name of its target: `e2e`, or the name of the library whose unit tests it has.
    pub(super) name: String,
    /// Whether it is a file of integration tests, which cargo calls `--test NAME`.
    pub(super) is_tests: bool,
    /// The folder of its package, in which cargo runs it.
    pub(super) folder: PathBuf,
    pub(super) file: PathBuf,
}

/// The cargo command that tests `packages`, or all of them. There are no tests in documentation (`tests/architecture.rs`).
pub(super) fn command(packages: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--locked", "--lib", "--bins", "--tests"]).current_dir(paths::root());
    match packages {
        [] => command.arg("--workspace"),
        names => command.args(names.iter().flat_map(|name| ["-p", name])),
    };
    command
}

/// The cargo command that runs this program alone, built as with all others.
pub(super) fn command_of(program: &Program) -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--locked", "--workspace"]).current_dir(paths::root());
    if program.is_tests {
        command.args(["--test", &program.name])
    } else {
        command.arg("--lib")
    };
    command
}

/// Builds the test programs of `packages`, or of all of them.
pub(super) fn build(packages: &[&str]) -> Result<Vec<Program>> {
    let mut command = command(packages);
    command.args(["--no-run", "--quiet", "--message-format=json-render-diagnostics"]).stderr(Stdio::inherit());
    let done = process::unpackaged(&mut command).output().context("could not start cargo")?;
    if !done.status.success() {
        bail!("{} failed ({})", process::line(&command), done.status);
    }
    let text = String::from_utf8(done.stdout).context("cargo's messages are not UTF-8")?;
    Ok(text.lines().filter_map(program).collect())
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// The test program that a message of cargo's is about, if it is about one.
fn program(line: &str) -> Option<Program> {
    let message: Message = serde_json::from_str(line).ok()?;
    let is_test = message.reason == "compiler-artifact" && message.profile?.test;
    let target = message.target.filter(|_| is_test)?;
    let is_tests = target.kind.iter().any(|kind| kind == "test");
    let folder = message.manifest_path?.parent()?.to_path_buf();
    Some(Program { name: target.name, is_tests, folder, file: message.executable? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_read_from_what_cargo_says() {
        let message = |reason: &str, test: bool, executable: &str| {
            format!(
                r#"{{"reason":"{reason}","package_id":"p","manifest_path":"/w/tests/Cargo.toml","profile":{{"test":{test}}},
                "target":{{"name":"e2e","kind":["test"]}},"executable":{executable}}}"#
            )
        };
        let expected =
            Program { name: "e2e".to_owned(), is_tests: true, folder: "/w/tests".into(), file: "/t/e2e-1".into() };
        assert_eq!(program(&message("compiler-artifact", true, "\"/t/e2e-1\"")), Some(expected));
        for line in [
            message("compiler-artifact", false, "\"/t/pgdba\""),
            message("compiler-artifact", true, "null"),
            message("compiler-message", true, "\"/t/e2e-1\""),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ] {
            assert_eq!(program(&line), None, "{line}");
        }
    }
}
