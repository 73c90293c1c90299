//! A home and a server, and what is asked of every refusal.

use std::fs;

use serde_json::{Value, json};
use xtask::servers::{Server, ServerOptions};

use crate::program::{Run, pgdba_with};
use crate::site::sorted_lines;

/// A secret that stands in what a user gives; no answer may repeat it.
pub(crate) const SECRET: &str = "hunter2";

/// One server and a home of its own.
pub(crate) struct Desk {
    pub(crate) server: Server,
    home: tempfile::TempDir,
}

/// What is asked for, and what is to be said of it.
pub(crate) struct Case<'a> {
    /// What it shows, for the message of a failed test.
    pub(crate) name: &'a str,
    pub(crate) args: &'a [&'a str],
    pub(crate) code: &'a str,
    /// The exit code.
    pub(crate) exit: i32,
    /// What stands in the sentence.
    pub(crate) says: &'a str,
    /// What stands in the hint.
    pub(crate) hint: &'a str,
}

/// A refusal of the precheck.
pub(crate) fn case<'a>(name: &'a str, args: &'a [&'a str], code: &'a str, says: &'a str, hint: &'a str) -> Case<'a> {
    Case { name, args, code, exit: 1, says, hint }
}

/// A call that is wrong in itself.
pub(crate) fn usage<'a>(name: &'a str, args: &'a [&'a str], code: &'a str, says: &'a str, hint: &'a str) -> Case<'a> {
    Case { name, args, code, exit: 2, says, hint }
}

impl Desk {
    pub(crate) fn start(major: u32, options: &ServerOptions) -> Self {
        crate::program::build();
        Self::at(Server::start(major, options).unwrap())
    }

    pub(crate) fn at(server: Server) -> Self {
        Self { server, home: tempfile::tempdir().unwrap() }
    }

    /// The same server from the home of somebody else.
    pub(crate) fn home(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.server.execute("postgres", sql).unwrap();
    }

    /// The first value that the server answers with.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let rows = self.server.query("postgres", sql).unwrap();
        rows[0][0].clone().unwrap_or_default()
    }

    /// What SHOW says in a new session.
    pub(crate) fn show(&self, name: &str) -> String {
        self.ask(&format!("show {name}"))
    }

    /// `pgdba config …` as `role`.
    pub(crate) fn run_as(&self, role: &str, args: &[&str]) -> Run {
        let dsn = self.server.dsn(role, "postgres");
        let dsn = ["--dsn", dsn.as_str()];
        pgdba_with(&[("PGDBA_HOME", Some(self.home()))], &[&["config"], args, &dsn].concat())
    }

    /// The same as the superuser.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_as("postgres", args)
    }

    /// What must succeed: the envelope.
    pub(crate) fn done_as(&self, role: &str, args: &[&str]) -> Value {
        let run = self.run_as(role, &[args, &["--format", "json"]].concat());
        assert_eq!(run.code, Some(0), "{args:?}: {}{}", run.stdout, run.stderr);
        run.envelope()
    }

    /// Sets parameters, which must succeed: the envelope.
    pub(crate) fn apply_as(&self, role: &str, pairs: &[&str]) -> Value {
        let sets = pairs.iter().flat_map(|pair| ["--set", pair]);
        let args: Vec<&str> = ["apply", "--yes"].into_iter().chain(sets).collect();
        self.done_as(role, &args)
    }

    /// Sets parameters as the superuser: the envelope.
    pub(crate) fn apply(&self, pairs: &[&str]) -> Value {
        self.apply_as("postgres", pairs)
    }

    pub(crate) fn rollback_as(&self, role: &str, envelope: &Value) -> Value {
        self.done_as(role, &["rollback", "--changeset-id", id(envelope)])
    }

    pub(crate) fn rollback(&self, envelope: &Value) -> Value {
        self.rollback_as("postgres", envelope)
    }

    /// The text of the file that ALTER SYSTEM writes.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.server.data_dir().join("postgresql.auto.conf")).unwrap()).into_owned()
    }

    /// Its lines, as a set.
    pub(crate) fn auto_conf(&self) -> Vec<String> {
        sorted_lines(&self.text())
    }

    /// Adds lines to a file in the data folder.
    pub(crate) fn append(&self, file: &str, lines: &str) {
        let path = self.server.data_dir().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}{lines}\n")).unwrap();
    }

    /// Takes off again what [`Desk::append`] added.
    pub(crate) fn take_off(&self, file: &str, lines: &str) {
        let path = self.server.data_dir().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.strip_suffix(&format!("{lines}\n")).unwrap()).unwrap();
    }

    /// Every one of these is refused as it says, as the superuser, and changes nothing.
    pub(crate) fn refuses(&self, cases: &[Case<'_>]) {
        self.refuses_as("postgres", cases);
    }

    pub(crate) fn refuses_as(&self, role: &str, cases: &[Case<'_>]) {
        for case in cases {
            self.refuses_one(role, case);
        }
    }

    fn refuses_one(&self, role: &str, case: &Case<'_>) {
        let Case { name, args, .. } = case;
        let before = self.auto_conf();
        let run = self.run_as(role, args);
        let all = format!("{}{}", run.stdout, run.stderr);
        println!("{name}\n{all}");
        assert_eq!(run.code, Some(case.exit), "{name}: {all}");
        assert_eq!(run.stdout, "", "{name}");
        let (message, hint) = told(name, &run.stderr);
        assert!(message.contains(case.says), "{name}: {message}");
        assert!(hint.contains(case.hint), "{name}: {hint}");

        let run = self.run_as(role, &[args, &["--format", "json"][..]].concat());
        assert_eq!((run.code, run.stderr.as_str()), (Some(case.exit), ""), "{name}");
        let envelope = run.envelope();
        assert_eq!((&envelope["ok"], &envelope["data"]), (&json!(false), &Value::Null), "{name}");
        let error = json!({ "code": case.code, "message": message, "hint": hint });
        assert_eq!(envelope["error"], error, "{name}");

        let all = format!("{all}{}", run.stdout);
        assert!(!all.contains(SECRET), "{name}: {all}");
        assert_eq!(self.auto_conf(), before, "{name}: postgresql.auto.conf is another");
    }
}

/// The change set that an envelope tells of.
pub(crate) fn id(envelope: &Value) -> &str {
    envelope["data"]["change_set"]["id"].as_str().unwrap_or_else(|| panic!("{envelope}"))
}

/// The one error and the one hint of an answer: warnings may stand before them, and nothing else.
fn told<'a>(name: &str, stderr: &'a str) -> (&'a str, &'a str) {
    let lines: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("pgdba: warning: ")).collect();
    let [error, hint] = lines[..] else { panic!("{name}: {stderr}") };
    let message = error.strip_prefix("pgdba: error: ").unwrap_or_else(|| panic!("{name}: {stderr}"));
    let hint = hint.strip_prefix("hint: ").unwrap_or_else(|| panic!("{name}: {stderr}"));
    let is_clause = |text: &str| !text.is_empty() && !text.ends_with('.') && !text.replace(" .. ", "").contains(". ");
    assert!(is_clause(message), "{name}: not one clause: {stderr}");
    // A whole sentence, or one that ends with a command to paste.
    let is_sentence =
        hint.chars().next().is_some_and(char::is_uppercase) && (hint.ends_with(['.', '?']) || hint.contains(": "));
    assert!(is_sentence, "{name}: not a sentence: {stderr}");
    (message, hint)
}
