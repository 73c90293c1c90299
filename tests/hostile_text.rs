//! Texts of a server, a file or a user that want to be more than texts: whatever stands in a snapshot, no command prints a
//! character that steers a terminal, and no text becomes a line, a heading or a link of its own.

mod poison;
mod policy;
mod servers;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pgdba_report::{Layout, Report, html, markdown, text};
use serde_json::Value;

use crate::fixtures;
use crate::program::{Run, pgdba, pgdba_with};
use poison::{CHARACTERS, FORGED};

/// A snapshot with findings, and one of several databases.
const FIXTURES: [&str; 3] = ["example.json.gz", "pg12-databases.json.gz", "pg18-delta.json.gz"];

/// Commands that no snapshot can be given to, and who tries them with hostile texts instead.
const WITHOUT_SNAPSHOT: [(&str, &str); 11] = [
    ("baseline list", "stored baselines: tests/trend.rs"),
    ("cluster add", "arguments: `the_registry_is_no_way_in`"),
    ("cluster list", "the registry: `the_registry_is_no_way_in`"),
    ("cluster show", "the registry: `the_registry_is_no_way_in`"),
    ("cluster remove", "the registry: `the_registry_is_no_way_in`"),
    ("inspect", "a server: tests/hostile_text/servers.rs"),
    ("config apply", "a server: tests/hostile_text/servers.rs"),
    ("config rollback", "a server: tests/hostile_text/servers.rs"),
    ("config history", "a server: tests/hostile_text/servers.rs"),
    ("config unlock", "a lock's name: `arguments_come_back_harmless`"),
    ("schema", "it prints what was compiled in"),
];

/// How one format may be wrong.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Text,
    /// Cells between tabs.
    Tabs,
    Json,
    Markdown,
    Html,
}

/// Asserts that nothing in `shown` is more than a text.
fn assert_harmless(shown: &str, form: Form, place: &str) {
    for c in CHARACTERS {
        assert!(!shown.contains(c), "{place}: {c:?} in {}", around(shown, c));
    }
    let own = without_sql(shown, form);
    let tabs = if form == Form::Tabs { "" } else { "\t" };
    assert!(tabs.is_empty() || !own.contains(tabs), "{place}: a tab in {}", around(&own, '\t'));
    for line in own.lines() {
        let forged = FORGED.iter().find(|forged| line.trim_start_matches([' ', '>']).starts_with(**forged));
        assert_eq!(forged, None, "{place}: {line}");
    }
    let markup: &[&str] = match form {
        Form::Markdown => &["<b>forged", "[forged](", "http://forged"],
        Form::Html => &["<b>forged"],
        Form::Text | Form::Tabs | Form::Json => &[],
    };
    for words in markup {
        let is_markup = own.match_indices(words).any(|(at, _)| !own[..at].ends_with('\\'));
        assert!(!is_markup, "{place}: {words} in {}", around(&own, words.chars().next().unwrap()));
    }
}

fn around(shown: &str, c: char) -> String {
    let line = shown.split('\n').find(|line| line.contains(c)).unwrap_or_default();
    format!("{:?}", line.chars().take(2_000).collect::<String>())
}

/// Without the blocks that are set off, where a statement's own lines and tabs stay.
fn without_sql(shown: &str, form: Form) -> String {
    match form {
        Form::Text => shown.lines().filter(|line| !line.starts_with("    ")).collect::<Vec<_>>().join("\n"),
        Form::Markdown => {
            let mut fence = None;
            let is_own = |line: &&str| {
                let ticks = line.chars().take_while(|c| *c == '`').count();
                let is_opening = matches!(line.get(ticks..), Some("sql" | "text" | "sh"));
                match fence {
                    None if ticks > 2 && is_opening => fence = Some(ticks),
                    Some(opened) if ticks >= opened && line.len() == ticks => fence = None,
                    Some(_) => {}
                    None => return true,
                }
                false
            };
            shown.lines().filter(is_own).collect::<Vec<_>>().join("\n")
        }
        Form::Html => {
            let parts = shown.split("<pre>").map(|part| part.split_once("</pre>").map_or(part, |(_, own)| own));
            let whole: String = parts.collect();
            // The style and the script are ours.
            whole.split_once("</style>").map_or(whole.clone(), |(_, body)| body.to_owned())
        }
        Form::Tabs | Form::Json => shown.to_owned(),
    }
}

/// Every command, found by asking for help: `config show`.
fn commands(above: &str) -> Vec<String> {
    let words: Vec<&str> = above.split_whitespace().chain(["--help"]).collect();
    let help = pgdba(&words).stdout;
    let Some((_, listed)) = help.split_once("\nCommands:\n") else { return vec![above.to_owned()] };
    let is_command_itself = help.lines().any(|line| line == format!("Usage: pgdba {above} [OPTIONS]"));
    let names = listed.lines().take_while(|line| !line.is_empty()).filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        (!name.is_empty() && name != "help").then(|| format!("{above} {name}").trim().to_owned())
    });
    let itself = is_command_itself.then(|| above.to_owned());
    names.flat_map(|name| commands(&name)).chain(itself).collect()
}

