//! The tests in two tracks: what computes has the processors to itself, one step after the other, and what waits fills the gaps.

use std::process::Command;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::thread::available_parallelism;

use anyhow::{Result, anyhow, bail};

use super::programs::{self, Program};
use super::timed::{self, Timed};
use super::{Step, step};
use crate::setup::{browser, node};
use crate::{paths, process};

/// The program of the end-to-end tests, which take most of the time.
const END_TO_END: &str = "e2e";

/// Those of them that mostly wait: for Patroni, which looks around once a second.
const WAITING: &str = "patroni::";

/// Those of them that compile a copy of the workspace.
const COMPILING: &str = "new::";

/// Tests that run at once, for each processor: of those that wait, of those that start servers, and of those that compute.
const WAITING_PER_PROCESSOR: usize = 4;
const SERVERS_PER_PROCESSOR: usize = 5;
const COMPUTING_PER_PROCESSOR: usize = 1;

/// Steps one after the other.
type Track = Vec<Step>;

/// Runs these programs and the tests in the browser. Browser and compiler come first: beside ten servers they would take five times
/// as long, and what a page has to wait for would not come in time.
pub(super) fn all(programs: Vec<Program>) -> Result<()> {
    let (sender, times) = mpsc::channel();
    let (end_to_end, others): (Vec<_>, Vec<_>) =
        programs.into_iter().partition(|program| program.name == END_TO_END && program.is_tests);
    let waiting = tests("tests with Patroni", &end_to_end, &[WAITING], WAITING_PER_PROCESSOR, &sender);
    let computing = vec![
        tests("tests of the crates", &others, &[], COMPUTING_PER_PROCESSOR, &sender),
        browser_tests(),
        tests("tests that compile", &end_to_end, &[COMPILING], COMPUTING_PER_PROCESSOR, &sender),
        tests(
            "end-to-end tests",
            &end_to_end,
            &["--skip", WAITING, "--skip", COMPILING],
            SERVERS_PER_PROCESSOR,
            &sender,
        ),
    ];
    drop(sender);
    let done = side_by_side(vec![vec![waiting], computing]);
    timed::print_slowest(times.into_iter().flatten().collect());
    done
}

/// Runs these programs one after the other, which were built of `packages`.
pub(super) fn pure(programs: &[Program], packages: &[&str]) -> Result<()> {
    let (sender, times) = mpsc::channel();
    let mut tests = tests("tests of the pure crates", programs, &[], COMPUTING_PER_PROCESSOR, &sender);
    tests.repeat = process::line(&programs::command(packages));
    drop(sender);
    let done = tests.run();
    timed::print_slowest(times.into_iter().flatten().collect());
    done
}

/// Runs each track on a thread. No failure stops another step; the error names everything that failed.
fn side_by_side(tracks: Vec<Track>) -> Result<()> {
    let failed = |track: Track| track.into_iter().filter_map(|step| step.run().err()).collect::<Vec<_>>();
    let failures: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = tracks.into_iter().map(|track| scope.spawn(|| failed(track))).collect();
        let ended =
            running.into_iter().flat_map(|track| track.join().unwrap_or_else(|_| vec![anyhow!("a step panicked")]));
        ended.map(|error| format!("{error:#}")).collect()
    });
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("\n\n")) }
}

/// Runs the tests that libtest's arguments `words` choose in each of the programs, one after the other. A failure does not stop the
/// next one.
fn tests(
    name: &'static str,
    programs: &[Program],
    words: &'static [&'static str],
    per_processor: usize,
    times: &Sender<Vec<Timed>>,
) -> Step {
    let mut repeat = programs::command(&[]);
    if let [program] = programs {
        repeat = programs::command_of(program);
    }
    if !words.is_empty() {
        repeat.arg("--").args(words);
    }
    let threads = available_parallelism().map_or(1, usize::from) * per_processor;
    let (programs, times) = (programs.to_vec(), times.clone());
    step(name, &process::line(&repeat), move || {
        let mut failed = Vec::new();
        for program in programs {
            let run = timed::run(&program, words, threads)?;
            times.send(run.tests).ok();
            failed.extend(run.failure);
        }
        if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n\n")) }
    })
}

/// node is started in the folder because what it makes of a folder as an argument differs between its versions.
fn browser_tests() -> Step {
    step("browser tests", &format!("cd {} && node --test", node::BROWSER_TESTS), || {
        let mut command = Command::new("node");
        command.arg("--test").current_dir(paths::root().join(node::BROWSER_TESTS));
        command.env(browser::VARIABLE, browser::prepare()?);
        println!("{}", process::output(&mut command)?.trim_end());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_failure_stops_another_step() {
        let (sender, done) = mpsc::channel();
        let step_that = |name: &'static str, is_fine: bool| {
            let sender = sender.clone();
            step(name, &format!("repeat {name}"), move || {
                sender.send(name)?;
                if is_fine { Ok(()) } else { bail!("{name} is wrong") }
            })
        };
        let tracks = vec![vec![step_that("a", false), step_that("b", true)], vec![step_that("c", false)]];
        let error = side_by_side(tracks).unwrap_err().to_string();
        let mut ran: Vec<_> = done.try_iter().collect();
        ran.sort_unstable();
        assert_eq!(ran, ["a", "b", "c"]);
        assert!(error.contains("a is wrong") && error.contains("repeat a") && error.contains("c is wrong"), "{error}");
    }
}
