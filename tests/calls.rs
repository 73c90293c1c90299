//! Wrong calls: the terminal is told as clap tells it, a program in the envelope.

use std::fs;
use std::process::{Command, Stdio};

use pgdba_analysis::rules;
use xtask::paths;

use crate::fixtures::{bytes, unpacked};
use crate::program::{build, pgdba};

#[test]
fn a_wrong_call_is_told_in_the_envelope_where_that_is_asked_for() {
    let calls: [(&[&str], &str); 4] = [
        (&["check", "--format", "json", "--nosuchopt"], "unexpected argument '--nosuchopt' found"),
        (&["report", "--format=json"], "the following required arguments were not provided: <SNAPSHOT>"),
        (
            &["--format", "json", "inspect", "--interval", "5s"],
            "the following required arguments were not provided: --delta",
        ),
        (&["check", "--format=json", "postgres://u:hunter2@h/d"], "unexpected argument 'postgres://***@h/d' found"),
    ];
    for (call, message) in calls {
        let run = pgdba(call);
        let envelope = run.envelope();
        assert_eq!((run.code, run.stderr.as_str()), (Some(2), ""), "{call:?}");
        assert_eq!(envelope["error"]["message"], message, "{call:?}");
        assert_eq!((&envelope["ok"], &envelope["error"]["code"]), (&false.into(), &"bad_arguments".into()), "{call:?}");
    }
    let run = pgdba(&["check", "--nosuchopt"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.starts_with("error: unexpected argument"), "{}", run.stderr);
    let run = pgdba(&["check", "--format", "json", "--help"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.contains("Usage:"), "{}", run.stdout);
}

#[test]
fn a_terminal_gets_no_snapshot_that_nobody_asked_for() {
    build();
    let program = paths::target().join("debug/pgdba");
    let on_a_terminal = |words: &str| {
        let call = format!("{} inspect --dsn 'host=127.0.0.1 port=1' {words}", program.display());
        // `script` runs it on a terminal of its own, and passes on what is shown there.
        let run = Command::new("script").args(["-qec", &call, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    let (code, shown) = on_a_terminal("");
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("no output file was given") && shown.contains("-o FILE"), "{shown}");
    for words in ["--format json", "-o -"] {
        let (code, shown) = on_a_terminal(words);
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("could not connect"), "{words}: {shown}");
    }
}

#[test]
fn a_check_passes_only_where_every_rule_that_can_find_as_much_ran() {
    // A role without privileges: rules that find critical problems cannot run, and others that find notices.
    let file = paths::root().join("fixtures/pg18-plain.json.gz");
    let check = |words: &[&str]| pgdba(&[&["check", "--snapshot", file.to_str().unwrap()], words].concat());
    let ignored = "invalid_index,duplicate_index";
    let run = check(&["--ignore", ignored, "--fail-on", "critical"]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("--fail-on is inconclusive"), "{}", run.stderr);
    assert!(run.stdout.contains("NO PROBLEMS FOUND, BUT INCOMPLETE: "), "{}", run.stdout);
    let envelope = check(&["--ignore", ignored, "--fail-on", "critical", "--format", "json"]).envelope();
    assert_eq!((&envelope["ok"], &envelope["error"]["code"]), (&false.into(), &"inconclusive".into()));
    assert_eq!(envelope["data"]["verdict"], "incomplete");
    let all = rules::of_servers().count();
    let assessments = envelope["data"]["assessments"].as_array().unwrap();
    let could_not = assessments.iter().filter(|rule| rule["outcome"]["result"] == "not_assessed").count();
    let ran = format!("{} of {all} checks ran, {could_not} could not run, 2 ignored.", all - could_not - 2);
    assert!(run.stdout.contains(&ran), "{}", run.stdout);
    for name in ["PGD601 invalid_index", "PGD602 duplicate_index"] {
        assert!(run.stdout.contains(name), "{name} is not named: {}", run.stdout);
    }
    assert_eq!(check(&["--ignore", ignored]).code, Some(0), "nothing was asked of it");
    // Without those that can find warnings, only checks that find notices could not run.
    let severe = assessments.iter().filter(|rule| {
        rule["outcome"]["result"] == "not_assessed" && (rule["worst"] == "warning" || rule["worst"] == "critical")
    });
    let severe: Vec<&str> = severe.filter_map(|rule| rule["name"].as_str()).collect();
    assert!(severe.contains(&"connections_near_limit") && severe.contains(&"pending_restart"), "{severe:?}");
    let more = format!("{ignored},{}", severe.join(","));
    for (severity, code) in [("critical", 0), ("warning", 0), ("notice", 1), ("info", 1)] {
        let run = check(&["--ignore", &more, "--fail-on", severity]);
        assert_eq!(run.code, Some(code), "{severity}: {}", run.stdout);
    }
    assert_eq!(check(&["--fail-on", "warning"]).code, Some(3));
}

#[test]
fn a_wrong_checksum_stands_above_the_verdict_in_every_face() {
    let folder = tempfile::tempdir().unwrap();
    let [file, page] = ["changed.json", "report.html"].map(|name| folder.path().join(name));
    let text = String::from_utf8(unpacked(&bytes("example.json.gz"))).unwrap();
    fs::write(&file, text.replace("\"shop-demo\"", "\"shop-dem0\"")).unwrap();
    let file = file.to_str().unwrap();
    let (alarm, verdict) = ("was changed after it was collected", "attention");
    for format in ["text", "markdown"] {
        let shown = pgdba(&["check", "--snapshot", file, "--format", format]).stdout;
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        assert!(shown.find(alarm).unwrap() < shown.find(verdict).unwrap(), "{format}: {shown}");
    }
    pgdba(&["report", file, "-o", page.to_str().unwrap()]);
    let html = fs::read_to_string(page).unwrap();
    let (_, body) = html.split_once("<body>").unwrap();
    assert!(body.find(alarm).unwrap() < body.find("Needs attention").unwrap());
    let data = pgdba(&["check", "--snapshot", file, "--format", "json"]).envelope();
    assert!(data["data"]["tampered"].as_str().unwrap().contains(alarm));
}

#[test]
fn query_top_answers_with_as_many_statements_as_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = paths::root().join("fixtures/example.json.gz");
    let snapshot = snapshot.to_str().unwrap();
    let top = |words: &[&str]| pgdba(&[&["query", "top", "--snapshot", snapshot, "--limit", "2"], words].concat());
    let envelope = top(&["--format", "json"]).envelope();
    let statements = envelope["data"]["statements"].as_array().unwrap();
    assert_eq!((envelope["command"].as_str(), statements.len()), (Some("query top"), 2));
    assert!(statements[0]["total_time_ms"].as_f64() > statements[1]["total_time_ms"].as_f64(), "{statements:?}");
    let markdown = top(&["--format", "markdown"]).stdout;
    let first = markdown.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    assert_eq!(first.count(), 4, "{markdown}");

    let file = folder.path().join("without.json");
    let mut document: serde_json::Value = serde_json::from_slice(&unpacked(&bytes("example.json.gz"))).unwrap();
    document["sections"].as_object_mut().unwrap().remove("pg_stat_statements").unwrap();
    fs::write(&file, document.to_string()).unwrap();
    let run = pgdba(&["query", "top", "--snapshot", file.to_str().unwrap()]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("pg_stat_statements is not in the snapshot"), "{}", run.stderr);
}

#[test]
fn a_report_has_the_format_that_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = paths::root().join("fixtures/example.json.gz");
    let snapshot = snapshot.to_str().unwrap();
    for (name, beginning) in
        [("a.html", "<!doctype html>"), ("b", "<!doctype html>"), ("c.MD", "# "), ("d.txt", "shop-demo")]
    {
        let path = folder.path().join(name);
        assert_eq!(pgdba(&["report", snapshot, "-o", path.to_str().unwrap()]).code, Some(0), "{name}");
        let text = fs::read_to_string(path).unwrap();
        assert!(text.to_lowercase().starts_with(beginning), "{name}: {}", text.lines().next().unwrap());
    }
    let path = folder.path().join("e.json");
    let run = pgdba(&["report", snapshot, "-o", path.to_str().unwrap()]);
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    assert!(run.stderr.contains("cannot write a report as \".json\""), "{}", run.stderr);
    assert!(!path.exists());
    let run = pgdba(&["report", snapshot, "-o", "-", "--format", "markdown"]);
    assert!(run.stdout.starts_with("# "), "{}", run.stdout.lines().next().unwrap());
}

#[test]
fn a_device_that_is_full_is_named_once() {
    build();
    let snapshot = paths::root().join("fixtures/example.json.gz");
    let snapshot = snapshot.to_str().unwrap();
    for words in [
        vec!["check", "--snapshot", snapshot],
        vec!["rule", "--format", "json"],
        vec!["snapshot", "info", snapshot],
        vec!["snapshot", "redact", snapshot, "-o", "-"],
        vec!["--help"],
        vec!["check", "-h"],
        vec!["--version"],
    ] {
        let mut command = Command::new(paths::target().join("debug/pgdba"));
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.args(&words).stdout(full).output().unwrap();
        let expected = "pgdba: error: could not write to standard output: no space left on device\n";
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()),
            (Some(1), expected),
            "{words:?}"
        );
    }
    let run = pgdba(&["report", snapshot, "-o", "/dev/full"]);
    let expected = "pgdba: error: could not write \"/dev/full\": no space left on device\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), expected));
}

#[test]
fn an_envelope_with_an_exit_code_of_1_has_an_error() {
    build();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changed.json");
    fs::write(&file, r#"{"format":"pgdba.diag_snapshot","format_version":1,"sections":{},"checksum":"00"}"#).unwrap();
    let run = pgdba(&["snapshot", "verify", file.to_str().unwrap(), "--format", "json"]);
    let envelope = run.envelope();
    assert_eq!((run.code, &envelope["ok"]), (Some(1), &serde_json::Value::Bool(false)), "{envelope}");
    assert_eq!(
        (&envelope["error"]["code"], &envelope["data"]["checksum_fits"]),
        (&"snapshot_unverified".into(), &false.into())
    );
}
