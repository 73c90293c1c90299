//! The files that the logging collector writes.

use super::Start;
use crate::start::host::{Host, Path, Writable};
use crate::start::problem::Problem;
use crate::start::questions::Questions;

const NAMES: [&str; 3] = ["logging_collector", "log_directory", "log_filename"];

/// The directories that decide, where the collector runs and one of its parameters is in question.
struct Directories {
    /// `log_directory`.
    log: String,
    /// The directory in which it would be created.
    parent: String,
    /// Directories within it that the file name begins with.
    within: Option<String>,
}

fn directories(start: &Start<'_>) -> Option<Directories> {
    if !start.touches(&NAMES) || start.settings.is_on("logging_collector") != Some(true) {
        return None;
    }
    let log = start.settings.text("log_directory")?;
    let log = if log.len() > 1 { log.trim_end_matches('/') } else { log }.to_owned();
    let parent = match log.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((parent, _)) => parent,
        None => ".",
    };
    let within = start.settings.text("log_filename").and_then(|file| Some(file.rsplit_once('/')?.0.to_owned()));
    Some(Directories { parent: parent.to_owned(), within: within.map(|within| format!("{log}/{within}")), log })
}

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    if let Some(Directories { log, parent, within }) = directories(start) {
        questions.mounts = true;
        questions.paths.extend([log, parent]);
        questions.paths.extend(within);
    }
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    let Some(found) = directories(start) else { return Vec::new() };
    let problem = directory(&found, host).or_else(|| within(&found, host));
    problem.into_iter().collect()
}

fn directory(found: &Directories, host: &Host) -> Option<Problem> {
    let names = ["log_directory", "logging_collector"];
    let Directories { log, parent, .. } = found;
    // Only the last directory is created.
    let (written, exists) = match (host.path(log)?, host.path(parent)) {
        (Path::Directory, _) => (log, true),
        (Path::Missing, Some(Path::Directory)) => (parent, false),
        (Path::Missing, Some(Path::Missing | Path::File)) => {
            let reason = format!("log_directory \"{log}\" cannot be created: \"{parent}\" is not a directory");
            return Some(Problem::certain(&names, reason));
        }
        (Path::File, _) => {
            return Some(Problem::certain(&names, format!("log_directory \"{log}\" is not a directory")));
        }
        (Path::Refused(reason), _) | (Path::Missing, Some(Path::Refused(reason))) => {
            return Some(Problem::certain(&names, format!("the server cannot use log_directory \"{log}\": {reason}")));
        }
        (Path::Missing, None) => return None,
    };
    match host.writable(written) {
        Writable::Yes => None,
        Writable::No => {
            Some(Problem::certain(&names, format!("log_directory \"{log}\": the server cannot write to \"{written}\"")))
        }
        Writable::Doubtful => {
            let what = if exists { "write to" } else { "create a directory in" };
            Some(Problem::unless(&names, format!("its user can {what} \"{written}\" (log_directory)")))
        }
    }
}

fn within(found: &Directories, host: &Host) -> Option<Problem> {
    let names = ["log_filename", "logging_collector"];
    let path = found.within.as_ref()?;
    match host.path(path) {
        Some(Path::Directory) => None,
        // A name that changes with the time.
        _ if path.contains('%') => {
            Some(Problem::unless(&names, format!("the directory \"{path}\" exists (log_filename)")))
        }
        Some(_) => Some(Problem::certain(&names, format!("log_filename: the directory \"{path}\" does not exist"))),
        None => Some(Problem::unless(&names, format!("the directory \"{path}\" exists (log_filename)"))),
    }
}
