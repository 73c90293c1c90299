//! The levels of what Patroni does to an ALTER SYSTEM, each told from live facts and then seen to be true.

use std::thread;
use std::time::Duration;

use pgdba_change::patroni::{OverriddenBy, Override, Sight, looks_managed, override_of};
use xtask::servers::{PatroniLab, Server, ServerOptions};

use super::{client, command_line, value};

/// Several rounds of Patroni's loop.
const ROUNDS: Duration = Duration::from_secs(4);

#[test]
fn each_level_is_told_and_is_true() {
    let lab = PatroniLab::single().unwrap();
    let dcs = client(&lab, 0).config().unwrap();
    let names = command_line(&lab, 0);
    assert!(looks_managed(&names), "{names:?}");
    let sight = Sight::Managed { dcs: &dcs, command_line: &names };
    let unseen = Sight::Unseen { command_line: &names };
    let overridden = |by| Override::Overridden { by };
    assert_eq!(override_of("max_connections", &sight), overridden(OverriddenBy::CommandLine));
    assert_eq!(override_of("max_connections", &unseen), overridden(OverriddenBy::CommandLine));
    assert_eq!(override_of("work_mem", &sight), overridden(OverriddenBy::Dcs));
    assert_eq!(override_of("work_mem", &unseen), Override::Unknown);
    assert_eq!(override_of("temp_buffers", &sight), Override::NotSetButEphemeral);

    for setting in ["max_connections = 90", "work_mem = '9MB'", "temp_buffers = '9MB'"] {
        lab.query(0, &format!("alter system set {setting}")).unwrap();
    }
    lab.query(0, "select pg_reload_conf()").unwrap();
    thread::sleep(ROUNDS);
    // Each parameter asks a new session, so nothing is left of an old one.
    assert_eq!(value(&lab, 0, "show work_mem"), "9MB", "the one of the DCS is hidden");
    assert_eq!(value(&lab, 0, "show temp_buffers"), "9MB", "the one that Patroni does not know is taken");
    lab.restart(0).unwrap();
    assert_eq!(value(&lab, 0, "show max_connections"), "60", "the one of the command line never is");
    // A later change of the DCS does not come through either.
    let patch = r#"{"postgresql": {"parameters": {"work_mem": "11MB"}}}"#;
    assert_eq!(lab.rest(0, "PATCH", "/config", patch).unwrap().0, 200);
    thread::sleep(ROUNDS);
    assert_eq!(value(&lab, 0, "show work_mem"), "9MB");
}

#[test]
fn a_server_without_patroni_is_not_taken_for_a_managed_one() {
    let options = ServerOptions::fast().with("cluster_name", "lab").with("wal_log_hints", "on");
    let server = Server::start(15, &options).unwrap();
    let sql = "select lower(name) from pg_catalog.pg_settings where source = 'command line'";
    let names = server.query("postgres", sql).unwrap().into_iter().map(|mut row| row.remove(0).unwrap()).collect();
    assert!(!looks_managed(&names), "{names:?}");
    assert_eq!(override_of("work_mem", &Sight::NotManaged), Override::NotManaged);
}
