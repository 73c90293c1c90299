//! A policy that somebody else wrote: its texts can hold any character, and so can its path.

use std::fs;
use std::path::Path;

use super::{Form, assert_harmless, assert_run_harmless, fixtures_path, hostile_argument, toml_text};
use crate::program::{Run, pgdba};

/// Entries of every kind whose reasons are hostile, one of which skips a rule and one of which matches nothing.
fn entries(reason: &str) -> String {
    format!(
        "[[silence]]\nkind = 'table'\nreason = {reason}\n\
         [[lower]]\nkind = 'index'\nto = 'info'\nreason = {reason}\n\
         [[raise]]\nkind = 'query'\nto = 'critical'\nreason = {reason}\n\
         [[silence]]\nrule = 'fsync_off'\nreason = {reason}\n\
         [[silence]]\nname = 'none'\nreason = {reason}\n"
    )
}

/// Every command that uses a policy, in every format, without what the temporary folder is called.
fn runs(path: &Path) -> Vec<(Run, Form, String)> {
    let snapshot = fixtures_path("example.json.gz");
    let path = path.to_str().unwrap();
    let commands: [&[&str]; 3] = [
        &["check", "--snapshot", &snapshot],
        &["report", &snapshot, "-o", "-"],
        &["config", "diff", "--snapshot", &snapshot],
    ];
    let formats = [("text", Form::Text), ("markdown", Form::Markdown), ("json", Form::Json)];
    let mut runs = Vec::new();
    for words in commands {
        for (format, form) in formats {
            let form = if words[0] == "report" && form == Form::Text { Form::Html } else { form };
            let words = [words, &["--policy", path, "--format", format]].concat();
            runs.push((pgdba(&words), form, format!("{words:?}")));
        }
    }
    runs
}

#[test]
fn the_texts_and_the_path_of_a_policy_are_harmless_in_every_face() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = hostile_argument();
    let path = folder.path().join(format!("{}.toml", hostile.replace('/', "")));
    fs::write(&path, entries(&toml_text(&hostile))).unwrap();
    for (run, form, place) in runs(&path) {
        assert_run_harmless(&run, form, &place);
        assert_eq!(run.code, Some(0), "{place}: {}", run.stderr);
        assert!(run.stdout.contains("forged"), "{place}: the policy is not in it");
    }
    let snapshot = fixtures_path("example.json.gz");
    for (ending, form) in [("html", Form::Html), ("md", Form::Markdown), ("txt", Form::Text)] {
        let file = folder.path().join(format!("report.{ending}"));
        let file = file.to_str().unwrap();
        let run = pgdba(&["report", &snapshot, "-o", file, "--policy", path.to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let written = fs::read_to_string(file).unwrap();
        assert!(written.matches("forged").count() > 10, "{ending}: the reasons are not in it");
        assert_harmless(&written, form, ending);
    }
}

#[test]
fn the_errors_of_a_policy_are_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let text = toml_text(&hostile_argument());
    let path = folder.path().join("pgdba.toml");
    for policy in [
        format!("[[silence]]\nrule = {text}\nreason = 'r'\n"),
        format!("[[silence]]\narea = {text}\nreason = 'r'\n"),
        format!("[[silence]]\nkind = 'table'\nuntil = {text}\nreason = 'r'\n"),
        format!("[[silence]]\n{text} = 1\nreason = 'r'\n"),
    ] {
        fs::write(&path, &policy).unwrap();
        let error = pgdba_analysis::read_policy(policy.as_bytes()).unwrap_err();
        assert_harmless(&error.to_string(), Form::Text, "of the page, which prints it as it is");
        for (run, form, place) in runs(&path) {
            let form = if form == Form::Json { Form::Json } else { Form::Text };
            assert_run_harmless(&run, form, &place);
            assert_eq!(run.code, Some(2), "{place}: {}{}", run.stdout, run.stderr);
        }
    }
}

#[test]
fn the_path_of_accepted_findings_is_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{}.toml", hostile_argument().replace('/', "")));
    let snapshot = fixtures_path("example.json.gz");
    for (format, form) in [("text", Form::Text), ("markdown", Form::Markdown), ("json", Form::Json)] {
        let run = pgdba(&["check", "--snapshot", &snapshot, "--accept", path.to_str().unwrap(), "--format", format]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_run_harmless(&run, form, format);
        assert!(run.stdout.contains("forged"), "{}", run.stdout);
    }
    assert!(path.is_file());
}
