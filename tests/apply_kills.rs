//! pgdba is killed at every point of a change and of its way back: the journal says how far it came, and both ways out lead
//! to a clean state, byte for byte.

mod random;
mod server;

use std::process::Command;

use pgdba_change::machine::State;
use xtask::process;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::site::{Site, Standing};

/// Of every kind one: at a reload, in a session, at a restart (one stands in postgresql.conf, one nowhere), a list, one that
/// stood in the middle of the file, one that is taken out.
const CHANGE: [&str; 14] = [
    "--set",
    "checkpoint_completion_target=0.8",
    "--set",
    "work_mem=12MB",
    "--set",
    "max_connections=123",
    "--set",
    "search_path=\"$user\", public, \"Odd, one\"",
    "--set",
    "max_worker_processes=12",
    "--reset",
    "random_page_cost",
    "--set",
    "log_min_duration_statement=5s",
];

/// What stands in the file before, in this order.
const BEFORE: [&str; 6] = [
    "maintenance_work_mem = '99 MB'",
    "work_mem = '8MB'",
    "log_line_prefix = '%m it''s \\ %u '",
    "random_page_cost = 1.5",
    "session_preload_libraries = 'auto_explain'",
    "checkpoint_timeout = '7min'",
];

/// The states on the way forward.
const FORWARD: [&str; 15] = [
    "planned",
    "locked",
    "prechecked",
    "snapshotted",
    "applying:0",
    "applying:1",
    "applying:2",
    "applying:3",
    "applying:4",
    "applying:5",
    "applying:6",
    "applying:7",
    "reloaded",
    "verified",
    "recorded",
];

/// The states on the way back from an applied change; before the first stands `recorded`.
const BACK: [&str; 4] = ["restoring", "put_back", "reloaded_back", "restored"];

/// A server whose file is as [`BEFORE`] says.
fn server() -> Server {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    for line in BEFORE {
        server.execute("postgres", &format!("alter system set {line}")).unwrap();
    }
    server.reload_with(&[]).unwrap();
    server
}

/// A point of death.
#[derive(Debug, Clone)]
struct Point {
    /// As the variable names it.
    at: String,
    /// The state that the journal names then; none where there is no journal yet.
    written: Option<&'static str>,
    /// Whether the lock file is left.
    is_locked: bool,
}

/// Each moment of each state, in their order; the journal says `first` before.
fn points(states: &[&'static str], first: Option<&'static str>) -> Vec<Point> {
    let mut points = Vec::new();
    let mut former = first;
    for state in states {
        // The lock file is made in the first state of an apply and removed in the last one of both ways.
        let is_last = *state == states[states.len() - 1];
        let is_locked = |moment| match moment {
            "done" => !is_last,
            _ => *state != "planned",
        };
        for moment in ["before", "journaled", "done"] {
            let written = if moment == "before" { former } else { Some(*state) };
            points.push(Point { at: format!("{moment}:{state}"), written, is_locked: is_locked(moment) });
        }
        former = Some(state);
    }
    points
}

fn change() -> Vec<&'static str> {
    ["apply"].into_iter().chain(CHANGE).collect()
}

/// The state that people see in the history.
fn shown(state: &str) -> String {
    let died = |what: &str| format!("incomplete: the process died; {what}");
    match state {
        "planned" | "locked" | "prechecked" | "snapshotted" => {
            "not applied: the process died; nothing was changed on the server".to_owned()
        }
        "applying:7" => died("all parameters are set, but the server might not have reloaded"),
        "reloaded" => died("all parameters are set and reloaded, but not verified"),
        "verified" => died("everything is complete except the record in the journal"),
        "recorded" => "applied, restart pending: max_connections, max_worker_processes".to_owned(),
        "restoring" => died("the former state is being restored"),
        "put_back" => died("the former state is restored, but the server might not have reloaded"),
        "reloaded_back" => died("the former state is restored and reloaded, but not verified"),
        "restored" => "rolled back".to_owned(),
        applying => {
            let done = applying.strip_prefix("applying:").unwrap();
            died(&format!("{done} of 7 steps are complete, and the next one might have started"))
        }
    }
}

