//! Secrets of others are never written anew, and those of the change are kept out of the log and the statistics where the role may.

use xtask::servers::ServerOptions;

use crate::apply_refusals::desk::{Desk, SECRET};

/// A server that records every statement.
fn desk(major: u32) -> Desk {
    let options = ServerOptions::fast().with_statements().with("log_statement", "all");
    let options = options.with("log_min_duration_statement", "0");
    let desk = Desk::start(major, &options);
    desk.sql("create extension if not exists pg_stat_statements");
    desk
}

/// Everything that the server recorded.
fn recorded(desk: &Desk) -> String {
    let statements = desk.ask("select coalesce(string_agg(query, chr(10)), '') from pg_stat_statements");
    format!("{}\n{statements}", desk.server.log().unwrap())
}

#[test]
fn a_rollback_does_not_publish_what_others_set() {
    for major in [12, 18] {
        let desk = desk(major);
        desk.append("postgresql.auto.conf", "work_mem = '8MB'");
        desk.append("postgresql.auto.conf", &format!("primary_conninfo = 'host=x password={SECRET}'"));
        let applied = desk.apply(&["work_mem=64MB"]);
        desk.rollback(&applied);
        let altered: Vec<String> = recorded(&desk)
            .lines()
            .filter(|line| line.to_uppercase().contains("ALTER SYSTEM"))
            .map(str::to_owned)
            .collect();
        assert!(altered.iter().any(|line| line.contains("work_mem")), "{major}: {altered:?}");
        assert!(altered.iter().all(|line| !line.contains(SECRET)), "{major}: {altered:?}");
        assert!(desk.text().contains(SECRET), "{major}");
    }
}

#[test]
fn a_superusers_secret_is_in_no_statement_that_is_recorded() {
    for major in [12, 18] {
        let desk = desk(major);
        desk.sql(&format!("alter system set primary_conninfo = 'host=y password={SECRET}old'"));
        desk.sql("select pg_stat_statements_reset(), pg_reload_conf()");
        let lines = |desk: &Desk| {
            let own = |line: &&str| line.contains(SECRET) && !line.contains("changed to \"host=");
            recorded(desk).lines().filter(own).map(str::to_owned).collect::<Vec<_>>()
        };
        let before = lines(&desk);
        let applied = desk.apply(&[&format!("primary_conninfo=host=x password={SECRET}")]);
        let warnings = applied["warnings"].to_string();
        // In 12 it takes a restart, so that no reload has the server write the value to its log.
        assert_eq!(warnings.contains("the server logs the new value of"), major > 12, "{warnings}");
        desk.rollback(&applied);
        assert_eq!(lines(&desk), before, "{major}");
        let held = desk.ask("select count(*) from pg_stat_activity where query ~* 'password'");
        assert_eq!(held, "1", "{major}: only the question itself");
    }
}

#[test]
fn a_role_that_cannot_keep_its_secret_out_is_told_before() {
    let desk = desk(18);
    desk.sql("create role ops login; grant alter system on parameter primary_conninfo to ops");
    desk.sql("grant execute on function pg_reload_conf() to ops; grant pg_read_all_settings to ops");
    let set = format!("primary_conninfo=host=x password={SECRET}");
    let dry = |desk: &Desk| desk.run_as("ops", &["apply", "--dry-run", "--set", &set]).stderr;
    let said = dry(&desk);
    assert!(said.contains("cannot keep it out of the server log and pg_stat_statements"), "{said}");
    assert!(!said.contains(SECRET), "{said}");
    desk.sql("grant set on parameter log_statement, log_min_duration_statement, pg_stat_statements.track to ops");
    let said = dry(&desk);
    assert!(!said.contains("cannot keep it out"), "{said}");
    let applied = desk.apply_as("ops", &[&set]);
    desk.rollback_as("ops", &applied);
    let lines: Vec<String> = recorded(&desk).lines().filter(|line| line.contains(SECRET)).map(str::to_owned).collect();
    assert!(lines.iter().all(|line| line.contains("changed to \"host=")), "{lines:?}");
}
