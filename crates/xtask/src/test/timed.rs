//! The tests of the workspace, with the time that each takes.
//!
//! libtest reports times to nightly compilers only. It asks the environment at run time, so cargo starts the test programs through
//! `env`, and neither cargo nor the compiler sees the variable: with it, build scripts would run again.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// How many of the slowest tests are printed.
const SLOWEST: usize = 10;

/// Tests that run at once, for each processor: most of them wait for servers.
const TESTS_PER_PROCESSOR: usize = 3;

/// Starts the test programs so that they report times.
const RUNNER: &str = "target.'cfg(all())'.runner = ['env', 'RUSTC_BOOTSTRAP=1']";

/// A test and how long it took.
#[derive(Debug, PartialEq, Eq)]
struct Timed {
    name: String,
    took: Duration,
}

/// The command that runs the tests in `packages`, or in all of them. There are no tests in documentation (`tests/architecture.rs`).
pub(super) fn command(packages: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--locked", "--lib", "--bins", "--tests"]).current_dir(paths::root());
    match packages {
        [] => command.arg("--workspace"),
        names => command.args(names.iter().flat_map(|name| ["-p", name])),
    };
    command
}

/// Runs the tests, shows what they print as it comes, and then the slowest ones.
pub(super) fn run(packages: &[&str]) -> Result<()> {
    let mut command = command(packages);
    let threads = available_parallelism().map_or(1, usize::from) * TESTS_PER_PROCESSOR;
    command.args(["--config", RUNNER, "--", "-Zunstable-options", "--report-time"]);
    command.arg(format!("--test-threads={threads}"));
    let mut child = process::unpackaged(command.stdout(Stdio::piped())).spawn().context("could not start cargo")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut tests = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("could not read what the tests print")?;
        println!("{line}");
        tests.extend(timed(&line));
    }
    let status = child.wait().context("could not wait for cargo")?;
    print_slowest(tests);
    if !status.success() {
        bail!("{} failed ({status})", process::line(&self::command(packages)));
    }
    Ok(())
}

fn print_slowest(mut tests: Vec<Timed>) {
    tests.sort_by_key(|test| std::cmp::Reverse(test.took));
    println!("\nthe {SLOWEST} slowest of {} tests:", tests.len());
    for test in tests.iter().take(SLOWEST) {
        println!("  {:7.1} s  {}", test.took.as_secs_f64(), test.name);
    }
}

/// Reads `test name ... ok <1.234s>`.
fn timed(line: &str) -> Option<Timed> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let (_, seconds) = outcome.strip_suffix("s>")?.rsplit_once('<')?;
    let took = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    Some(Timed { name: name.to_owned(), took })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_from_what_libtest_prints() {
        let test = |name: &str, millis| Some(Timed { name: name.to_owned(), took: Duration::from_millis(millis) });
        assert_eq!(timed("test a::b ... ok <1.234s>"), test("a::b", 1234));
        assert_eq!(timed("test a - should panic ... FAILED <0.002s>"), test("a - should panic", 2));
        for line in ["test a ... ok", "running 3 tests", "test a ... ignored", "test result: ok. finished in 0.00s"] {
            assert_eq!(timed(line), None, "{line}");
        }
    }
}
