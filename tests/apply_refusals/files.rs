//! Configuration files in a state in which nothing can be changed, or nothing put back.

use std::fs;

use xtask::servers::ServerOptions;

use super::desk::{Desk, case};

const SET: &[&str] = &["apply", "--yes", "--set", "work_mem=64MB"];

#[test]
fn a_mistake_that_stops_every_reload_stops_a_change() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let refused = |name, mistake: &str, says| {
            desk.append("postgresql.conf", mistake);
            desk.refuses(&[case(name, SET, "files_broken", says, "Correct that line")]);
            desk.take_off("postgresql.conf", mistake);
        };
        refused("syntax", "work_mem = = 1", "syntax error");
        refused("unknown", "no_such_parameter = 1", "unrecognized configuration parameter \"no_such_parameter\"");
        refused("missing include", "include 'nowhere.conf'", "could not open");

        // A value that is merely wrong leaves the others alone.
        desk.append("postgresql.conf", "seq_page_cost = lots");
        let applied = desk.apply(&["work_mem=64MB"]);
        let warnings = applied["warnings"].to_string();
        assert!(warnings.contains("contain an error: ") && warnings.contains("seq_page_cost"), "{warnings}");
        desk.rollback(&applied);
    }
}

#[test]
fn a_file_that_alter_system_cannot_read_stops_a_change() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        desk.append("postgresql.auto.conf", "work_mem = = 1");
        let says = "nothing can be changed: line 3 of postgresql.auto.conf has a syntax error";
        desk.refuses(&[case("auto.conf", SET, "auto_conf_broken", says, "Correct that line")]);
    }
}

#[test]
fn a_former_value_that_could_not_be_written_again_is_not_taken_away() {
    for major in [12, 18] {
        let desk = Desk::start(major, &ServerOptions::fast());
        let refused = |name, line: &str, pair| {
            desk.append("postgresql.auto.conf", line);
            let says = "has a value of";
            let args = ["apply", "--yes", "--set", pair];
            desk.refuses(&[case(name, &args, "former_not_writable", says, "first: ALTER SYSTEM SET ")]);
            let parameter = pair.split_once('=').unwrap().0;
            desk.refuses(&[case(
                name,
                &["apply", "--yes", "--reset", parameter],
                "former_not_writable",
                says,
                "first",
            )]);
            desk.take_off("postgresql.auto.conf", line);
        };
        refused("value that is none", "work_mem = 'lots'", "work_mem=64MB");
    }
}

#[test]
fn nothing_is_changed_for_a_file_made_for_another_server() {
    let desk = Desk::start(18, &ServerOptions::fast());
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let digest = "0123456789abcdef".repeat(4);
    fs::write(path, format!("{{\"fingerprint\":\"{digest}\",\"parameters\":{{\"work_mem\":\"64MB\"}}}}")).unwrap();
    let says = "made for another server (fingerprint 0123456789ab…";
    desk.refuses(&[case(
        "fingerprint",
        &["apply", "--yes", "--file", path],
        "other_server",
        says,
        "Connect to the server it",
    )]);
    let own = desk.apply(&["jit=off"])["data"]["change_set"]["fingerprint"].as_str().unwrap().to_owned();
    fs::write(path, format!("{{\"fingerprint\":\"{own}\",\"parameters\":{{\"work_mem\":\"64MB\"}}}}")).unwrap();
    desk.done_as("postgres", &["apply", "--yes", "--file", path]);
    assert_eq!(desk.show("work_mem"), "64MB");
}
