//! Recovery: targets that exclude each other, and what a standby must have at least.

use super::Start;
use super::connections::joined;
use crate::start::host::{Host, Path};
use crate::start::problem::Problem;
use crate::start::questions::Questions;

/// Of these one at most may be set, whether or not the server recovers.
const TARGETS: [&str; 5] =
    ["recovery_target", "recovery_target_lsn", "recovery_target_name", "recovery_target_time", "recovery_target_xid"];

/// Parameters that must not be smaller on a standby than on its primary.
const NOT_BELOW_PRIMARY: [&str; 5] = [
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_wal_senders",
    "max_worker_processes",
];

/// The file that has the server recover, and the one that has it do so as a standby, which needs no command.
const SIGNAL: &str = "recovery.signal";
const STANDBY_SIGNAL: &str = "standby.signal";

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    questions.primary |= start.touches(&NOT_BELOW_PRIMARY) || start.touches(&["hot_standby"]);
    if start.touches(&["restore_command"]) {
        questions.paths.extend([SIGNAL, STANDBY_SIGNAL].map(str::to_owned));
    }
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    let mut problems: Vec<Problem> = [targets(start), restore(start, host)].into_iter().flatten().collect();
    problems.extend(standby(start, host));
    problems
}

fn targets(start: &Start<'_>) -> Option<Problem> {
    let is_set = |name: &&str| start.settings.text(name).is_some_and(|text| !text.is_empty());
    let set: Vec<&str> = TARGETS.into_iter().filter(is_set).collect();
    (set.len() > 1 && start.touches(&TARGETS))
        .then(|| Problem::certain(&set, format!("at most one recovery target may be set, and {} are", joined(&set))))
}

fn restore(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let name = "restore_command";
    let is_empty = start.touches(&[name]) && start.settings.text(name) == Some("");
    let recovers = host.path(SIGNAL) == Some(&Path::File) && host.path(STANDBY_SIGNAL) == Some(&Path::Missing);
    (is_empty && recovers)
        .then(|| Problem::certain(&[name], format!("{name} must be set while the data directory has a file {SIGNAL}")))
}

fn standby(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    if host.in_recovery != Some(true) || start.settings.is_on("hot_standby") != Some(true) {
        return Vec::new();
    }
    let opens = start.touches(&["hot_standby"]);
    let names = NOT_BELOW_PRIMARY.into_iter().filter(|name| opens || start.touches(&[name]));
    names.filter_map(|name| below(start, host, name)).collect()
}

fn below(start: &Start<'_>, host: &Host, name: &'static str) -> Option<Problem> {
    let value = start.settings.integer(name)?;
    let Some(primary) = &host.primary else {
        let running = start.running.and_then(|running| running.integer(name))?;
        return (value < running).then(|| {
            Problem::unless(&[name], format!("{name} on the primary is at most {value} (this is a standby)"))
        });
    };
    let least = *primary.get(name)?;
    (value < least).then(|| {
        let reason = format!("{name} ({value}) must not be less than on the primary ({least}) while this is a standby");
        Problem::certain(&[name], reason)
    })
}
