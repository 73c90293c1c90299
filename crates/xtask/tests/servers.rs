//! Every supported PostgreSQL starts, side by side, untouched and ready to be asked.

use std::thread;

use anyhow::{Context, Result};
use xtask::servers::{MAJORS, Server, ServerOptions, pgbench};

fn value(server: &Server, sql: &str) -> Result<String> {
    let rows = server.query("postgres", sql)?;
    rows.into_iter().flatten().next().flatten().context("no value")
}

#[test]
fn all_versions_run_at_once() -> Result<()> {
    let servers: Vec<Server> = thread::scope(|scope| {
        let starting = MAJORS.map(|major| scope.spawn(move || Server::start(major, &ServerOptions::default())));
        starting.into_iter().map(|thread| thread.join().unwrap()).collect::<Result<_>>()
    })?;
    assert_eq!(servers.iter().map(Server::major).collect::<Vec<_>>(), MAJORS);
    for server in &servers {
        assert!(value(server, "show server_version")?.starts_with(&format!("{}.", server.major())));
        assert_eq!(value(server, "show server_encoding")?, "UTF8");
        assert_eq!(value(server, "show port")?, server.port().to_string());
    }
    let folders: Vec<_> = servers.iter().map(|server| server.data_dir().to_path_buf()).collect();
    drop(servers);
    assert!(folders.iter().all(|folder| !folder.exists()));
    Ok(())
}

/// Their data directories are copies of one that is kept.
#[test]
fn two_servers_of_a_version_are_told_apart_by_their_identifiers() -> Result<()> {
    for major in [12, 18] {
        let [first, second] = [(); 2].map(|()| Server::start(major, &ServerOptions::fast()));
        let (first, second) = (first?, second?);
        let identifier = "select system_identifier::text from pg_control_system()";
        assert_ne!(value(&first, identifier)?, value(&second, identifier)?);
        // What is written before and after the first WAL file ends belongs to one server.
        first.execute("postgres", "create table filled as select generate_series(1, 400000); checkpoint")?;
        first.kill()?;
        first.start_again()?;
        assert_eq!(value(&first, "select count(*) from filled")?, "400000");
    }
    Ok(())
}

#[test]
fn an_untouched_server_differs_from_the_defaults_as_initdb_does() -> Result<()> {
    let server = Server::start(17, &ServerOptions::default())?;
    let sql = "select string_agg(name, ' ' order by name) from pg_settings where source = 'command line'";
    assert_eq!(server.query("postgres", sql)?, [[None]]);
    let sql = "select string_agg(name, ' ' order by name) from pg_settings
               where name in ('port', 'listen_addresses', 'unix_socket_directories', 'fsync', 'shared_preload_libraries')
                 and source = 'configuration file'";
    assert_eq!(value(&server, sql)?, "listen_addresses port unix_socket_directories");
    Ok(())
}

#[test]
fn options_reach_the_server() -> Result<()> {
    let options = ServerOptions::fast().with_statements().with("work_mem", "5MB").with("cluster_name", "it's");
    let server = Server::start(12, &options)?;
    assert_eq!(value(&server, "show work_mem")?, "5MB");
    assert_eq!(value(&server, "show cluster_name")?, "it's");
    assert_eq!(value(&server, "show fsync")?, "off");
    assert_eq!(value(&server, "select count(*) > 0 from pg_stat_statements")?, "t");
    Ok(())
}

#[test]
fn a_server_survives_being_stopped_and_killed() -> Result<()> {
    let server = Server::start(18, &ServerOptions::default())?;
    server.execute("postgres", "create table kept(a int); insert into kept values (1)")?;
    let recoveries = || -> Result<usize> { Ok(server.log()?.matches("was not properly shut down").count()) };
    let started = value(&server, "select pg_postmaster_start_time()")?;
    server.restart()?;
    assert_ne!(value(&server, "select pg_postmaster_start_time()")?, started);
    assert_eq!(recoveries()?, 0);
    server.stop_immediate()?;
    assert!(!server.is_running());
    assert!(server.execute("postgres", "select 1").is_err());
    server.start_again()?;
    assert_eq!(recoveries()?, 1);
    server.kill()?;
    assert!(!server.is_running());
    server.start_again()?;
    assert_eq!(value(&server, "select a from kept")?, "1");
    assert_eq!(recoveries()?, 2);
    Ok(())
}

#[test]
fn errors_carry_the_words_of_the_server() -> Result<()> {
    let server = Server::start(15, &ServerOptions::fast())?;
    let error = server.execute("postgres", "select nothing_such").unwrap_err();
    assert!(format!("{error:#}").contains("column \"nothing_such\" does not exist (SQLSTATE 42703)"), "{error:#}");
    // Also from inside a runtime, as an asynchronous test would.
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async { server.execute("postgres", "select 1") })
}

#[test]
fn bad_settings_show_the_log() {
    let error = Server::start(16, &ServerOptions::default().with("work_mem", "plenty")).unwrap_err();
    assert!(format!("{error:#}").contains("invalid value for parameter \"work_mem\""), "{error:#}");
}

#[test]
fn pgbench_fills_the_oldest_and_the_newest() -> Result<()> {
    for major in [12, 18] {
        let server = Server::start(major, &ServerOptions::fast())?;
        pgbench(&server, &["-i", "-q", "-s", "1", "postgres"])?;
        let printed = pgbench(&server, &["-n", "-t", "10", "postgres"])?;
        assert!(printed.contains("number of transactions actually processed: 10/10"), "{printed}");
        assert_eq!(value(&server, "select count(*) from pgbench_accounts")?, "100000");
    }
    Ok(())
}
