//! Ways back that others than the changing role take, that lose a right or a session on the way, or that limits of time oppose.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::machine::State;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::site::{Site, Standing, auto_conf};

const CHANGE: [&str; 5] = ["apply", "--set", "work_mem=64MB", "--set", "checkpoint_timeout=9min"];

/// A role that may change `work_mem` and `checkpoint_timeout` and sees where values come from, but not the file.
const OPS: &str = "create role ops login;
    grant alter system on parameter work_mem, checkpoint_timeout, jit to ops;
    grant execute on function pg_reload_conf() to ops; grant pg_read_all_settings to ops";

fn server() -> Server {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", OPS).unwrap();
    server.execute("postgres", "alter system set work_mem = '5MB'").unwrap();
    server.reload_with(&[]).unwrap();
    server
}

/// The same home, as another role.
fn as_role(site: &mut Site<'_>, role: &str) {
    site.dsn = site.server.dsn(role, "postgres");
}

#[test]
fn what_a_blind_role_left_half_way_a_superuser_takes_back_and_resumes() {
    let server = server();
    let former = Standing::of(&server);
    for at in ["done:applying:0", "journaled:applying:1", "done:applying:1", "done:applying:2", "journaled:reloaded"] {
        for forward in [false, true] {
            let mut site = Site::new(&server);
            as_role(&mut site, "ops");
            site.dies(at, &CHANGE);
            let id = site.journal().change_set.id;
            as_role(&mut site, "postgres");
            if forward {
                site.resume(&id).is_done(at);
                assert_eq!(site.journal().state, State::Recorded, "{at}");
            }
            site.rollback(&id).is_done(at);
            // The spelling of what the role could not read is not known: 5120 is 5MB.
            assert_eq!(server.query("postgres", "show work_mem").unwrap()[0][0].as_deref(), Some("5MB"), "{at}");
            site.assert_tidy(at);
            server.execute("postgres", "alter system set work_mem = '5MB'").unwrap();
            server.reload_with(&[]).unwrap();
            Standing::of(&server).assert_is(&former, at);
        }
    }
}

#[test]
fn a_line_that_was_respelled_by_hand_is_the_same_line() {
    let server = server();
    let site = Site::new(&server);
    let id = site.config(&CHANGE).id();
    let path = server.data_dir().join("postgresql.auto.conf");
    let text = fs::read_to_string(&path).unwrap().replace("work_mem = '64MB'", "work_mem = 65536kB");
    fs::write(&path, text).unwrap();
    site.rollback(&id).is_done("respelled");
    assert!(auto_conf(&server).contains(&"work_mem = '5MB'".to_owned()), "{:?}", auto_conf(&server));
}

#[test]
fn a_file_that_nobody_may_read_for_a_while_is_put_back_afterwards() {
    let server = server();
    let former = auto_conf(&server);
    let path = server.data_dir().join("postgresql.auto.conf");
    let readable = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    let site = Site::new(&server);
    let waiting = site.waits("done:applying:1", &CHANGE);
    readable(0o000);
    let said = waiting.ends().is_refused(1, "half_way", "in the middle");
    assert!(said.contains("postgresql.auto.conf"), "{said}");
    let id = site.journal().change_set.id;
    site.rollback(&id).is_refused(1, "auto_conf_broken", "still unreadable");
    site.config(&["apply", "--set", "jit=off"]).is_refused(1, "auto_conf_broken", "a new change");
    readable(0o600);
    site.config(&["apply", "--set", "jit=off"]).is_refused(4, "incomplete_change", "the former is not back");
    site.rollback(&id).is_done("readable again");
    assert_eq!(auto_conf(&server), former);
    site.assert_tidy("readable again");
}

#[test]
fn a_role_that_lost_a_right_is_refused_before_the_first_write_and_leaves_no_lock() {
    let server = server();
    let mut site = Site::new(&server);
    as_role(&mut site, "ops");
    let id = site.config(&[&CHANGE[..], &["--set", "jit=off"]].concat()).id();
    let applied = Standing::of(&server);
    for (revoke, grant, code) in [
        (
            "revoke alter system on parameter checkpoint_timeout from ops",
            "grant alter system on parameter checkpoint_timeout to ops",
            "permission_denied",
        ),
        (
            "revoke execute on function pg_reload_conf() from ops",
            "grant execute on function pg_reload_conf() to ops",
            "reload_denied",
        ),
    ] {
        server.execute("postgres", revoke).unwrap();
        let said = site.rollback(&id).is_refused(1, code, revoke);
        assert!(said.contains("GRANT"), "{said}");
        Standing::of(&server).assert_is(&applied, revoke);
        assert_eq!(site.journal().state, State::Recorded, "{revoke}");
        site.assert_tidy(revoke);
        server.execute("postgres", grant).unwrap();
    }
    // Nothing prevents another change.
    let other = site.config(&["apply", "--set", "work_mem=65MB"]).id();
    site.rollback(&other).is_done("in between");
    site.rollback(&id).is_done("with all rights");
}