/// The calls of a command that read this snapshot.
fn calls(command: &str, file: &str, document: &Value) -> Vec<Vec<String>> {
    let call = |words: &[&str]| command.split(' ').chain(words.iter().copied()).map(str::to_owned).collect();
    let clean = fixtures_path("pg18.json.gz");
    match command {
        "check" => vec![call(&["--snapshot", file, "--fail-on", "info"])],
        "config show" => vec![call(&["--snapshot", file, "--all"]), call(&["--snapshot", file])],
        "config diff" => vec![
            call(&["--snapshot", file]),
            call(&["--snapshot", file, "--against", &clean]),
            call(&["--snapshot", &clean, "--against", file]),
        ],
        "config tune" => {
            let pretend = ["--workload", "mixed", "--memory", "8GB", "--cpus", "4"];
            vec![call(&["--snapshot", file]), call(&[&["--snapshot", file][..], &pretend].concat())]
        }
        "baseline" => vec![call(&["--snapshot", file, "--no-store"])],
        "baseline trend" => vec![call(&[file, &clean, "--force"])],
        "baseline diff" => vec![
            call(&["--before", &clean, "--after", file, "--force"]),
            call(&["--before", file, "--after", &clean, "--force"]),
            call(&["--before", file, "--after", file, "--force"]),
        ],
        "report" => vec![call(&[file, "-o", "-"])],
        "rule" => {
            let codes = pgdba_analysis::rules::all().map(|rule| call(&[rule.code, "--explain", file]));
            codes.collect()
        }
        "snapshot info" | "snapshot verify" => vec![call(&[file])],
        "snapshot redact" => vec![call(&[file, "-o", "-"])],
        "snapshot show" => document["sections"]
            .as_object()
            .unwrap()
            .keys()
            .map(|section| {
                // An argument cannot hold NUL.
                call(&[file, &section.replace('\0', "")])
            })
            .collect(),
        "query show" => vec![call(&[&query_id(document), "--snapshot", file])],
        query if query.starts_with("query ") => vec![call(&["--snapshot", file])],
        other => panic!("{other}: say how it reads a snapshot, or in WITHOUT_SNAPSHOT why it cannot"),
    }
}

/// The query ID of the first statement, whatever it has become; nobody gives an empty one.
fn query_id(document: &Value) -> String {
    let section = &document["sections"]["pg_stat_statements"];
    let columns = section["columns"].as_array();
    let column = columns.and_then(|columns| columns.iter().position(|column| column == "queryid"));
    let id = column.and_then(|column| section["rows"][0][column].as_str()).unwrap_or_default();
    if id.is_empty() { "1".to_owned() } else { id.replace('\0', "") }
}

fn fixtures_path(name: &str) -> String {
    xtask::fixtures::folder().join(name).to_str().unwrap().to_owned()
}

fn document(name: &str) -> Value {
    serde_json::from_slice(&fixtures::unpacked(&fixtures::bytes(name))).unwrap()
}

/// Runs one command in all formats.
fn assert_command_harmless(command: &str, words: &[String], place: &str) {
    for format in ["text", "markdown", "html", "json"] {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.extend(["--format", format]);
        let run = pgdba(&words);
        let form = match (command, format) {
            // It writes a document, or HTML, whatever the format.
            ("snapshot redact", _) => Form::Json,
            ("report", "text") | (_, "html") => Form::Html,
            ("snapshot show", "text") => Form::Tabs,
            (_, "text") => Form::Text,
            (_, "json") => Form::Json,
            _ => Form::Markdown,
        };
        assert_run_harmless(&run, form, &format!("{place}: {words:?}"));
    }
}

fn assert_run_harmless(run: &Run, form: Form, place: &str) {
    assert_harmless(&run.stdout, form, place);
    assert_harmless(&run.stderr, Form::Text, place);
    assert!(!run.stdout.is_empty() || !run.stderr.is_empty(), "{place}: nothing was printed");
    assert!(!run.stderr.contains("panicked"), "{place}: {}", run.stderr);
}

/// Every command that reads a snapshot, or those with a rule or a section each only where `wholly`.
fn assert_all_commands_harmless(document: &Value, wholly: bool, place: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    fs::write(&file, document.to_string()).unwrap();
    for command in commands("") {
        if WITHOUT_SNAPSHOT.iter().any(|(name, _)| *name == command) {
            continue;
        }
        let calls = calls(&command, file.to_str().unwrap(), document);
        let count = if wholly { calls.len() } else { 3 };
        for words in calls.iter().take(count) {
            assert_command_harmless(&command, words, place);
        }
    }
}

