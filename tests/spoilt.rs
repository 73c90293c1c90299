//! A server on which everything goes wrong that rules declare in `fixtures/rules`: exactly those rules fire.

use std::thread;
use std::time::{Duration, Instant};

use pgdba_analysis::rules;
use xtask::servers::{Server, ServerOptions};

use crate::fixtures::Expected;
use crate::program::{build, pgdba};
use crate::stopping::Stopping;

/// Out of community support, which is what one of the rules finds.
const MAJOR: u32 = 13;

/// Sessions that are held open: more than three quarters of the 17 slots that 20 connections leave.
const SESSIONS: usize = 14;

/// How long the sessions and the statistics may take to be seen.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn exactly_the_rules_that_declare_a_cause_fire() {
    let options = ServerOptions::default().with_statements().with("max_connections", "20");
    // Building may take longer than anything here waits for.
    build();
    let server = Server::start(MAJOR, &options).unwrap();
    let expected = spoil(&server);
    assert!(expected.len() > 5, "the causes are not read: {expected:?}");
    thread::scope(|scope| {
        let stopped_at_the_end = Stopping(&server);
        for _ in 0..SESSIONS {
            scope.spawn(|| server.execute("postgres", "select pg_sleep(3600)"));
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let codes = pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]).codes();
            if codes == expected {
                break;
            }
            assert!(Instant::now() < deadline, "these rules fired: {codes:?}, not these: {expected:?}");
            thread::sleep(Duration::from_millis(200));
        }
        drop(stopped_at_the_end);
    });
}

/// Causes what the rules declare, and returns their codes, sorted.
fn spoil(server: &Server) -> Vec<String> {
    let mut codes = Vec::new();
    for rule in rules::all() {
        let Some(statements) = Expected::of(rule.name).spoil else { continue };
        for sql in statements {
            // Some causes are statements that fail; what is wrong with another shows when its rule does not fire.
            server.execute("postgres", &sql).ok();
        }
        codes.push(rule.code.to_owned());
    }
    codes.sort();
    codes
}
