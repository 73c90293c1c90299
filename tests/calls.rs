//! Wrong calls: the terminal is told as clap tells it, a program in the envelope.

use std::fs;
use std::process::{Command, Stdio};

use xtask::paths;

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
    assert!(shown.contains("there is no file to write the snapshot to") && shown.contains("-o FILE"), "{shown}");
    for words in ["--format json", "-o -"] {
        let (code, shown) = on_a_terminal(words);
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("could not connect"), "{words}: {shown}");
    }
}

#[test]
fn a_check_that_could_look_at_next_to_nothing_does_not_pass() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bare.json");
    let mut snapshot =
        pgdba_snapshot::read(&fs::read(paths::root().join("fixtures/example.json.gz")).unwrap()).unwrap();
    snapshot.sections.retain(|name, _| name == "system");
    let system = snapshot.sections["system"].get();
    fs::write(
        &file,
        format!("{{\"format\":\"pgdba.diag_snapshot\",\"format_version\":1,\"sections\":{{\"system\":{system}}}}}"),
    )
    .unwrap();
    let check = |words: &[&str]| pgdba(&[&["check", "--snapshot", file.to_str().unwrap()], words].concat());
    let run = check(&["--fail-on", "critical"]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("most rules could not look"), "{}", run.stderr);
    assert_eq!(check(&[]).code, Some(0), "nothing was asked of it");
}
