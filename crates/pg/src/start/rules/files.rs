//! Files that the server reads when it starts.

use super::Start;
use crate::start::host::{Host, Path};
use crate::start::problem::Problem;
use crate::start::questions::Questions;

const HBA_FILE: &str = "hba_file";

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    if start.touches(&[HBA_FILE]) {
        questions.paths.extend(start.settings.text(HBA_FILE).map(str::to_owned));
    }
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    let Some(path) = start.settings.text(HBA_FILE).filter(|_| start.touches(&[HBA_FILE])) else { return Vec::new() };
    let names = [HBA_FILE];
    let problem = match host.path(path) {
        // The server looks for it where it was started from, and that is not known.
        _ if !path.starts_with('/') => {
            Some(Problem::unless(&names, format!("{HBA_FILE} \"{path}\" exists in its working directory")))
        }
        Some(Path::File) => None,
        Some(Path::Missing) => {
            Some(Problem::certain(&names, format!("{HBA_FILE}: the file \"{path}\" does not exist")))
        }
        Some(Path::Directory) => Some(Problem::certain(&names, format!("{HBA_FILE}: \"{path}\" is a directory"))),
        Some(Path::Refused(reason)) => {
            Some(Problem::certain(&names, format!("{HBA_FILE}: the server cannot read \"{path}\": {reason}")))
        }
        None => Some(Problem::unless(&names, format!("{HBA_FILE} \"{path}\" exists and the server can read it"))),
    };
    problem.into_iter().collect()
}
