//! A connection pooler between pgdba and the server: refused where it shares sessions, and nothing is left behind on them.

use xtask::servers::{NEWEST, Pooler, Server, ServerOptions};

use crate::site::{Site, auto_conf};

/// The settings and locks that a server session of the pool has kept.
const LEFT: &str = "select (select coalesce(string_agg(name, ','), '') from pg_settings where source = 'session' and name not like 'transaction%'
                    and name not in ('application_name', 'client_encoding', 'DateStyle', 'extra_float_digits',
                                     'IntervalStyle', 'TimeZone', 'standard_conforming_strings')),
                    (select count(*) from pg_locks where locktype = 'advisory')::text, current_setting('statement_timeout')";

#[test]
fn a_pool_in_transaction_or_statement_mode_is_refused_before_anything_is_set() {
    let server = Server::start(NEWEST, &ServerOptions::fast().with("statement_timeout", "60s")).unwrap();
    for (what, lines) in [
        ("one session", "pool_mode = transaction\ndefault_pool_size = 1"),
        ("the last one first", "pool_mode = transaction\ndefault_pool_size = 5"),
        ("in turn", "pool_mode = transaction\ndefault_pool_size = 5\nmin_pool_size = 3\nserver_round_robin = 1"),
        ("statements", "pool_mode = statement\ndefault_pool_size = 3"),
    ] {
        let pooler = Pooler::start_with(&server, lines).unwrap();
        let before = auto_conf(&server);
        let mut site = Site::new(&server);
        let applied = site.config(&["apply", "--set", "work_mem=12MB"]).id();
        site.dsn = pooler.dsn("postgres", "postgres");
        let apply = ["apply", "--set", "jit=off"];
        let dry_run = ["apply", "--set", "jit=off", "--dry-run"];
        let rollback = ["rollback", "--changeset-id", &applied];
        for words in [&apply[..], &dry_run, &rollback] {
            // Which session comes next is left to the pool.
            for _ in 0..3 {
                let said = site.config(words).is_refused(1, "pooled_connection", what);
                assert!(
                    said.contains("connection pooler") && said.contains("Connect to the server directly"),
                    "{said}"
                );
                assert!(said.contains(&format!("listens on 127.0.0.1:{}", server.port())), "{said}");
            }
        }
        for _ in 0..6 {
            let left = &pooler.query("postgres", LEFT).unwrap()[0];
            let left: Vec<&str> = left.iter().map(|cell| cell.as_deref().unwrap()).collect();
            assert_eq!(left, ["", "0", "1min"], "{what}");
        }
        site.dsn = server.dsn("postgres", "postgres");
        site.rollback(&applied).is_done(what);
        assert_eq!(auto_conf(&server), before, "{what}");
        site.assert_tidy(what);
    }
}

#[test]
fn a_pool_in_session_mode_is_as_good_as_the_server() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    let pooler = Pooler::start_with(&server, "pool_mode = session\ndefault_pool_size = 5").unwrap();
    let before = auto_conf(&server);
    let mut site = Site::new(&server);
    site.dsn = pooler.dsn("postgres", "postgres");
    let id = site.config(&["apply", "--set", "work_mem=12MB"]).id();
    assert_eq!(site.server.query("postgres", "show work_mem").unwrap()[0][0].as_deref(), Some("12MB"));
    site.rollback(&id).is_done("session mode");
    assert_eq!(auto_conf(&server), before);
    let left = &pooler.query("postgres", LEFT).unwrap()[0];
    assert_eq!(left[..2], [Some(String::new()), Some("0".to_owned())]);
}

#[test]
fn a_role_without_a_second_connection_is_warned_that_poolers_were_not_looked_for() {
    let server = Server::start(NEWEST, &ServerOptions::fast()).unwrap();
    server.execute("postgres", "create role alone login connection limit 1; grant alter system on parameter jit to alone; grant execute on function pg_reload_conf() to alone; grant pg_read_all_settings to alone").unwrap();
    let mut site = Site::new(&server);
    site.dsn = server.dsn("alone", "postgres");
    let run = site.config(&["apply", "--set", "jit=off", "--dry-run"]);
    let warnings = run.envelope["warnings"].to_string();
    assert!(
        warnings.contains("could not check for a connection pooler, because the second connection failed: "),
        "{warnings}"
    );
    assert!(warnings.contains("too many connections for role"), "{warnings}");
    site.dsn = server.dsn("postgres", "postgres");
    let warnings = site.config(&["apply", "--set", "jit=off", "--dry-run"]).envelope["warnings"].to_string();
    assert!(!warnings.contains("pooler"), "{warnings}");
}
