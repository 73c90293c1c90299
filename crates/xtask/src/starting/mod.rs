//! `cargo xtask starting`: the measured cases of `fixtures/starting` once more, each on a real server, to see whether
//! `pgdba config apply --dry-run` warns of what keeps that server from starting, and of nothing else.

mod case;
mod stage;
mod state;

use std::process::Command;

use anyhow::{Result, bail};

pub use case::{Case, cases};
pub use stage::{Outcome, Stage, Trial};
pub use state::State;

use crate::{paths, process};

/// The versions that are tried where none are named.
pub const MAJORS: [u32; 4] = [12, 15, 17, 18];

/// Tries every case on these versions and prints where warning and reality differ.
///
/// # Errors
/// Where they differ, and where a server or pgdba cannot be run at all.
pub fn run(majors: &[u32]) -> Result<()> {
    let mut build = Command::new("cargo");
    process::run(build.args(["build", "--quiet", "--workspace", "--bins"]).current_dir(paths::root()))?;
    let mut differing = 0;
    for &major in if majors.is_empty() { &MAJORS } else { majors } {
        let cases = cases()?;
        let trials = try_all(major, &cases.iter().collect::<Vec<_>>())?;
        let count = |wanted: fn(&Trial) -> bool| trials.iter().filter(|trial| wanted(trial)).count();
        println!(
            "{major}: {} stopped, {} started, {} refused by pgdba, {} refused by the server",
            count(|trial| trial.outcome == Outcome::Stops),
            count(|trial| trial.outcome == Outcome::Starts),
            count(|trial| trial.outcome == Outcome::Refused),
            count(|trial| trial.outcome == Outcome::RefusedByServer),
        );
        for trial in trials.iter().filter(|trial| !trial.agrees()) {
            differing += 1;
            println!("{major}: {trial}");
        }
    }
    if differing > 0 {
        bail!("{differing} cases differ");
    }
    Ok(())
}

/// Tries the cases that can be tried with a server of this version, each from a state as it was before the others.
///
/// # Errors
/// Where a server or pgdba cannot be run.
pub fn try_all(major: u32, cases: &[&Case]) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for state in State::ALL {
        let fitting: Vec<&&Case> = cases.iter().filter(|case| State::of(case) == Some(state)).collect();
        if fitting.is_empty() {
            continue;
        }
        let stage = Stage::set(major, state)?;
        for case in fitting {
            trials.extend(stage.try_case(case)?);
        }
    }
    Ok(trials)
}