#[test]
fn commands_without_a_snapshot_are_commands() {
    let commands: BTreeSet<String> = commands("").into_iter().collect();
    for (name, _) in WITHOUT_SNAPSHOT {
        assert!(commands.contains(name), "{name}");
    }
    assert!(commands.len() > WITHOUT_SNAPSHOT.len() + 5, "{commands:?}");
}

#[test]
fn whatever_stands_in_a_snapshot_no_command_prints_more_than_a_text() {
    for (at, name) in FIXTURES.into_iter().enumerate() {
        let mut hostile = document(name);
        poison::everything(&mut hostile);
        assert_all_commands_harmless(&hostile, at == 0, &format!("{name}, every text"));
    }
    let mut hostile = document("pg18.json.gz");
    poison::keys(&mut hostile);
    assert_all_commands_harmless(&hostile, false, "hostile keys");
}

#[test]
fn hostile_names_are_findings_like_others_and_harmless_in_every_face() {
    let mut spoilt = BTreeSet::new();
    for name in FIXTURES {
        let mut hostile = document(name);
        spoilt.extend(poison::what_is_found(&mut hostile));
        assert_all_commands_harmless(&hostile, false, &format!("{name}, names"));
    }
    for column in ["pg_class.nspname", "pg_class.relname", "*.datname", "pg_stat_statements.query"] {
        assert!(spoilt.contains(column), "{column} was not hostile: {spoilt:?}");
    }
}

#[test]
fn every_fixture_with_every_text_hostile_is_harmless_in_every_face() {
    for name in fixtures::names() {
        let mut hostile = document(&name);
        poison::everything(&mut hostile);
        let snapshot = pgdba_snapshot::read(hostile.to_string().as_bytes()).unwrap();
        let report = Report::of(&pgdba_analysis::analyze(&snapshot, &pgdba_analysis::Options::default()));
        assert_harmless(&text::render(&report, Layout::FILE), Form::Text, &name);
        assert_harmless(&markdown::render(&report), Form::Markdown, &name);
        assert_harmless(&html::render(&report), Form::Html, &name);
    }
}

/// What a user can put on the command line.
fn hostile_argument() -> String {
    poison::suffix().replace('\0', "")
}

#[test]
fn arguments_come_back_harmless() {
    let hostile = hostile_argument();
    let calls: [&[&str]; 8] = [
        &["check", "--snapshot", &hostile],
        &["check", "--name", &hostile],
        &["check", "--dsn", &hostile],
        &["check", "--ignore", &hostile],
        &["rule", &hostile],
        &["schema", &hostile],
        &["config", "unlock", &hostile],
        &[&hostile],
    ];
    let home = tempfile::tempdir().unwrap();
    for words in calls {
        for format in ["text", "json"] {
            let words: Vec<&str> = words.iter().copied().chain(["--format", format]).collect();
            let run = pgdba_with(&[("PGDBA_HOME", home.path().to_str())], &words);
            let form = if format == "json" { Form::Json } else { Form::Text };
            assert_run_harmless(&run, form, &format!("{words:?}"));
        }
    }
}

#[test]
fn the_registry_is_no_way_in() {
    let home = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| pgdba_with(&[("PGDBA_HOME", home.path().to_str())], words);
    let hostile = hostile_argument();
    write_registry(home.path(), &hostile);
    for (format, form) in
        [("text", Form::Text), ("markdown", Form::Markdown), ("html", Form::Html), ("json", Form::Json)]
    {
        for words in [
            &["cluster", "list"][..],
            &["cluster", "show", "prod"],
            &["cluster", "show", &hostile],
            &["cluster", "remove", &hostile],
            &["cluster", "add", &hostile, "--dsn", "host=db1"],
            &["cluster", "add", "new", "--dsn", &hostile],
            &["cluster", "add", "new", "--dsn", "host=db1", "--tag", &hostile],
            &["cluster", "add", "new", "--dsn", "host=db1", "--note", &hostile],
            &["check", "--name", "prod"],
        ] {
            let words: Vec<&str> = words.iter().copied().chain(["--format", format]).collect();
            assert_run_harmless(&run(&words), form, &format!("{words:?}"));
        }
    }
}

/// A string of TOML.
fn toml_text(value: &str) -> String {
    serde_json::to_string(value).unwrap().replace('\u{7f}', "\\u007f")
}

/// A registry that somebody else wrote: TOML can hold any character.
fn write_registry(home: &Path, hostile: &str) {
    let text = toml_text;
    let toml = format!(
        "[clusters.prod]\ndsn = {}\nnote = {}\npatroni = {}\n[clusters.prod.tags]\n{} = {}\n[clusters.{}]\ndsn = \"host=db2\"\n",
        text(&format!("host=127.0.0.1 port=1 dbname={}", hostile.replace([' ', '\t', '\r', '\n', '\''], ""))),
        text(hostile),
        text(hostile),
        text(hostile),
        text(hostile),
        text(hostile),
    );
    fs::write(home.join("config.toml"), toml).unwrap();
}
