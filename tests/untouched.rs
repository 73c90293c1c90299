//! Silence is a feature: an untouched server gives next to nothing, a tuned one under load no warning, and a plain role does no harm. Which sections a role
//! may not read stands in `sections.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::Duration;

use pgdba_analysis::{Options, Outcome, analyze, rules};
use xtask::servers::{self, MAJORS, Server, ServerOptions};

use crate::fixtures::{Expected, lacks_a_need};
use crate::program::{pgdba, pgdba_with};
use crate::scenario::above_notice;

/// Versions whose community support has ended; the only warning an untouched server may give.
const UNSUPPORTED: &str = "PGD901";

#[test]
fn an_untouched_server_of_every_version_gives_at_most_one_notice() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::default()).unwrap();
        servers::pgbench(&server, &["-i", "-q", "-s", "2", "postgres"]).unwrap();
        let run = pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]);
        assert_eq!(run.code, Some(0), "{major}: {}", run.stderr);
        let envelope = run.envelope();
        let findings = envelope["data"]["findings"].as_array().unwrap();
        let others: Vec<_> = findings.iter().filter(|finding| finding["code"] != UNSUPPORTED).collect();
        assert!(others.len() <= 1, "{major}: {others:#?}");
        assert!(others.iter().all(|f| f["severity"] == "notice" || f["severity"] == "info"), "{major}: {others:#?}");
        assert_eq!(findings.len() - others.len(), usize::from(major <= 14), "{major}: end of support");
        assert_eq!(
            envelope["data"]["problems"].as_array().map(Vec::len),
            Some(0),
            "{major}: {}",
            envelope["data"]["problems"]
        );
    }
}

/// What is measured over seconds, and what has accumulated since the start, both look at a server that works hard.
#[test]
fn a_tuned_server_under_steady_load_gives_no_warning() {
    const SECONDS: &str = "45";
    let options = ServerOptions::default().with_statements().with("track_io_timing", "on");
    let server = Server::start(17, &options).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (home, file) = (folder.path().join("home"), folder.path().join("delta.json.gz"));
    let dsn = server.dsn("postgres", "postgres");
    let run = |words: &[&str]| {
        let run = pgdba_with(&[("PGDBA_HOME", home.to_str())], words);
        assert_eq!(run.code, Some(0), "{words:?}: {}{}", run.stdout, run.stderr);
        run
    };
    servers::pgbench(&server, &["-i", "-q", "-s", "20", "postgres"]).unwrap();
    run(&["config", "tune", "--workload", "oltp", "--dsn", &dsn, "--no-policy", "--apply", "--yes"]);
    server.restart().unwrap();
    thread::scope(|scope| {
        let load = scope.spawn(|| servers::pgbench(&server, &["-n", "-c", "4", "-T", SECONDS, "postgres"]));
        thread::sleep(Duration::from_secs(5));
        let delta = ["inspect", "--delta", "--interval", "20s", "--dsn", &dsn, "-o", file.to_str().unwrap()];
        run(&delta);
        for target in [["--dsn", &dsn], ["--snapshot", file.to_str().unwrap()]] {
            let envelope = run(&[&["check", "--no-policy", "--format", "json"], &target[..]].concat()).envelope();
            let findings = envelope["data"]["findings"].as_array().unwrap();
            assert_eq!(above_notice(findings), BTreeSet::new(), "{target:?}: {findings:#?}");
        }
        assert!(load.join().unwrap().unwrap().contains("number of transactions actually processed"));
    });
}

#[test]
fn a_plain_role_is_told_which_rules_cannot_look_and_leaves_no_line_in_the_log() {
    for major in MAJORS {
        let server = Server::start(major, &ServerOptions::default().with_statements()).unwrap();
        server.execute("postgres", "create role plain login").unwrap();
        let run = pgdba(&["inspect", "--dsn", &server.dsn("plain", "postgres"), "-o", "-"]);
        assert_eq!(run.code, Some(0), "{major}: {}", run.stderr);
        let analysis = analyze(&pgdba_snapshot::read(run.stdout.as_bytes()).unwrap(), &Options::default());
        for (rule, assessment) in rules::of_servers().zip(&analysis.assessments) {
            let lacks = lacks_a_need(rule, &analysis);
            // Some reasons are of what the recorded server did.
            let can_be = lacks || Expected::of(rule.name).is_blind_in(&format!("pg{major}-plain"));
            let is_blind = matches!(assessment.outcome, Outcome::NotAssessed { .. });
            assert!(if is_blind { can_be } else { !lacks }, "{major}: {}: {:?}", rule.name, assessment.outcome);
        }
        let log = server.log().unwrap();
        assert!(!log.contains("ERROR"), "{major}: {log}");
    }
}

#[test]
fn a_file_is_the_owners_alone_and_a_missing_server_leaves_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json.gz");
    let inspect = |dsn: &str| pgdba(&["inspect", "--dsn", dsn, "-o", file.to_str().unwrap()]);
    let run = inspect("host=127.0.0.1 port=1 user=x dbname=x");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("could not connect") && run.stderr.contains("hint:"), "{}", run.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let server = Server::start(MAJORS[0], &ServerOptions::fast()).unwrap();
    let run = inspect(&server.dsn("postgres", "postgres"));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
