//! The server dies in the middle of a change.

use xtask::servers::Server;

use super::{change, put_back, server, state_of};
use crate::site::{Site, Standing};

#[test]
fn a_server_that_dies_in_the_middle_of_a_change_is_put_back_when_it_is_up_again() {
    let server = server();
    let former = Standing::of(&server);
    for at in ["done:snapshotted", "journaled:applying:0", "done:applying:3", "before:reloaded", "journaled:reloaded"] {
        let site = Site::new(&server);
        let waiting = site.waits(at, &change());
        server.kill().unwrap();
        let told = waiting.ends();
        let id = site.journal().change_set.id;
        let is_touched = state_of(&site, &id).has_touched_server();
        let said = told.is_refused(1, "half_way", at);
        assert!(is_touched && said.contains(&format!("change set {id} is incomplete: ")), "{at}: {said}");
        assert!(said.contains("connection"), "{at}: {said}");
        assert!(
            said.contains(&format!("pgdba config rollback --dsn {} --changeset-id {id}", site.dsn)),
            "{at}: {said}"
        );
        assert!(!said.contains("--resume"), "{at}: {said}");
        back(&site, &server, &id, &former, at);
    }
}

#[test]
fn a_server_that_dies_in_the_middle_of_a_rollback_is_put_back_when_it_is_up_again() {
    let server = server();
    let former = Standing::of(&server);
    for at in ["journaled:restoring", "altered:2", "done:put_back"] {
        let site = Site::new(&server);
        let id = site.config(&change()).id();
        let waiting = site.waits(at, &["rollback", "--changeset-id", &id]);
        server.kill().unwrap();
        waiting.ends().is_refused(1, "half_way", at);
        back(&site, &server, &id, &former, at);
    }
}

/// Starts the server, rolls back and sees that all is as before. What had waited for a restart has had one, so the server is
/// started once more before it is compared.
fn back(site: &Site<'_>, server: &Server, id: &str, former: &Standing, at: &str) {
    server.start_again().unwrap();
    site.config(&["apply", "--set", "statement_timeout=1h"]).is_refused(4, "incomplete_change", at);
    site.rollback(id).is_done(at);
    assert_eq!(crate::site::auto_conf(server), former.auto_conf, "{at}");
    server.restart().unwrap();
    Standing::of(server).assert_is(former, at);
    site.assert_tidy(at);
    let again = site.rollback(id);
    again.is_refused(1, "already_rolled_back", at);
}

/// The library list has no running value that ALTER SYSTEM could write: its mark outlives the rollback, which succeeds all
/// the same.
#[test]
fn a_list_that_was_empty_is_taken_out_again() {
    let server = server();
    let site = Site::new(&server);
    let former = Standing::of(&server);
    let id = site.config(&["apply", "--set", "shared_preload_libraries=auto_explain, pg_prewarm"]).id();
    site.rollback(&id).is_done("a list");
    assert_eq!(crate::site::auto_conf(&server), former.auto_conf);
    server.restart().unwrap();
    Standing::of(&server).assert_is(&former, "after a restart");
    let id = site.config(&change()).id();
    put_back(&site, &id, &former, "the same home goes on");
}
