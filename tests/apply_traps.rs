//! Where a plain ALTER SYSTEM goes wrong: lists, units, marks that stay, sessions that keep what they began with.

use std::path::Path;

use serde_json::{Value, json};
use xtask::servers::ServerOptions;

use crate::apply_refusals::desk::{Desk, SECRET, id};

/// The first parameter of a change.
fn first(envelope: &Value) -> &Value {
    &envelope["data"]["change_set"]["parameters"][0]
}

fn text(desk: &Desk) -> String {
    desk.text()
}

#[test]
fn lists_keep_one_literal_an_element_and_the_server_starts_again() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let before = desk.auto_conf();
        let applied = desk.apply(&["shared_preload_libraries=pg_stat_statements,auto_explain"]);
        assert!(text(&desk).contains("shared_preload_libraries = 'pg_stat_statements, auto_explain'\n"), "{major}");
        assert_eq!(first(&applied)["outcome"], "waits_for_restart");
        let history = || desk.run(&["history"]).stdout;
        assert!(history().contains("applied, restart pending: shared_preload_libraries"), "{}", history());
        desk.server.restart().unwrap();
        assert_eq!(desk.show("shared_preload_libraries"), "pg_stat_statements, auto_explain");
        assert!(history().trim_end().ends_with("applied"), "{}", history());

        // Now that it is loaded its own parameters can be set: names with dots.
        let explain = desk.apply(&["auto_explain.log_min_duration=1s", "pg_stat_statements.track=none"]);
        assert_eq!(
            (desk.show("auto_explain.log_min_duration"), desk.show("pg_stat_statements.track")),
            ("1s".to_owned(), "none".to_owned())
        );
        desk.rollback(&explain);
        assert_eq!(desk.show("auto_explain.log_min_duration"), "-1");
        let back = desk.rollback(&applied);
        assert!(back["warnings"].to_string().contains("is pg_stat_statements, auto_explain since a restart"));
        assert_eq!(desk.auto_conf(), before);
        desk.server.restart().unwrap();
        assert_eq!(desk.show("shared_preload_libraries"), "");
    }
}

#[test]
fn units_stay_as_they_were_given_and_the_same_value_is_no_change() {
    let desk = Desk::start(18, &ServerOptions::fast());
    desk.apply(&["work_mem=65536 kB", "checkpoint_timeout=0.1h"]);
    let file = text(&desk);
    assert!(file.contains("work_mem = '65536 kB'\n") && file.contains("checkpoint_timeout = '0.1h'\n"), "{file}");
    assert_eq!((desk.show("work_mem"), desk.show("checkpoint_timeout")), ("64MB".to_owned(), "6min".to_owned()));
    let before = desk.auto_conf();
    let again = desk.apply(&["work_mem=64MB", "checkpoint_timeout=360"]);
    assert_eq!((&first(&again)["outcome"], &again["data"]["state"]["at"]), (&"unchanged".into(), &"planned".into()));
    assert_eq!(desk.auto_conf(), before);
    let args = ["apply", "--yes", "--set", "work_mem=64MB"];
    assert!(desk.run(&args).stdout.contains("Every parameter already has this value: nothing was changed."));
    let shown = desk.run(&["history", "--changeset-id", id(&again)]);
    assert!(shown.code == Some(2) && shown.stderr.contains("does not exist for this server"), "{}", shown.stderr);
}

#[test]
fn of_a_change_without_a_step_nothing_is_kept() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let args = ["apply", "--yes", "--reset", "work_mem"];
    let run = desk.run(&args);
    assert!(run.code == Some(0) && run.stdout.contains("nothing was changed"), "{}{}", run.stdout, run.stderr);
    let nothing = desk.done_as("postgres", &args);
    assert_eq!(
        (&nothing["data"]["entered"], &nothing["data"]["change_set"]["pre_snapshot"]),
        (&json!([]), &json!(null))
    );
    assert!(!Path::new(desk.home()).join("snapshots").exists(), "no journal, no snapshot, no lock");
    assert_eq!(desk.run(&["history"]).stdout, "There are no change sets.\n");
}

/// Nobody else was there: whatever order pgdba's own changes come and go in, it does not speak of others.
#[test]
fn a_change_of_our_own_is_not_somebody_elses() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let before = desk.auto_conf();
    let (older, younger) = (desk.apply(&["work_mem=64MB"]), desk.apply(&["jit=off", "seq_page_cost=2"]));
    desk.rollback(&younger);
    assert_eq!(desk.rollback(&older)["warnings"], json!([]));
    assert_eq!(desk.auto_conf(), before);

    let (older, younger) = (desk.apply(&["work_mem=64MB"]), desk.apply(&["jit=off"]));
    for back in [desk.rollback(&older), desk.rollback(&younger)] {
        assert_eq!(back["warnings"], json!([]));
    }
    assert_eq!(desk.auto_conf(), before);
}

