//! The psql script against the native collection: real servers of every version, through a real psql.

mod compare;

use std::path::Path;
use std::process::Output;

use xtask::paths;
use xtask::servers::{self, MAJORS};

use self::compare::differences;
use crate::sections::document::Document;
use crate::sections::hostile::Hostile;

/// The script, as it is handed out.
fn handed_out() -> String {
    std::fs::read_to_string(paths::root().join("docs/pgdba.sql")).unwrap()
}

/// Runs a script as its head says.
fn run(script: &str, dsn: &str) -> Output {
    run_with(script, dsn, &["-X"], None)
}

fn run_with(script: &str, dsn: &str, options: &[&str], home: Option<&Path>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pgdba.sql");
    std::fs::write(&file, script).unwrap();
    let mut psql = servers::psql().unwrap();
    if let Some(home) = home {
        psql.env("HOME", home).env("PSQLRC", home.join(".psqlrc"));
    }
    psql.args(options).arg("-f").arg(&file).arg(dsn).output().unwrap()
}

/// The document of a run that nothing was wrong with.
fn document(output: &Output) -> Document {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    Document::parse(std::str::from_utf8(&output.stdout).unwrap())
}

/// Nothing but what is listed in [`compare`] may differ, for this role on this server.
fn compare_with_native(dsn: &str, what: &str) {
    let before = Document::collected(dsn);
    let script = document(&run(&handed_out(), dsn));
    let after = Document::collected(dsn);
    let found = differences(&before, &script, &after);
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
    assert_eq!(script.mistyped(), Vec::<String>::new(), "{what}");
    let (native, written) = (before.member("identity"), script.member("identity"));
    for member in ["system_identifier", "resolved_addr", "resolved_port", "config_host", "config_port", "dat_id"] {
        assert_eq!(written[member], native[member], "{what}: {member}");
    }
}

#[test]
fn the_script_writes_what_the_native_collection_writes() {
    for major in MAJORS {
        let server = Hostile::start(major);
        let _waiting = server.hold_and_wait();
        for role in ["postgres", "monitor", "plain"] {
            let log = server.log().len();
            compare_with_native(&server.dsn(role), &format!("{major} {role}"));
            let log = server.log().split_off(log);
            assert!(!log.contains("ERROR") && !log.contains("WARNING"), "{major} {role}: {log}");
        }
    }
}
