//! One change of a server at a time: from one home, from several, through several databases; and what becomes of a lock whose
//! owner died.

use std::thread;

use pgdba_change::machine::State;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::site::{Site, Standing, auto_conf};

fn server() -> Server {
    Server::start(NEWEST, &ServerOptions::fast()).unwrap()
}

const FIRST: [&str; 3] = ["apply", "--set", "work_mem=12MB"];
const SECOND: [&str; 3] = ["apply", "--set", "maintenance_work_mem=99MB"];

/// The first is held in the middle of its change; the second is refused as it comes and as it rolls back, and the first goes on
/// as if nothing had been. What is said to the second is given.
fn the_second_is_refused(first: &Site<'_>, second: &Site<'_>) -> (String, String) {
    let former = auto_conf(first.server);
    let earlier = second.config(&["apply", "--set", "statement_timeout=1h"]).id();
    let between = auto_conf(first.server);
    let waiting = first.waits("done:applying:0", &FIRST);
    let pid = waiting.pid();
    let id = first.journals().pop().unwrap().change_set.id;
    let set = auto_conf(first.server);
    let said = second.config(&SECOND).is_refused(4, "locked", "apply");
    assert!(second.rollback(&earlier).is_refused(4, "locked", "rollback").contains(&id));
    assert_eq!(auto_conf(first.server), set, "the second touched the file");
    assert_ne!(set, between);
    // The room for the journal is the first one's still.
    assert!(first.files().contains(&".reserve".to_owned()), "{:?}", first.files());
    waiting.ends().is_done("the first");
    let journal = first.journals().into_iter().find(|journal| journal.change_set.id == id).unwrap();
    assert_eq!(journal.state, State::Recorded);
    // Now it is the second's turn; both go back in the order of their coming.
    let later = second.config(&SECOND).id();
    second.rollback(&later).is_done("the second");
    first.rollback(&id).is_done("the first");
    second.rollback(&earlier).is_done("the earlier one");
    assert_eq!(auto_conf(first.server), former);
    (said, format!("{id} {pid}"))
}

#[test]
fn two_changes_from_one_home_exclude_each_other() {
    let server = server();
    let site = Site::new(&server);
    let (said, held) = the_second_is_refused(&site, &site);
    let (id, pid) = held.split_once(' ').unwrap();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let expected = format!("apply of change set {id} by process {pid} on {} since ", host.trim());
    assert!(said.contains(&expected), "{said}");
    site.assert_tidy("at the end");
}

#[test]
fn two_changes_from_two_homes_exclude_each_other_through_whatever_databases() {
    let server = server();
    // The order of their oids decides who gives way, and must not decide who is let in.
    server.execute("postgres", "create database higher").unwrap();
    for (one, other) in
        [("postgres", "postgres"), ("postgres", "higher"), ("higher", "postgres"), ("higher", "template1")]
    {
        let (first, second) = (Site::through(&server, one), Site::through(&server, other));
        let (said, held) = the_second_is_refused(&first, &second);
        let id = held.split(' ').next().unwrap();
        assert!(said.contains("this server is being changed by server process "), "{one} {other}: {said}");
        assert!(said.contains("of role \"postgres\""), "{one} {other}: {said}");
        assert!(said.contains(&format!("change set {id}")), "{one} {other}: {said}");
        first.assert_tidy(one);
    }
}

/// Ten homes, each with a change of its own to the same parameter, all at once, until each has come to its turn.
#[test]
fn of_ten_at_once_one_applies_at_any_time() {
    let server =
        Server::start(NEWEST, &ServerOptions::fast().with("log_statement", "all").with("log_line_prefix", "%p "))
            .unwrap();
    let former = Standing::of(&server);
    let sites: Vec<Site<'_>> = (0..10).map(|_| Site::new(&server)).collect();
    thread::scope(|scope| {
        for (number, site) in sites.iter().enumerate() {
            scope.spawn(move || {
                let setting = format!("work_mem={}MB", number + 100);
                let words = [
                    "apply",
                    "--set",
                    &setting,
                    "--set",
                    "random_page_cost=1.5",
                    "--set",
                    &format!("temp_buffers={}MB", number + 100),
                ];
                for _ in 0..200 {
                    let told = site.config(&words);
                    let word = told.envelope["error"]["code"].as_str().unwrap_or_default().to_owned();
                    match (told.code, word.as_str()) {
                        (Some(0), _) => return,
                        (Some(4), "locked") | (Some(1), "plan_outdated") => {}
                        _ => panic!("{}", told.envelope),
                    }
                }
                panic!("never came to its turn");
            });
        }
    });
    // The statements of each session stand together: nobody else's came in between.
    let log = server.log().unwrap();
    let altering = log.lines().filter(|line| line.contains("ALTER SYSTEM SET"));
    let mut pids: Vec<&str> = altering.filter_map(|line| line.split(' ').next()).collect();
    let statements = pids.len();
    pids.dedup();
    assert_eq!((pids.len(), statements), (10, 21), "{pids:?}");
    // Each began with what the one before it left.
    let mut journals: Vec<_> = sites.iter().flat_map(Site::journals).collect();
    journals.retain(|journal| journal.state == State::Recorded);
    journals.sort_by_key(|journal| journal.change_set.applied_at);
    assert_eq!(journals.len(), 10);
    let work_mem = |journal: &pgdba_change::journal::Journal| {
        let mut parameters = journal.change_set.parameters.clone().into_iter();
        let change = parameters.find(|change| change.name == "work_mem").unwrap();
        (change.old_value.unwrap(), change.new_value.unwrap())
    };
    let mut last = "4MB".to_owned();
    for journal in &journals {
        let (old, new) = work_mem(journal);
        assert_eq!(old, last);
        last = new;
    }
    // So the way back in reverse order leads to where it began.
    for journal in journals.iter().rev() {
        let is_of = |site: &&Site<'_>| site.journals().iter().any(|other| other.change_set.id == journal.change_set.id);
        sites.iter().find(is_of).unwrap().rollback(&journal.change_set.id).is_done("in reverse");
    }
    Standing::of(&server).assert_is(&former, "in reverse");
}

