//! Every source that can override the files, made for real: a change is refused, or it comes back, and no line of the file is lost.

use pgdba_pg::parameter::Source;
use xtask::servers::{MAJORS, Server, ServerOptions};

use crate::apply_refusals::desk::Desk;

/// Each source with what makes it for the role that changes, and what unmakes it.
const SOURCES: [(&str, &str, &str); 4] = [
    ("global", "alter role all set work_mem = '7MB'", "alter role all reset work_mem"),
    ("database", "alter database postgres set work_mem = '7MB'", "alter database postgres reset work_mem"),
    ("user", "alter role ROLE set work_mem = '7MB'", "alter role ROLE reset work_mem"),
    (
        "database user",
        "alter role ROLE in database postgres set work_mem = '7MB'",
        "alter role ROLE in database postgres reset work_mem",
    ),
];

/// The roles that can make a change on this version: a superuser, and from 15 on one with a grant that cannot read the file.
fn roles(desk: &Desk, major: u32) -> &'static [&'static str] {
    if major < 15 {
        return &["postgres"];
    }
    desk.sql("create role ops login; grant alter system on parameter work_mem to ops");
    desk.sql("grant execute on function pg_reload_conf() to ops; grant pg_read_all_settings to ops");
    &["postgres", "ops"]
}

#[test]
fn no_line_is_lost_whatever_overrides_it() {
    for major in MAJORS {
        let desk = Desk::start(major, &ServerOptions::fast());
        desk.server.reload_with(&[("work_mem", "5MB")]).unwrap();
        let before = desk.auto_conf();
        for role in roles(&desk, major) {
            for (source, make, unmake) in SOURCES {
                let when = format!("{major} {role} {source}");
                desk.sql(&make.replace("ROLE", role));
                let asked = crate::program::pgdba_with(
                    &[("PGDBA_HOME", Some(desk.home()))],
                    &[
                        "config",
                        "apply",
                        "--yes",
                        "--set",
                        "work_mem=64MB",
                        "--format",
                        "json",
                        "--dsn",
                        &desk.server.dsn(role, "postgres"),
                    ],
                );
                let envelope = asked.envelope();
                if *role == "postgres" {
                    assert_eq!(envelope["ok"], true, "{when}: {envelope}");
                    let change = &envelope["data"]["change_set"]["parameters"][0];
                    assert_eq!(
                        (&change["old_value"], &change["former"]["text"]),
                        (&"5MB".into(), &"5MB".into()),
                        "{when}"
                    );
                    // It is there now, so that a second time there is nothing to do.
                    let again = desk.apply_as(role, &["work_mem=64MB"]);
                    assert_eq!(again["data"]["change_set"]["parameters"][0]["outcome"], "unchanged", "{when}");
                    desk.rollback_as(role, &envelope);
                } else {
                    assert_eq!(envelope["error"]["code"], "former_hidden", "{when}: {envelope}");
                }
                assert_eq!(desk.auto_conf(), before, "{when}");
                desk.sql(&unmake.replace("ROLE", role));
            }
        }
    }
}

#[test]
fn the_command_line_wins_and_the_environment_does_not() {
    for major in [12, 15, 18] {
        let desk = Desk::start(major, &ServerOptions::fast().with_command_line("-c work_mem=9MB"));
        desk.sql("alter system set work_mem = '5MB'");
        let before = desk.auto_conf();
        let run = desk.run(&["apply", "--yes", "--set", "work_mem=64MB", "--format", "json"]);
        assert_eq!(run.envelope()["error"]["code"], "on_command_line", "{major}");
        assert_eq!(desk.auto_conf(), before, "{major}");
    }
}

/// The source of a parameter in a new session, as the server names it.
fn source_of(server: &Server, name: &str) -> String {
    let sql = format!("select source from pg_settings where name = '{name}'");
    server.query("postgres", &sql).unwrap()[0][0].clone().unwrap()
}

#[test]
fn servers_name_their_sources_as_pgdba_does_and_rank_them_so() {
    for major in [12, 15, 18] {
        let desk = Desk::start(major, &ServerOptions::fast().with_command_line("-c temp_buffers=9MB"));
        let seen = desk.server.query("postgres", "set jit = off; select distinct source from pg_settings").unwrap();
        let seen: Vec<Option<Source>> =
            seen.iter().flatten().map(|name| Source::parse(name.as_deref().unwrap())).collect();
        assert!(!seen.contains(&None), "{major}: {seen:?}");
        for source in
            [Source::Default, Source::ConfigurationFile, Source::CommandLine, Source::Override, Source::Session]
        {
            assert!(seen.contains(&Some(source)), "{major}: {source} in {seen:?}");
        }

        desk.server.reload_with(&[("work_mem", "5MB"), ("temp_buffers", "5MB")]).unwrap();
        let mut weaker = Source::parse(&source_of(&desk.server, "work_mem")).unwrap();
        assert!(weaker == Source::ConfigurationFile && weaker.shows_files(), "{major}");
        for (name, make, _) in SOURCES {
            desk.sql(&make.replace("ROLE", "postgres"));
            let stronger = Source::parse(&source_of(&desk.server, "work_mem")).unwrap();
            assert_eq!(stronger.name(), name, "{major}");
            assert!(stronger > weaker && stronger.overrides_files(), "{major}: {stronger} above {weaker}");
            weaker = stronger;
        }
        // The line in the file changed nothing for what the command line sets.
        let command_line = Source::parse(&source_of(&desk.server, "temp_buffers")).unwrap();
        assert!(command_line == Source::CommandLine && command_line.overrides_files(), "{major}");
    }
}