/// The journal on the disk, the refusal of the next change and the history after a death; the id of the change.
fn check_death(site: &Site<'_>, point: &Point, operation: &str) -> Option<String> {
    let at = &point.at;
    let Some(written) = point.written else {
        assert!(site.journals().is_empty(), "{at}: {:?}", site.files());
        return None;
    };
    let journal = site.journal();
    assert_eq!(journal.state.word(), written, "{at}");
    assert_eq!(journal.entered.last().unwrap().state, written, "{at}");
    let id = journal.change_set.id.clone();
    let before = Standing::of(site.server);

    let next = site.config(&["apply", "--set", "statement_timeout=1h"]);
    if point.is_locked {
        let said = next.is_refused(4, "lock_abandoned", at);
        let dsn = &site.dsn;
        let back = format!("pgdba config rollback --dsn {dsn} --changeset-id {id}");
        let on = format!("pgdba config apply --dsn {dsn} --resume --changeset-id {id}");
        assert!(said.contains(&format!("was terminated during {operation} of change set {id}")), "{at}: {said}");
        assert!(said.contains(&back), "{at}: {said}");
        assert_eq!(said.contains(&on), operation != "rollback", "{at}: {said}");
    } else {
        let next_id = next.id();
        next.is_done(at);
        site.rollback(&next_id).is_done(at);
    }
    Standing::of(site.server).assert_is(&before, at);

    let history = site.config(&["history", "--changeset-id", &id]).is_done(at);
    assert_eq!(history[0]["state"], serde_json::to_value(&journal.state).unwrap(), "{at}");
    let text = site.command("pgdba", &["history"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let line = text.lines().find(|line| line.starts_with(&id)).unwrap_or_else(|| panic!("{at}: {text}"));
    assert!(line.trim_end().ends_with(&shown(written)), "{at}: {line}");
    Some(id)
}

/// The journal of a change.
fn state_of(site: &Site<'_>, id: &str) -> State {
    let journals = site.journals();
    journals.into_iter().find(|journal| journal.change_set.id == id).unwrap().state
}

/// Rolls back what is left of a change, and sees that the server stands as before and that nothing is left over.
fn put_back(site: &Site<'_>, id: &str, former: &Standing, at: &str) {
    site.rollback(id).is_done(at);
    let state = state_of(site, id);
    assert!(matches!(state, State::Restored { .. } | State::Abandoned { .. }), "{at}: {state:?}");
    former.assert_is_there(site, at);
}

impl Standing {
    #[track_caller]
    fn assert_is_there(&self, site: &Site<'_>, at: &str) {
        Self::of(site.server).assert_is(self, at);
        site.assert_tidy(at);
    }
}

#[test]
fn a_change_that_died_anywhere_can_be_rolled_back() {
    let server = server();
    let former = Standing::of(&server);
    let mut again = points(&BACK, None).into_iter().cycle();
    for point in points(&FORWARD, None) {
        let site = Site::new(&server);
        site.dies(&point.at, &change());
        let Some(id) = check_death(&site, &point, "apply") else {
            Standing::of(&server).assert_is(&former, &point.at);
            continue;
        };
        // In the middle of the way back it dies once more, each time elsewhere.
        if state_of(&site, &id).has_touched_server() {
            let second = again.next().unwrap();
            site.dies(&second.at, &["rollback", "--changeset-id", &id]);
            if second.at == "done:restored" {
                former.assert_is_there(&site, &second.at);
                site.rollback(&id).is_refused(1, "already_rolled_back", &second.at);
                continue;
            }
        } else {
            site.dies("journaled:abandoned", &["rollback", "--changeset-id", &id]);
        }
        put_back(&site, &id, &former, &point.at);
    }
}

#[test]
fn a_change_that_died_anywhere_can_be_gone_on_with() {
    let server = server();
    let former = Standing::of(&server);
    let new = applied(&server);
    assert_ne!(new, former);
    let seconds = points(&FORWARD[1..], Some("planned"));
    for (number, point) in points(&FORWARD, None).into_iter().enumerate().skip(1) {
        let site = Site::new(&server);
        site.dies(&point.at, &change());
        let id = check_death(&site, &point, "apply").unwrap();
        // On the way it dies once more, further on.
        if let Some(second) = seconds.get(number + number % 5..).and_then(<[_]>::first) {
            site.dies(&second.at, &["apply", "--resume", "--changeset-id", &id]);
            assert_eq!(state_of(&site, &id).word(), second.written.unwrap(), "{} {}", point.at, second.at);
        }
        let is_locked = site.files().contains(&".lock".to_owned());
        let resumed = site.resume(&id);
        // Where nothing but the lock was left, freeing it is what was to be done.
        if is_locked || point.written == Some("planned") {
            resumed.is_done(&point.at);
        } else {
            resumed.is_refused(1, "already_applied", &point.at);
        }
        assert_eq!(state_of(&site, &id), State::Recorded, "{}", point.at);
        new.assert_is_there(&site, &point.at);
        put_back(&site, &id, &former, &point.at);
    }
}

/// The user breaks a change off, and the machine goes down while pgdba puts it back.
#[test]
fn an_undoing_that_died_anywhere_can_be_done_again() {
    let server = server();
    let former = Standing::of(&server);
    for point in points(&BACK, Some("applying:4")) {
        let site = Site::new(&server);
        let waiting = site.waits_and_dies("done:applying:3", &point.at, &change());
        process::run(Command::new("kill").args(["-INT", &waiting.pid().to_string()])).unwrap();
        waiting.dies(&point.at);
        let journal = site.journal();
        let id = journal.change_set.id.clone();
        // The signal is heard at the end of this step or of the next one.
        let word = journal.state.word();
        let is_right = |written: &str| word == written || (written == "applying:4" && word == "applying:3");
        assert!(point.written.is_some_and(is_right), "{}: {word}", point.at);
        if point.at == "done:restored" {
            former.assert_is_there(&site, &point.at);
        } else {
            put_back(&site, &id, &former, &point.at);
        }
        let text = site.command("pgdba", &["history"]).output().unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        let expected = if point.at == "before:restoring" { "rolled back" } else { "failed and undone: interrupted" };
        assert!(text.contains(expected), "{}: {text}", point.at);
    }
}

/// Half-way between two statements of the way back the others' lines stand in another order, and a running value may stand
/// where nothing stood before.
#[test]
fn a_rollback_that_died_between_two_statements_can_be_done_again() {
    let server = server();
    let former = Standing::of(&server);
    for at in ["cleared:max_worker_processes", "altered:1", "altered:3", "altered:5", "altered:7"] {
        let site = Site::new(&server);
        let id = site.config(&change()).id();
        site.dies(at, &["rollback", "--changeset-id", &id]);
        put_back(&site, &id, &former, at);
    }
}

/// What the server is like with the change; it is put back again.
fn applied(server: &Server) -> Standing {
    let site = Site::new(server);
    let done = site.config(&change());
    let new = Standing::of(server);
    site.rollback(&done.id()).is_done("undisturbed");
    new
}

#[test]
fn a_rollback_that_died_anywhere_can_be_done_again() {
    let server = server();
    let former = Standing::of(&server);
    for point in points(&BACK, Some("recorded")) {
        let site = Site::new(&server);
        let id = site.config(&change()).id();
        site.dies(&point.at, &["rollback", "--changeset-id", &id]);
        check_death(&site, &point, "rollback");
        let resumed = site.resume(&id);
        match point.written {
            // The rollback had not begun, and its lock is gone now.
            Some("recorded") => drop(resumed.is_done(&point.at)),
            Some("restored") => drop(resumed.is_refused(1, "already_rolled_back", &point.at)),
            _ => drop(resumed.is_refused(1, "going_back", &point.at)),
        }
        if point.at == "done:restored" {
            former.assert_is_there(&site, &point.at);
        } else if point.written == Some("restored") {
            // What the resume found settled it freed.
            former.assert_is_there(&site, &point.at);
            site.rollback(&id).is_refused(1, "already_rolled_back", &point.at);
        } else {
            put_back(&site, &id, &former, &point.at);
        }
    }
}
