//! pgdba is killed at every point of a rollback without the server; whoever comes next finishes it.

use pgdba_change::machine::State;

use super::{apply, auto_conf, offline, path, server};
use crate::site::{Site, Standing, names, sorted_lines};
use xtask::servers::NEWEST;

const CHANGE: [&str; 6] = ["--set", "work_mem=12MB", "--set", "max_connections=123", "--reset", "random_page_cost"];

#[test]
fn an_offline_rollback_that_died_anywhere_is_finished_by_either_command() {
    let server = server(NEWEST);
    server.execute("postgres", "alter system set work_mem = '8MB'").unwrap();
    server.execute("postgres", "alter system set random_page_cost = 1.5").unwrap();
    server.reload_with(&[]).unwrap();
    let former = Standing::of(&server);
    for state in ["restoring", "put_back", "restored"] {
        for moment in ["before", "journaled", "done"] {
            for is_offline in [true, false] {
                let at = format!("{moment}:{state}");
                let site = Site::new(&server);
                let id = apply(&site, &CHANGE);
                server.stop_fast().unwrap();
                let directory = path(&server);
                site.dies(&at, &["rollback", "--offline", "--data-directory", &directory, "--changeset-id", &id]);
                let is_over = matches!(site.journal().state, State::Restored { .. });
                if is_offline {
                    let told = offline(&site, server.data_dir(), &id, &[]);
                    // Where the lock alone is left, freeing it is all there is to do; where it is freed, nothing is.
                    if at == "done:restored" {
                        drop(told.is_refused(1, "already_rolled_back", &at))
                    } else {
                        drop(told.is_done(&at))
                    }
                    let left: Vec<_> =
                        names(server.data_dir()).into_iter().filter(|name| name.ends_with(".tmp")).collect();
                    assert!(left.is_empty(), "{at}: {left:?}");
                    server.start_again().unwrap();
                } else {
                    server.start_again().unwrap();
                    let told = site.rollback(&id);
                    // It may have started with the values that need a restart.
                    server.restart().unwrap();
                    if at == "done:restored" {
                        drop(told.is_refused(1, "already_rolled_back", &at))
                    } else {
                        drop(told.is_done(&at))
                    }
                }
                assert_eq!(is_over, state == "restored" && moment != "before", "{at}");
                assert!(matches!(site.journal().state, State::Restored { .. }), "{at}");
                assert_eq!(sorted_lines(&auto_conf(&server)), former.auto_conf, "{at}");
                site.assert_tidy(&at);
                put_in_order(&server);
                Standing::of(&server).assert_is(&former, &at);
            }
        }
    }
}

/// A change that died half-way, after which the server does not run either.
#[test]
fn a_change_that_died_anywhere_is_rolled_back_without_the_server() {
    let server = server(NEWEST);
    server.execute("postgres", "alter system set work_mem = '8MB'").unwrap();
    server.execute("postgres", "alter system set random_page_cost = 1.5").unwrap();
    server.reload_with(&[]).unwrap();
    let former = auto_conf(&server);
    for at in ["done:planned", "done:snapshotted", "done:applying:0", "done:applying:2", "journaled:recorded"] {
        let site = Site::new(&server);
        site.dies(at, &[&["apply"], &CHANGE[..]].concat());
        let id = site.journal().change_set.id;
        server.stop_fast().unwrap();
        offline(&site, server.data_dir(), &id, &[]).is_done(at);
        assert_eq!(sorted_lines(&auto_conf(&server)), sorted_lines(&former), "{at}");
        assert!(site.journal().state.is_settled(), "{at}");
        server.start_again().unwrap();
        site.assert_tidy(at);
        put_in_order(&server);
    }
}

/// An ordinary rollback died, and the server with it.
#[test]
fn a_rollback_that_died_anywhere_is_finished_without_the_server() {
    let server = server(NEWEST);
    let former = auto_conf(&server);
    for at in ["journaled:restoring", "cleared:max_connections", "altered:1", "done:put_back", "done:reloaded_back"] {
        let site = Site::new(&server);
        let id = apply(&site, &["--set", "work_mem=12MB", "--set", "max_worker_processes=12"]);
        let at = at.replace("max_connections", "max_worker_processes");
        site.dies(&at, &["rollback", "--changeset-id", &id]);
        server.kill().unwrap();
        offline(&site, server.data_dir(), &id, &[]).is_done(&at);
        assert_eq!(auto_conf(&server), former, "{at}");
        server.start_again().unwrap();
        site.assert_tidy(&at);
    }
}

/// Two at once: the second is refused, and the first ends as if nothing had been.
#[test]
fn a_second_offline_rollback_is_refused_while_the_first_runs() {
    let server = server(NEWEST);
    let former = auto_conf(&server);
    let site = Site::new(&server);
    let id = apply(&site, &CHANGE);
    server.stop_fast().unwrap();
    let directory = path(&server);
    let words = ["rollback", "--offline", "--data-directory", &directory, "--changeset-id", &id];
    let waiting = site.waits("journaled:restoring", &words);
    let changed = auto_conf(&server);
    offline(&site, server.data_dir(), &id, &["--force"]).is_refused(4, "locked", "the second");
    assert_eq!(auto_conf(&server), changed);
    waiting.ends().is_done("the first");
    assert_eq!(auto_conf(&server), former);
    site.assert_tidy_on_disk("at the end");
}

/// A server that is started in the middle of it is not touched, and the rollback is finished on it.
#[test]
fn a_server_that_is_started_meanwhile_is_left_alone() {
    let server = server(NEWEST);
    let former = auto_conf(&server);
    let site = Site::new(&server);
    let id = apply(&site, &["--set", "work_mem=12MB"]);
    server.stop_fast().unwrap();
    let directory = path(&server);
    let words = ["rollback", "--offline", "--data-directory", &directory, "--changeset-id", &id];
    let waiting = site.waits("journaled:restoring", &words);
    server.start_again().unwrap();
    let changed = auto_conf(&server);
    let said = waiting.ends().is_refused(1, "half_way", "started meanwhile");
    assert!(said.contains("is running") && said.contains("--offline --data-directory"), "{said}");
    assert_eq!(auto_conf(&server), changed);
    assert!(site.journal().ended.is_some_and(|ended| ended.contains("is running")));
    site.assert_tidy("ended in order");
    site.rollback(&id).is_done("on the running server");
    assert_eq!(auto_conf(&server), former);
}

/// The lines in the order in which they were set: what is added comes last.
fn put_in_order(server: &xtask::servers::Server) {
    server.execute("postgres", "alter system set work_mem = '8MB'").unwrap();
    server.execute("postgres", "alter system set random_page_cost = 1.5").unwrap();
    server.reload_with(&[]).unwrap();
}
