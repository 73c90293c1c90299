//! What an adversary found: roles that see little, other servers of one cluster, values that repeat secrets, sessions that cannot begin.

use std::process::Command;

use xtask::process;
use xtask::servers::{NEWEST, Server, ServerOptions};

use crate::apply_refusals::desk::{Desk, SECRET};
use crate::site::{Site, auto_conf};

/// A role that sees where values come from, and no file.
const OPS: &str = "create role ops login;
    grant alter system on parameter work_mem, max_connections, restore_command, jit to ops;
    grant execute on function pg_reload_conf() to ops; grant pg_read_all_settings to ops";

/// The file shows what the settings do not show yet: an undo takes out what was not loaded.
#[test]
fn what_a_role_without_sight_of_the_file_undoes_is_out_of_the_file() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", OPS).unwrap();
    let former = auto_conf(&server);
    let change = ["apply", "--set", "jit=off", "--set", "max_connections=77", "--set", "restore_command=x"];
    for at in ["done:applying:0", "done:applying:1", "done:applying:2"] {
        let mut site = Site::new(&server);
        site.dsn = server.dsn("ops", "postgres");
        let waiting = site.waits(at, &change);
        process::run(Command::new("kill").args(["-INT", &waiting.pid().to_string()])).unwrap();
        waiting.ends().is_refused(1, "undone", at);
        assert_eq!(auto_conf(&server), former, "{at}");
        // A death is no different.
        site.dies(at, &change);
        let id = site.journals().last().unwrap().change_set.id.clone();
        site.rollback(&id).is_done(at);
        assert_eq!(auto_conf(&server), former, "{at}");
    }
}

/// A parameter that the change had not come to is not its own to restore.
#[test]
fn what_was_not_written_yet_is_not_put_back() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", "alter system set search_path = 'a'").unwrap();
    server.reload_with(&[]).unwrap();
    let site = Site::new(&server);
    let waiting = site.waits("journaled:applying:0", &["apply", "--set", "jit=off", "--reset", "search_path"]);
    server.execute("postgres", "alter system reset search_path").unwrap();
    process::run(Command::new("kill").args(["-INT", &waiting.pid().to_string()])).unwrap();
    waiting.ends().is_refused(1, "undone", "search_path was reset by another session");
    assert!(!auto_conf(&server).iter().any(|line| line.starts_with("search_path") || line.starts_with("jit")));
}

/// A standby has its primary's system identifier and files of its own.
#[test]
fn a_standbys_change_is_not_rolled_back_on_its_primary() {
    let primary = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let standby = primary.standby(&ServerOptions::fast()).unwrap();
    primary.execute("postgres", "alter system set deadlock_timeout = '7s'").unwrap();
    let mut site = Site::new(&standby);
    let id = site.config(&["apply", "--set", "deadlock_timeout=7s"]).id();
    let (on_primary, on_standby) = (auto_conf(&primary), auto_conf(&standby));
    site.dsn = primary.dsn("postgres", "postgres");
    let said = site.rollback(&id).is_refused(1, "other_server", "the primary");
    assert!(said.contains("the change set was applied to 127.0.0.1:") && said.contains("add --force"), "{said}");
    assert_eq!((auto_conf(&primary), auto_conf(&standby)), (on_primary.clone(), on_standby));
    // Nor does an incomplete change of the one prevent changes of the other.
    site.dsn = standby.dsn("postgres", "postgres");
    site.rollback(&id).is_done("the standby");
    let waiting = site.waits("journaled:applying:0", &["apply", "--set", "jit=off"]);
    standby.stop_immediate().unwrap();
    waiting.ends().is_refused(1, "half_way", "the standby is gone");
    site.dsn = primary.dsn("postgres", "postgres");
    let own = site.config(&["apply", "--set", "jit=off"]).id();
    site.rollback(&own).is_done("the primary's own");
    assert_eq!(auto_conf(&primary), on_primary);
}

/// The server's message of a value that it refuses repeats the value.
#[test]
fn a_secret_in_a_value_that_the_server_refuses_is_not_repeated() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast().with("debug_print_parse", "on"));
        let run = desk.run(&["apply", "--yes", "--set", &format!("log_destination=postgres://u:{SECRET}@h")]);
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        let history = desk.run(&["history"]).stdout;
        desk.apply(&[&format!("primary_conninfo=host=x password={SECRET}")]);
        let log = desk.server.log().unwrap();
        let log: Vec<&str> = log.lines().filter(|line| !line.contains("changed to \"host=")).collect();
        for text in [run.stdout + &run.stderr, history, log.join("\n")] {
            assert!(!text.contains(SECRET), "{major}: {text}");
        }
    }
}

#[test]
fn a_library_that_no_session_can_load_is_taken_back() {
    for major in [12, 18] {
        let server = Server::start(major, &ServerOptions::fast()).unwrap();
        let former = auto_conf(&server);
        for name in ["session_preload_libraries", "local_preload_libraries"] {
            let site = Site::new(&server);
            let id = site.config(&["apply", "--set", &format!("{name}=no_such_library")]).id();
            assert!(server.query("postgres", "select 1").is_err(), "{major} {name}: sessions begin");
            site.rollback(&id).is_done(name);
            server.query("postgres", "select 1").unwrap();
            assert_eq!(auto_conf(&server), former, "{major} {name}");
        }
    }
}

/// What the file says is not in force before it is loaded, whatever the own role has.
#[test]
fn a_line_that_is_not_loaded_is_a_change() {
    let desk = Desk::start(18, &ServerOptions::fast());
    desk.sql("alter role postgres set work_mem = '50MB'");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    desk.sql("alter system set work_mem = '13MB'");
    desk.apply(&["work_mem=13MB"]);
    desk.sql("alter role postgres reset work_mem");
    assert_eq!(desk.show("work_mem"), "13MB");
}

/// The running value needs no restart, and a line that is gone is not named.
#[test]
fn the_value_that_runs_already_waits_for_nothing() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let applied = desk.apply(&["max_connections=44"]);
    desk.server.restart().unwrap();
    desk.rollback(&applied);
    let again = desk.apply(&["max_connections=44"]);
    let change = &again["data"]["change_set"]["parameters"][0];
    assert_eq!((&change["outcome"], &change["old_place"]), (&"applies".into(), &serde_json::Value::Null), "{change}");
    assert_eq!(desk.ask("select pending_restart from pg_settings where name = 'max_connections'"), "f");
    desk.rollback(&again);
}

#[test]
fn an_empty_id_names_no_change_set() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let applied = desk.apply(&["jit=off"]);
    let run = desk.run(&["rollback", "--changeset-id", ""]);
    assert_eq!((run.code, desk.show("jit").as_str()), (Some(2), "off"), "{}", run.stderr);
    desk.rollback(&applied);
}
