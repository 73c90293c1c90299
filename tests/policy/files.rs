//! The policy as a file: what `--accept` keeps of it, and what stands in its place.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::Value;
use xtask::process;

use super::{CHECK, Desk};
use crate::fixtures;

#[test]
fn accepting_writes_through_a_link_and_keeps_permissions_and_line_ends() {
    let desk = Desk::new();
    let own = "# ours\r\n[[silence]]\r\nrule = 'fsync_off'\r\nreason = 'r'\r\n";
    desk.write("home/shared.toml", own);
    fs::set_permissions(desk.path("home/shared.toml"), Permissions::from_mode(0o664)).unwrap();
    symlink("../home/shared.toml", desk.path("work/pgdba.toml")).unwrap();
    let run = desk.run(&format!("{CHECK} --accept pgdba.toml"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(fs::symlink_metadata(desk.path("work/pgdba.toml")).unwrap().is_symlink());
    assert_eq!(fs::metadata(desk.path("home/shared.toml")).unwrap().permissions().mode() & 0o777, 0o664);
    let written = fs::read_to_string(desk.path("home/shared.toml")).unwrap();
    assert!(written.starts_with(own) && written.contains("[[accepted]]\r\n"), "{written:?}");
    assert_eq!(written.matches('\n').count(), written.matches("\r\n").count(), "{written:?}");
    assert_eq!(desk.run(&format!("{CHECK} --new-only --fail-on info")).code, Some(0));
}

#[test]
fn accepting_for_many_clusters_at_once_loses_none() {
    const CLUSTERS: usize = 12;
    let desk = Desk::new();
    let mut document: Value = serde_json::from_slice(&fixtures::unpacked(&fixtures::bytes("example.json.gz"))).unwrap();
    for number in 0..CLUSTERS {
        document["identity"]["system_identifier"] = format!("700000000000000{number:04}").into();
        desk.write(&format!("work/{number}.json"), &document.to_string());
    }
    let own = "# ours\n[[silence]]\nrule = 'fsync_off'\nreason = 'r'\n";
    desk.write("work/pgdba.toml", own);
    std::thread::scope(|scope| {
        for number in 0..CLUSTERS {
            let desk = &desk;
            scope.spawn(move || {
                let run = desk.run(&format!("check --snapshot {number}.json --accept pgdba.toml"));
                assert_eq!(run.code, Some(0), "{}", run.stderr);
            });
        }
    });
    let written = fs::read_to_string(desk.path("work/pgdba.toml")).unwrap();
    assert_eq!(written.matches("[[accepted]]").count(), CLUSTERS, "{written}");
    assert!(written.starts_with(own), "{written}");
}

#[test]
fn what_is_not_a_file_in_place_of_the_policy_is_reported() {
    let desk = Desk::new();
    let place = desk.path("work/pgdba.toml");
    let expect = |words: &str| {
        let run = desk.run(CHECK);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{words}: {}", run.stderr);
        let message = format!("pgdba: error: could not read the policy \"pgdba.toml\": {words}\n");
        assert!(run.stderr.starts_with(&message), "{}", run.stderr);
        assert_eq!(desk.run(&format!("{CHECK} --no-policy")).code, Some(0));
    };
    symlink("gone.toml", &place).unwrap();
    expect("it is a symbolic link to a file that does not exist");
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    expect("it is not a regular file");
    fs::remove_dir(&place).unwrap();
    process::run(Command::new("mkfifo").arg(&place)).unwrap();
    expect("it is not a regular file");
}

#[test]
fn a_check_of_nothing_is_not_healthy() {
    let desk = Desk::new();
    let areas: Vec<&str> = pgdba_analysis::rules::AREAS.iter().map(|(area, ..)| *area).collect();
    desk.write("work/pgdba.toml", &format!("[[silence]]\narea = {areas:?}\nreason = 'a test server'\n"));
    let run = desk.run(CHECK);
    let flat = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = pgdba_analysis::rules::of_servers().count();
    for words in [
        "NO PROBLEMS FOUND, BUT INCOMPLETE: no check ran",
        &format!("0 of {count} checks ran, {count} ignored. Policy pgdba.toml: {count} checks skipped."),
        "No check ran: all checks were ignored.",
    ] {
        assert!(flat.contains(words), "{words}: {flat}");
    }
    assert_eq!((run.code, desk.run(&format!("{CHECK} --fail-on critical")).code), (Some(0), Some(1)));
}