/// An administrator sees whose statements they are, and later reports leave them out; ALTER SYSTEM is the user's own.
#[test]
fn our_statements_bear_the_mark_except_alter_system() {
    let desk = Desk::start(18, &ServerOptions::fast().with_statements());
    desk.sql("create extension if not exists pg_stat_statements");
    desk.sql("create role ops login; grant alter system on parameter work_mem to ops");
    desk.sql("grant execute on function pg_catalog.pg_reload_conf() to ops");
    for role in ["postgres", "ops"] {
        desk.sql("select pg_stat_statements_reset()");
        let applied = desk.apply_as(role, &["work_mem=64MB"]);
        desk.rollback_as(role, &applied);
        let seen = desk.server.query("postgres", "select query from pg_stat_statements").unwrap();
        let seen: Vec<String> = seen.into_iter().map(|row| row[0].clone().unwrap()).collect();
        let mut plain: Vec<&String> = seen.iter().filter(|query| !query.contains("/* pgdba */")).collect();
        plain.retain(|query| !query.contains("pg_stat_statements_reset"));
        assert!(seen.iter().any(|query| query.contains("pg_reload_conf")), "{role}: {seen:#?}");
        assert!(
            !plain.is_empty() && plain.iter().all(|query| query.starts_with("ALTER SYSTEM ")),
            "{role}: {plain:#?}"
        );
    }
}

#[test]
fn what_the_server_works_out_itself_can_be_set_all_the_same() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let applied = desk.apply(&["wal_buffers=1MB", "max_stack_depth=1MB"]);
        assert_eq!(desk.show("max_stack_depth"), "1MB");
        desk.server.restart().unwrap();
        assert_eq!(desk.show("wal_buffers"), "1MB");
        desk.rollback(&applied);
    }
}

#[test]
fn no_mark_of_a_pending_restart_stays_after_the_way_back() {
    for major in [12, 16, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let before = desk.auto_conf();
        let pending = || desk.ask("select string_agg(name, ' ' order by name) from pg_settings where pending_restart");
        let applied = desk.apply(&["max_worker_processes=12", "max_connections=77", "cluster_name=x"]);
        assert_eq!(pending(), "cluster_name max_connections max_worker_processes", "{major}");
        desk.rollback(&applied);
        assert_eq!((pending(), desk.auto_conf()), (String::new(), before), "{major}");
    }
}

#[test]
fn a_role_or_database_with_a_value_of_its_own_does_not_stand_in_the_way() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let before = desk.auto_conf();
        desk.sql("create role other; alter role other set work_mem = '9MB'; alter database postgres set jit = off");
        desk.sql("alter role postgres set work_mem = '7MB'; alter role postgres set search_path = a");
        let applied = desk.apply(&["work_mem=64MB", "search_path=b, c"]);
        let notes = applied["data"]["change_set"]["parameters"][1]["notes"].to_string();
        for who in ["the role \\\"other\\\" has its own value", "the role \\\"postgres\\\" has its own value"] {
            assert!(notes.contains(who), "{notes}");
        }
        assert_eq!(desk.show("work_mem"), "7MB", "its own");
        assert_eq!(desk.ask("select setting from pg_file_settings where name = 'work_mem'"), "64MB");
        let jit = desk.done_as("postgres", &["apply", "--dry-run", "--set", "jit=on"]);
        let notes = jit["data"]["parameters"][0]["notes"].to_string();
        assert!(notes.contains("the database \\\"postgres\\\" has its own value"), "{notes}");
        desk.sql("alter role postgres reset all");
        assert_eq!((desk.show("work_mem"), desk.show("search_path")), ("64MB".to_owned(), "b, c".to_owned()));
        desk.rollback(&applied);
        assert_eq!(desk.auto_conf(), before);
    }
}

#[test]
fn what_only_new_sessions_take_over_is_verified_in_one() {
    for (major, connections) in [(12, "on"), (18, "receipt, authorization")] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let before = desk.auto_conf();
        let pair = format!("log_connections={connections}");
        let applied = desk.apply(&[&pair, "ignore_system_indexes=on", "log_disconnections=on", "post_auth_delay=0"]);
        let outcomes: Vec<&str> = applied["data"]["change_set"]["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| change["outcome"].as_str().unwrap())
            .collect();
        assert_eq!(outcomes, ["applies", "applies", "applies", "unchanged"]);
        assert!(first(&applied)["notes"].to_string().contains("open sessions keep the former value"));
        assert_eq!(desk.show("log_connections"), connections);
        assert_eq!(desk.show("ignore_system_indexes"), "on");
        desk.rollback(&applied);
        assert_eq!((desk.show("log_disconnections"), desk.auto_conf()), ("off".to_owned(), before));
    }
}

