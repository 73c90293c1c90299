//! `cargo xtask test`: everything that must hold. First the static checks and what the tests need, then the tests.

mod programs;
mod timed;
mod tracks;

use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};
use programs::Program;

use crate::{generate, install, measure, paths, process, products, web};

/// The crates that need neither server nor browser to be tested.
const PURE: [&str; 4] = ["pgdba-pg", "pgdba-snapshot", "pgdba-analysis", "pgdba-report"];

/// One step: what it is called, the command that repeats it alone, and what it does.
struct Step {
    name: &'static str,
    repeat: String,
    action: Box<dyn FnOnce() -> Result<()> + Send>,
}

impl Step {
    fn run(self) -> Result<()> {
        println!("\n== {} ({})", self.name, self.repeat);
        let began = Instant::now();
        if let Err(error) = (self.action)() {
            bail!("{error:#}\n{} failed; to repeat it alone:\n  {}", self.name, self.repeat);
        }
        println!("-- {}: {:.1} s", self.name, began.elapsed().as_secs_f64());
        Ok(())
    }
}

/// Runs all steps, or with `quick` those that need nothing but the compiler.
pub fn run(quick: bool) -> Result<()> {
    let started = Instant::now();
    if quick {
        let programs = compiled(|| programs::build(&PURE))?;
        tracks::pure(&programs, &PURE)?;
    } else {
        let programs = beside(set_up_and_page, || compiled(programs_and_products))?;
        tracks::all(programs)?;
    }
    println!("\nall green in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// What the servers and the browser need. The network gives most of it, and the page takes one processor only.
fn set_up_and_page() -> Result<()> {
    step("set-up", "cargo xtask setup", install::everything).run()?;
    step("page", "cargo xtask web", || web::build().map(drop)).run()
}

/// What only the compiler is needed for: static checks, and the programs, before the tests, so that the time that a test takes is its
/// own.
fn compiled(build: impl FnOnce() -> Result<Vec<Program>>) -> Result<Vec<Program>> {
    for step in static_checks() {
        step.run()?;
    }
    println!("\n== programs");
    let began = Instant::now();
    let programs = build()?;
    println!("-- programs: {:.1} s", began.elapsed().as_secs_f64());
    Ok(programs)
}

fn programs_and_products() -> Result<Vec<Program>> {
    products::build()?;
    products::build_mortal()?;
    programs::build(&[])
}

/// Does both at the same time.
fn beside<T>(one: fn() -> Result<()>, other: impl FnOnce() -> Result<T>) -> Result<T> {
    thread::scope(|scope| {
        let running = scope.spawn(one);
        let done = other();
        running.join().unwrap_or_else(|_| bail!("a step panicked"))?;
        done
    })
}

fn static_checks() -> [Step; 4] {
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    [
        cargo("format", &["fmt", "--all", "--check"]),
        cargo("lints", &clippy),
        step("generated files", &format!("{} --check", generate::COMMAND), || generate::run(true)),
        step("sizes", "cargo xtask measure", measure::run),
    ]
}

fn step(name: &'static str, repeat: &str, action: impl FnOnce() -> Result<()> + Send + 'static) -> Step {
    Step { name, repeat: repeat.to_owned(), action: Box::new(action) }
}

fn cargo(name: &'static str, words: &[&str]) -> Step {
    let mut command = Command::new("cargo");
    command.args(words).current_dir(paths::root());
    let line = process::line(&command);
    step(name, &line, move || process::run(&mut command))
}