#[test]
fn a_right_that_is_lost_in_the_middle_ends_in_order() {
    let server = server();
    let former = Standing::of(&server);
    let mut site = Site::new(&server);
    as_role(&mut site, "ops");
    let id = site.config(&CHANGE).id();
    let waiting = site.waits("journaled:restoring", &["rollback", "--changeset-id", &id]);
    server.execute("postgres", "revoke alter system on parameter work_mem from ops").unwrap();
    let said = waiting.ends().is_refused(1, "half_way", "in the middle");
    assert!(said.contains("permission denied to set parameter \"work_mem\""), "{said}");
    site.assert_tidy("it ended in order");
    let said = site.config(&["apply", "--set", "jit=off"]).is_refused(4, "incomplete_change", "the next one");
    assert!(said.contains("its last run ended with: ") && !said.contains("terminated"), "{said}");
    as_role(&mut site, "postgres");
    site.rollback(&id).is_done("a superuser");
    server.execute("postgres", "alter system set work_mem = '5MB'").unwrap();
    server.reload_with(&[]).unwrap();
    Standing::of(&server).assert_is(&former, "a superuser");
}

#[test]
fn a_session_that_is_terminated_is_opened_once_more() {
    let server = server();
    let former = Standing::of(&server);
    let terminate = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgdba %'";
    for (at, back) in [("done:applying:0", false), ("journaled:applying:1", false), ("journaled:restoring", true)] {
        let site = Site::new(&server);
        let words = if back {
            let id = site.config(&CHANGE).id();
            vec!["rollback".to_owned(), "--changeset-id".to_owned(), id]
        } else {
            CHANGE.map(str::to_owned).to_vec()
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let waiting = site.waits(at, &words);
        server.execute("postgres", terminate).unwrap();
        let told = waiting.ends();
        told.is_done(at);
        assert!(told.envelope["warnings"].to_string().contains("the connection was lost and restored"), "{at}");
        if !back {
            site.rollback(&told.id()).is_done(at);
        }
        Standing::of(&server).assert_is(&former, at);
        site.assert_tidy(at);
    }
}

#[test]
fn why_no_session_could_be_opened_again_is_said() {
    let server = server();
    let mut site = Site::new(&server);
    let former = Standing::of(&server);
    let change = ["apply", "--set", "work_mem=12MB"];
    server.execute("postgres", "alter role ops superuser").unwrap();
    as_role(&mut site, "ops");
    let waiting = site.waits("journaled:reloaded", &change);
    let terminate = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgdba %'";
    server.execute("postgres", "alter role ops nologin").unwrap();
    server.execute("postgres", terminate).unwrap();
    let said = waiting.ends().is_refused(1, "half_way", "no login");
    assert!(said.contains("could not reconnect: "), "{said}");
    assert!(said.contains("role \"ops\" is not permitted to log in"), "{said}");
    server.execute("postgres", "alter role ops login").unwrap();
    let id = site.journal().change_set.id;
    site.rollback(&id).is_done("login again");
    Standing::of(&server).assert_is(&former, "login again");
}

#[test]
fn a_limit_of_time_that_ends_every_session_is_taken_back() {
    for (major, pairs) in [
        (12, &["statement_timeout=1ms", "idle_in_transaction_session_timeout=1ms", "lock_timeout=1ms"][..]),
        (18, &["statement_timeout=1ms", "transaction_timeout=1ms", "idle_session_timeout=1ms", "lock_timeout=1ms"]),
    ] {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let former = auto_conf(&server);
        for pair in pairs {
            let site = Site::new(&server);
            let id = site.config(&["apply", "--set", pair, "--force"]).id();
            // Sessions that are to begin are met by the limit.
            thread::sleep(Duration::from_millis(50));
            let deadline = Instant::now() + Duration::from_secs(60);
            let back = site.rollback(&id);
            assert!(Instant::now() < deadline, "{pair}");
            back.is_done(pair);
            assert_eq!(auto_conf(&server), former, "{pair}");
            site.assert_tidy(pair);
        }
    }
}

/// The line of the later value moves while the other parameters are put back.
#[test]
fn what_is_forced_is_overwritten_wherever_its_line_moves() {
    let server = server();
    let former = auto_conf(&server);
    let site = Site::new(&server);
    let id =
        site.config(&["apply", "--set", "checkpoint_timeout=9min", "--set", "jit=off", "--set", "work_mem=64MB"]).id();
    server.execute("postgres", "alter system set work_mem = '77MB'").unwrap();
    let said = site.rollback(&id).is_refused(1, "changed_since", "not forced");
    assert!(said.contains("\"work_mem\" is now set to '77MB' in line 5 of postgresql.auto.conf"), "{said}");
    assert!(said.contains("add --force, which would write '5MB'"), "{said}");
    let forced = site.config(&["rollback", "--changeset-id", &id, "--force"]);
    forced.is_done("forced");
    let warnings = forced.envelope["warnings"].to_string();
    assert!(warnings.contains("overwritten because of --force: \\\"work_mem\\\" was set to '77MB'"), "{warnings}");
    assert!(!warnings.contains("not restored"), "{warnings}");
    assert_eq!(auto_conf(&server), former);
}

/// In the middle of a way back a parameter is changed: it stays, and nothing says that it is back.
#[test]
fn what_another_session_changed_on_the_way_back_is_not_said_to_be_back() {
    let server = server();
    let site = Site::new(&server);
    let id = site.config(&CHANGE).id();
    let waiting = site.waits("journaled:restoring", &["rollback", "--changeset-id", &id]);
    server.execute("postgres", "alter system set work_mem = '77MB'").unwrap();
    let told = waiting.ends();
    assert_eq!(told.is_done("left")["left"], serde_json::json!(["work_mem"]));
    assert!(auto_conf(&server).contains(&"work_mem = '77MB'".to_owned()));
    let history = site.command("pgdba", &["history", "--changeset-id", &id]).output().unwrap();
    let history = String::from_utf8(history.stdout).unwrap();
    assert!(history.contains("rolled back, except work_mem, which another session changed"), "{history}");
}
