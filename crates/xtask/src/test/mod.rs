//! `cargo xtask test`: everything that must hold, in the order in which it fails fastest.

mod timed;

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::setup::{browser, node};
use crate::{generate, install, measure, paths, process, web};

/// The crates that need neither server nor browser to be tested.
const PURE: [&str; 4] = ["pgdba-pg", "pgdba-snapshot", "pgdba-analysis", "pgdba-report"];

/// One step: what it is called, the command that repeats it alone, and what it does.
struct Step {
    name: &'static str,
    repeat: String,
    action: Box<dyn FnOnce() -> Result<()>>,
}

/// Runs all steps, or with `quick` those that need nothing but the compiler. Stops at the first failure.
pub fn run(quick: bool) -> Result<()> {
    let started = Instant::now();
    for step in if quick { quick_steps() } else { all_steps() } {
        println!("\n== {} ({})", step.name, step.repeat);
        let began = Instant::now();
        if let Err(error) = (step.action)() {
            bail!("{error:#}\n{} failed; to repeat it alone:\n  {}", step.name, step.repeat);
        }
        println!("-- {}: {:.1} s", step.name, began.elapsed().as_secs_f64());
    }
    println!("\nall green in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn all_steps() -> Vec<Step> {
    let set_up = Step { name: "set-up", repeat: "cargo xtask setup".to_owned(), action: Box::new(install::everything) };
    let page = Step { name: "page", repeat: "cargo xtask web".to_owned(), action: Box::new(|| web::build().map(drop)) };
    let mut steps = vec![set_up];
    steps.extend(static_checks());
    steps.extend([page, tests("tests", &[]), browser_tests()]);
    steps
}

fn quick_steps() -> Vec<Step> {
    let mut steps = static_checks();
    steps.push(tests("tests of the pure crates", &PURE));
    steps
}

fn static_checks() -> Vec<Step> {
    let generated = Step {
        name: "generated files",
        repeat: format!("{} --check", generate::COMMAND),
        action: Box::new(|| generate::run(true)),
    };
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    let size = Step { name: "sizes", repeat: "cargo xtask measure".to_owned(), action: Box::new(measure::run) };
    vec![cargo("format", &["fmt", "--all", "--check"]), cargo("lints", &clippy), generated, size]
}

fn tests(name: &'static str, packages: &'static [&'static str]) -> Step {
    let repeat = process::line(&timed::command(packages));
    Step { name, repeat, action: Box::new(move || timed::run(packages)) }
}

fn cargo(name: &'static str, words: &[&str]) -> Step {
    let mut command = Command::new("cargo");
    command.args(words).current_dir(paths::root());
    Step { name, repeat: process::line(&command), action: Box::new(move || process::run(&mut command)) }
}

/// node is started in the folder because what it makes of a folder as an argument differs between its versions.
fn browser_tests() -> Step {
    Step {
        name: "browser tests",
        repeat: format!("cd {} && node --test", node::BROWSER_TESTS),
        action: Box::new(|| {
            let mut command = Command::new("node");
            command.arg("--test").current_dir(paths::root().join(node::BROWSER_TESTS));
            process::run(command.env(browser::VARIABLE, browser::prepare()?))
        }),
    }
}
