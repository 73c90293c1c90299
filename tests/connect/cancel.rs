//! A statement that is running when somebody stops the program ends too, also where only TLS leads to the server.

use std::path::Path;
use std::process::{Command, Stdio};

use xtask::servers::Server;
use xtask::{paths, process};

use super::{in_home, wait_for};

/// Makes the server slow, and breaks the program off.
pub(super) fn a_statement_under_tls(server: &Server, home: &Path) {
    // What the section `system` asks, and never so slow on a real server.
    let slow = "create or replace function pg_catalog.pg_is_in_recovery() returns bool language sql
                as 'select pg_catalog.pg_sleep(60) is null'";
    server.execute("postgres", slow).unwrap();
    let dsn = format!("host=localhost port={} user=only_tls dbname=postgres sslmode=require", server.port());
    let mut command = Command::new(paths::target().join("debug/pgdba"));
    let arguments = ["inspect", "--sections", "system", "--dsn", &dsn];
    let command = in_home(&mut command, home, &[]).args(arguments);
    let mut program = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let sleeping = "select count(*) from pg_catalog.pg_stat_activity where wait_event = 'PgSleep'";
    wait_for("the statement to begin", || server.query("postgres", sleeping).unwrap()[0][0].as_deref() == Some("1"));
    process::run(Command::new("kill").args(["-s", "TERM", &program.id().to_string()])).unwrap();
    assert_eq!(program.wait().unwrap().code(), Some(1));
    wait_for("the statement to end", || server.query("postgres", sleeping).unwrap()[0][0].as_deref() == Some("0"));
    assert!(server.log().unwrap().contains("canceling statement due to user request"));
}