/// At once from one home: every one of them is let in, or is told of the one that is.
#[test]
fn of_eight_at_once_from_one_home_each_is_let_in_or_told() {
    let server = server();
    let site = Site::new(&server);
    thread::scope(|scope| {
        for number in 0..8 {
            let site = &site;
            scope.spawn(move || {
                for round in 0..6 {
                    let told = site.config(&["apply", "--set", &format!("work_mem={}MB", 100 + number * 10 + round)]);
                    let word = told.envelope["error"]["code"].as_str().unwrap_or_default().to_owned();
                    assert!(
                        matches!(
                            (told.code, word.as_str()),
                            (Some(0), "") | (Some(4), "locked") | (Some(1), "plan_outdated")
                        ),
                        "{}",
                        told.envelope
                    );
                }
            });
        }
    });
    assert!(site.journals().iter().all(|journal| journal.state.is_settled()));
    site.assert_tidy("at the end");
}

#[test]
fn a_lock_is_freed_only_of_the_dead_and_only_by_its_name() {
    let server = server();
    let former = Standing::of(&server);
    let site = Site::new(&server);
    let unlock = |id: &str| site.config(&["unlock", "--changeset-id", id]);
    unlock("019a").is_refused(1, "not_locked", "no home");
    let earlier = site.config(&["apply", "--set", "statement_timeout=1h"]).id();
    unlock(&earlier).is_refused(1, "not_locked", "nothing locked");

    let waiting = site.waits("done:applying:0", &FIRST);
    let id = site.journals().pop().unwrap().change_set.id;
    let said = unlock(&id).is_refused(4, "locked", "its owner lives");
    assert!(said.contains(&id), "{said}");
    // Its owner dies.
    drop(waiting);
    // No other change gets past it, and each is told of whom it is.
    let said = site.rollback(&earlier).is_refused(4, "lock_abandoned", "another change's lock");
    assert!(said.contains(&format!("was terminated during apply of change set {id}")), "{said}");
    assert!(said.contains(&format!("rollback --dsn {} --changeset-id {id}", site.dsn)), "{said}");
    unlock(&earlier).is_refused(1, "not_locked", "another id");
    let data = unlock(&id).is_done("the dead one's");
    assert_eq!((data["changeset_id"].as_str(), data["state"]["at"].as_str()), (Some(id.as_str()), Some("applying")));
    site.assert_nothing_held("freed");
    unlock(&id).is_refused(1, "not_locked", "freed already");
    // What it had begun is still there, and still goes back.
    let told = site.config(&["apply", "--dry-run", "--set", "jit=off"]);
    assert!(told.envelope["warnings"].to_string().contains(&format!("{id} is incomplete")), "{}", told.envelope);
    site.rollback(&id).is_done("after the lock was freed");
    site.rollback(&earlier).is_done("the earlier one");
    Standing::of(&server).assert_is(&former, "at the end");
    site.assert_tidy("at the end");
}

/// Two servers that one home changed: the beginning of an id may name the locks of both.
#[test]
fn a_beginning_that_fits_two_locks_frees_none() {
    let (one, other) = (server(), server());
    let first = Site::new(&one);
    let mut second = Site::new(&other);
    second.home.clone_from(&first.home);
    first.dies("done:applying:0", &FIRST);
    let id = first.journal().change_set.id;
    second.dies("done:applying:0", &FIRST);
    let said = first.config(&["unlock", "--changeset-id", "0"]).is_refused(2, "ambiguous_change_set", "two");
    assert!(said.contains("the IDs of 2 change sets begin with 0: ") && said.contains(&id), "{said}");
    first.config(&["unlock", "--changeset-id", &id]).is_done("one of them");
    first.config(&["unlock", "--changeset-id", "0"]).is_done("the only one left");
}