#[test]
fn what_would_keep_the_server_from_starting_is_said_and_the_harmless_is_not() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::default());
        let warnings = |pairs: &[&str]| {
            let sets = pairs.iter().flat_map(|pair| ["--set", pair]);
            let args: Vec<&str> = ["apply", "--dry-run"].into_iter().chain(sets).collect();
            let mut warnings = desk.done_as("postgres", &args)["warnings"].as_array().unwrap().clone();
            // Of 12 alone, whatever is changed.
            warnings.retain(|warning| !warning.as_str().unwrap().starts_with("the fingerprint identifies the address"));
            warnings
        };
        for (pairs, says) in [
            (&["shared_buffers=4TB"][..], "the server would not start: 4.1 TB of shared memory"),
            (&["max_connections=20000"], "consider a connection pooler"),
            (&["shared_preload_libraries=no_such_library"], "the library \\\"no_such_library\\\" does not exist"),
            (&["session_preload_libraries=no_such_library"], "every connection would be refused"),
            (&["wal_level=minimal"], "max_wal_senders = 10 requires wal_level replica"),
            (&["wal_level=minimal", "max_wal_senders=0", "archive_mode=on"], "archive_mode requires wal_level replica"),
            (&["superuser_reserved_connections=100"], "must be less than max_connections (100)"),
            (&["min_wal_size=20MB"], "min_wal_size (20 MB) must be at least twice"),
            (&["fsync=off"], "fsync = off: a crash"),
            (&["full_page_writes=false"], "full_page_writes = off: a crash"),
            (&["huge_pages=on"], "huge_pages = on"),
            (&["ssl=yes"], "ssl_cert_file: the file \\\"server.crt\\\" does not exist"),
            (&["port=5555"], "port: after the restart"),
        ] {
            let said = warnings(pairs);
            // WAL at the lowest level and a missing key are each one more.
            assert!(said.len() <= 2 && said[0].to_string().contains(says), "{pairs:?}: {said:?}");
        }
        let harmless = [
            "shared_buffers=256MB",
            "max_connections=150",
            "shared_preload_libraries=pg_stat_statements, $libdir/auto_explain",
            "wal_level=logical",
            "superuser_reserved_connections=5",
            "min_wal_size=32MB",
            "fsync=on",
            "huge_pages=try",
            "work_mem=64MB",
        ];
        assert_eq!(warnings(&harmless), Vec::<Value>::new());
        let starts = warnings(&["wal_level=minimal", "max_wal_senders=0"]);
        assert!(starts.len() == 1 && starts[0].to_string().contains("no longer sufficient"), "{starts:?}");
    }
}

#[test]
fn a_value_is_tried_without_harm_to_the_session_that_tries_it() {
    for (major, pairs) in [
        (12, &["client_encoding=LATIN1", "statement_timeout=1ms", "standard_conforming_strings=off"][..]),
        (18, &["transaction_timeout=1ms", "client_encoding=UTF16", "idle_session_timeout=1ms"]),
    ] {
        let desk = Desk::start(major, &ServerOptions::fast().with("standard_conforming_strings", "off"));
        for pair in pairs {
            let run = desk.run(&[
                "apply",
                "--dry-run",
                "--set",
                pair,
                "--set",
                "work_mem=64MB",
                "--force",
                "--format",
                "json",
            ]);
            let data = &run.envelope()["data"];
            assert_eq!(data["parameters"].as_array().map(Vec::len), Some(2), "{pair}: {}{}", run.stdout, run.stderr);
            let refusals = data["refusals"].as_array().unwrap();
            assert_eq!(refusals.len(), usize::from(pair.ends_with("UTF16")), "{pair}: {refusals:?}");
        }
        // Backslashes are what they are, whatever a session makes of them.
        let prefix = "a\\n '\\\\ %m";
        desk.apply(&[&format!("log_line_prefix={prefix}")]);
        assert_eq!(desk.show("log_line_prefix"), prefix);
    }
}

#[test]
fn no_secret_of_a_value_is_shown_and_the_server_keeps_it() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let value = format!("host=db1 user=repl password={SECRET}");
        let pair = format!("primary_conninfo={value}");
        let mut shown = String::new();
        for args in [&["apply", "--dry-run", "--set", &pair][..], &["apply", "--yes", "--set", &pair]] {
            for format in ["text", "json", "markdown"] {
                let run = desk.run(&[args, &["--format", format]].concat());
                assert_eq!(run.code, Some(0), "{}", run.stderr);
                shown.push_str(&(run.stdout + &run.stderr));
            }
        }
        assert!(text(&desk).contains(SECRET), "the server keeps it");
        let replaced = desk.apply(&["primary_conninfo=host=db2"]);
        shown.push_str(&replaced.to_string());
        for args in [&["history"][..], &["history", "--changeset-id", id(&replaced)]] {
            shown.push_str(&(desk.run(args).stdout + &desk.run(&[args, &["--format", "json"]].concat()).stdout));
        }
        shown.push_str(&desk.rollback(&replaced).to_string());
        assert!(text(&desk).contains(&value), "and gets it back");
        assert!(shown.contains("primary_conninfo") && !shown.contains(SECRET), "{shown}");
    }
}
