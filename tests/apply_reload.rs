//! What the reload of a change brings into force besides the change: said in the plan, and errors there stop it.

use std::thread;
use std::time::Duration;

use xtask::servers::ServerOptions;

use crate::apply_refusals::desk::{Desk, case};

const DRY: [&str; 4] = ["apply", "--dry-run", "--set", "work_mem=64MB"];

/// What a dry run says of the reload.
fn effects(desk: &Desk, role: &str) -> Vec<String> {
    let envelope = desk.done_as(role, &DRY);
    let effects = envelope["data"]["result"]["reload"].as_array().unwrap();
    effects.iter().map(|effect| effect.as_str().unwrap().to_owned()).collect()
}

#[test]
fn edits_that_are_not_loaded_yet_are_named() {
    for major in [12, 15, 18] {
        let desk = Desk::start(major, &ServerOptions::fast().with("jit", "off"));
        assert_eq!(effects(&desk, "postgres"), Vec::<String>::new(), "{major}");
        desk.append("postgresql.conf", "log_min_duration_statement = 250");
        desk.append("postgresql.conf", "work_mem = '5MB'");
        desk.append("postgresql.conf", "max_connections = 77");
        let jit = "jit = 'off'\n";
        let path = desk.server.data_dir().join("postgresql.conf");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(jit, "")).unwrap();
        let said = effects(&desk, "postgres");
        assert_eq!(said.len(), 2, "{major}: {said:?}");
        assert!(said[0].starts_with("jit: off -> default"), "{said:?}");
        assert!(said[1].starts_with("log_min_duration_statement: -1 -> 250 (postgresql.conf:"), "{said:?}");
        let shown = desk.run(&DRY).stdout;
        assert!(shown.contains("The reload also does this:\n  jit: off"), "{shown}");
        // A rollback reloads too.
        let applied = desk.apply(&["work_mem=64MB"]);
        desk.append("postgresql.conf", "log_min_duration_statement = 350");
        let back = desk.rollback(&applied)["warnings"].to_string();
        assert!(back.contains("also loaded at the reload: log_min_duration_statement: 250ms -> 350"), "{back}");
        assert_eq!(desk.show("log_min_duration_statement"), "350ms");
    }
}

#[test]
fn an_edited_pg_hba_conf_is_named_and_one_with_a_mistake_stops_the_change() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        // Files have times of whole seconds.
        thread::sleep(Duration::from_millis(1100));
        desk.append("pg_hba.conf", "# an edit");
        let said = effects(&desk, "postgres");
        assert!(
            said.len() == 1 && said[0].contains("pg_hba.conf was edited after the last reload and will be loaded"),
            "{said:?}"
        );
        desk.append("pg_hba.conf", "host all all 127.0.0.1/32 nonsense");
        let set = ["apply", "--yes", "--set", "work_mem=64MB"];
        desk.refuses(&[case("pg_hba.conf", &set, "files_broken", "pg_hba.conf", "Correct that line")]);
    }
}

#[test]
fn a_role_that_cannot_see_it_is_told_that_there_may_be_something() {
    let desk = Desk::start(18, &ServerOptions::fast());
    desk.sql("create role ops login; grant alter system on parameter work_mem to ops");
    desk.sql("grant execute on function pg_reload_conf() to ops");
    let said = effects(&desk, "ops");
    assert!(said.len() == 1 && said[0].contains("this role cannot see"), "{said:?}");
}

#[test]
fn what_the_rewrite_of_the_file_loses_is_said_before() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        desk.append("postgresql.auto.conf", "# why work_mem is so low: ticket 4711");
        desk.append("postgresql.auto.conf", "work_mem = 5MB\nwork_mem = '6MB' # two");
        desk.append("postgresql.auto.conf", "search_path = 'a,b, \"C\"'\nseq_page_cost = 1\nseq_page_cost = 1.5");
        desk.server.reload_with(&[]).unwrap();
        let envelope =
            desk.done_as("postgres", &["apply", "--dry-run", "--set", "work_mem=64MB", "--set", "search_path=x"]);
        let warnings = envelope["warnings"].to_string();
        for says in [
            "loses the comment in line",
            "ticket 4711",
            "all but the last of the 2 lines that set work_mem",
            "the notation 'a,b, \\\"C\\\"' of search_path, which a rollback writes as 'a, b, \\\"C\\\"'",
        ] {
            assert!(warnings.contains(says), "{says}: {warnings}");
        }
        let applied = desk.apply(&["work_mem=64MB", "search_path=x"]);
        desk.rollback(&applied);
        let lines = desk.auto_conf();
        for line in ["work_mem = '6MB'", "search_path = 'a, b, \"C\"'"] {
            assert_eq!(lines.iter().filter(|known| *known == line).count(), 1, "{lines:?}");
        }
        // Of other parameters nothing is taken away.
        assert_eq!(lines.iter().filter(|line| line.starts_with("seq_page_cost")).count(), 2, "{lines:?}");
    }
}
