//! Recovery: targets that exclude each other, and what a standby must have at least.

use super::Start;
use crate::display;
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
    if start.touches(&["restore_command"]) || start.touches(&TARGETS) {
        questions.paths.extend([SIGNAL, STANDBY_SIGNAL].map(str::to_owned));
    }
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    let found = [targets(start), restore(start, host), reach(start, host), timeline(start, host)];
    let mut problems: Vec<Problem> = found.into_iter().flatten().collect();
    problems.extend(standby(start, host));
    problems
}

fn targets(start: &Start<'_>) -> Option<Problem> {
    let is_set = |name: &&str| start.settings.text(name).is_some_and(|text| !text.is_empty());
    let set: Vec<&str> = TARGETS.into_iter().filter(is_set).collect();
    (set.len() > 1 && start.touches(&TARGETS)).then(|| {
        Problem::certain(&set, format!("only one recovery target can be set, but {} are set", display::list(&set)))
    })
}

fn restore(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let name = "restore_command";
    let is_empty = start.touches(&[name]) && start.settings.text(name) == Some("");
    let recovers = host.path(SIGNAL) == Some(&Path::File) && host.path(STANDBY_SIGNAL) == Some(&Path::Missing);
    (is_empty && recovers)
        .then(|| Problem::certain(&[name], format!("{name} must be set while {SIGNAL} exists in the data directory")))
}

/// Whether the server recovers from an archive, and is not a standby.
fn recovers_once(host: &Host) -> bool {
    host.path(SIGNAL) == Some(&Path::File) && host.path(STANDBY_SIGNAL) == Some(&Path::Missing)
}

/// A target that recovery does not come to; before 13 it ends where WAL ends.
fn reach(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let is_set = |name: &&str| start.settings.text(name).is_some_and(|text| !text.is_empty());
    let name = TARGETS.into_iter().find(is_set).filter(|_| start.touches(&TARGETS))?;
    (recovers_once(host) && start.settings.version.major() >= 13)
        .then(|| Problem::unless(&[name], format!("the WAL reaches the recovery target ({name})")))
}

fn timeline(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let name = "recovery_target_timeline";
    let timeline = start.settings.text(name).filter(|_| start.touches(&[name]))?.parse::<u32>().ok()?;
    // The first one has no history.
    (host.in_recovery == Some(true) && timeline > 1)
        .then(|| Problem::unless(&[name], format!("timeline {timeline} exists in pg_wal or in the archive ({name})")))
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
        let reason =
            format!("{name} ({value}) must not be lower than on the primary ({least}) while this is a standby");
        Problem::certain(&[name], reason)
    })
}
