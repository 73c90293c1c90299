//! Runs of test programs, with the time that each test takes.
//!
//! libtest reports times to nightly compilers only. It asks the environment at run time, so the programs are started with the variable,
//! and neither cargo nor the compiler sees it: with it, build scripts would run again.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::programs::Program;
use crate::process;

/// How many of the slowest tests are printed.
const SLOWEST: usize = 10;

/// A test and how long it took.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Timed {
    name: String,
    took: Duration,
}

/// What became of a run.
pub(super) struct Run {
    pub(super) tests: Vec<Timed>,
    /// What the program said of its failed tests; `None` where all passed.
    pub(super) failure: Option<String>,
}

/// Runs tests of a program: those that `words` choose, as libtest's arguments, `threads` at once. What becomes of each is shown
/// as it comes. Why one failed is left to the caller, because other programs print too.
pub(super) fn run(program: &Program, words: &[&str], threads: usize) -> Result<Run> {
    let mut command = Command::new(&program.file);
    process::forget_package(&mut command).env("CARGO_MANIFEST_DIR", &program.folder).env("RUSTC_BOOTSTRAP", "1");
    command.args(["-Zunstable-options", "--report-time", &format!("--test-threads={threads}")]).args(words);
    command.current_dir(&program.folder).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("could not start {}", process::line(&command)))?;
    let output = child.stdout.take().context("a test program has no output")?;
    let (mut tests, mut rest) = (Vec::new(), String::new());
    for line in BufReader::new(output).lines() {
        let line = line.context("could not read what the tests print")?;
        match timed(&line) {
            Some(test) => {
                println!("{line}");
                tests.push(test);
            }
            None => rest += &format!("{line}\n"),
        }
    }
    let status = child.wait().context("could not wait for the tests")?;
    let failure = (!status.success()).then(|| format!("{} {}\n{}", program.name, words.join(" "), rest.trim()));
    Ok(Run { tests, failure })
}

/// Prints the slowest ones.
pub(super) fn print_slowest(mut tests: Vec<Timed>) {
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
