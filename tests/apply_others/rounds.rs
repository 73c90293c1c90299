//! Fifty rounds each of apply, rollback, undo and resume beside a session that changes other parameters all the time, and beside
//! one that changes the same.

use std::collections::BTreeMap;
use std::process::Command;

use xtask::process;
use xtask::servers::{NEWEST, Server, ServerOptions};

use super::writer::Writer;
use crate::site::{Site, Told, auto_conf};

/// How many rounds of each.
const ROUNDS: u32 = 50;

/// What the other session changes where it leaves the change's own alone.
const OTHERS: [&str; 3] = ["vacuum_cost_page_miss", "vacuum_cost_page_dirty", "commit_delay"];

/// What it changes where it does not.
const SAME: [&str; 2] = ["work_mem", "vacuum_cost_page_miss"];

/// The change. `random_page_cost` and `work_mem` have lines before it.
const CHANGE: [&str; 9] = [
    "apply",
    "--set",
    "checkpoint_timeout=9min",
    "--set",
    "work_mem=12MB",
    "--reset",
    "random_page_cost",
    "--set",
    "jit=off",
];

const BEFORE: [&str; 3] = ["work_mem = '8MB'", "random_page_cost = '1.5'", "maintenance_work_mem = '99 MB'"];

/// What is done beside the other session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Apply,
    Rollback,
    Undo,
    Resume,
}

/// A server with lines of its own and of others.
fn server() -> Server {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    clean(&server);
    server
}

fn clean(server: &Server) {
    server.execute("postgres", "alter system reset all").unwrap();
    for line in BEFORE {
        server.execute("postgres", &format!("alter system set {line}")).unwrap();
    }
    server.reload_with(&[]).unwrap();
}

/// One round: what the command said, and the last values of the other session.
fn round(server: &Server, deed: Deed, names: &'static [&'static str], first: u32) -> (Told, BTreeMap<String, String>) {
    let site = Site::new(server);
    let writer = || Writer::start(server, names, first);
    match deed {
        Deed::Apply => {
            let writer = writer();
            (site.config(&CHANGE), writer.ends())
        }
        Deed::Rollback => {
            let id = site.config(&CHANGE).id();
            let writer = writer();
            (site.rollback(&id), writer.ends())
        }
        Deed::Undo => {
            let waiting = site.waits("done:applying:3", &CHANGE);
            let writer = writer();
            process::run(Command::new("kill").args(["-INT", &waiting.pid().to_string()])).unwrap();
            (waiting.ends(), writer.ends())
        }
        Deed::Resume => {
            site.dies("done:applying:1", &CHANGE);
            let id = site.journal().change_set.id;
            let writer = writer();
            (site.resume(&id), writer.ends())
        }
    }
}

/// The lines of the parameters that are not `names`.
fn without(lines: Vec<String>, names: &[&str]) -> Vec<String> {
    lines.into_iter().filter(|line| !names.iter().any(|name| line.starts_with(&format!("{name} =")))).collect()
}

/// The lines that a session leaves which set these values.
fn lines_of(values: &BTreeMap<String, String>) -> Vec<String> {
    values.iter().map(|(name, value)| format!("{name} = '{value}'")).collect()
}

fn beside_other_parameters(deed: Deed) {
    let server = server();
    let former = auto_conf(&server);
    let applied = {
        let site = Site::new(&server);
        let id = site.config(&CHANGE).id();
        let applied = auto_conf(&server);
        site.rollback(&id).is_done("alone");
        applied
    };
    for number in 1..=ROUNDS {
        clean(&server);
        let (told, last) = round(&server, deed, &OTHERS, 1 + number * 150);
        let when = format!("{deed:?}, round {number}: {}", told.envelope);
        match deed {
            Deed::Undo => assert_eq!((told.code, told.word()), (Some(1), "undone"), "{when}"),
            _ => drop(told.is_done(&when)),
        }
        let now = auto_conf(&server);
        let expected = if matches!(deed, Deed::Apply | Deed::Resume) { &applied } else { &former };
        assert_eq!(without(now.clone(), &OTHERS), *expected, "{when}");
        for line in lines_of(&last) {
            assert!(now.contains(&line), "{when}: {line} is lost: {now:?}");
        }
        if deed != Deed::Undo {
            assert!(when.contains("other sessions changed postgresql.auto.conf meanwhile"), "{when}");
        }
    }
}

fn beside_the_same_parameter(deed: Deed) {
    let server = server();
    for number in 1..=ROUNDS {
        clean(&server);
        let (told, last) = round(&server, deed, &SAME, 64 + number * 190);
        let when = format!("{deed:?}, round {number}: {}", told.envelope);
        let now = auto_conf(&server);
        for line in lines_of(&last) {
            assert!(now.contains(&line), "{when}: {line} is lost: {now:?}");
        }
        let is_said =
            ["was changed after change set", "another session changed", " has changed", "work_mem\" is now set"];
        assert!(is_said.iter().any(|words| when.contains(words)), "{when}");
        if deed == Deed::Apply {
            assert_eq!(without(now, &SAME).len(), 4, "{when}: nothing of the change is left");
        }
    }
}

#[test]
fn an_apply_beside_a_session_that_changes_other_parameters() {
    beside_other_parameters(Deed::Apply);
}

#[test]
fn a_rollback_beside_a_session_that_changes_other_parameters() {
    beside_other_parameters(Deed::Rollback);
}

#[test]
fn an_undo_beside_a_session_that_changes_other_parameters() {
    beside_other_parameters(Deed::Undo);
}

#[test]
fn a_resume_beside_a_session_that_changes_other_parameters() {
    beside_other_parameters(Deed::Resume);
}

#[test]
fn an_apply_beside_a_session_that_changes_the_same_parameter() {
    beside_the_same_parameter(Deed::Apply);
}

#[test]
fn a_rollback_beside_a_session_that_changes_the_same_parameter() {
    beside_the_same_parameter(Deed::Rollback);
}

#[test]
fn an_undo_beside_a_session_that_changes_the_same_parameter() {
    beside_the_same_parameter(Deed::Undo);
}

#[test]
fn a_resume_beside_a_session_that_changes_the_same_parameter() {
    beside_the_same_parameter(Deed::Resume);
}
