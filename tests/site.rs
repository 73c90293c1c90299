//! A server and a home of pgdba, for the tests that change configurations.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::journal::Journal;
use serde_json::Value;
use tempfile::TempDir;
use xtask::paths;
use xtask::servers::Server;

use crate::program::{Run, build_mortal};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Has a command print its envelope.
pub(crate) const JSON: [&str; 2] = ["--format", "json"];

/// Everything of a server's configuration that anybody can see: two servers that differ in nothing stand alike.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) auto_conf: Vec<String>,
    settings: Vec<Vec<Option<String>>>,
    mistakes: Vec<Vec<Option<String>>>,
}

impl Standing {
    pub(crate) fn of(server: &Server) -> Self {
        let settings = "select name, setting, reset_val, source, sourcefile, pending_restart from pg_catalog.pg_settings order by 1";
        let mistakes = "select name, error from pg_catalog.pg_file_settings where error is not null order by 1";
        Self {
            auto_conf: auto_conf(server),
            settings: server.query("postgres", settings).unwrap(),
            mistakes: server.query("postgres", mistakes).unwrap(),
        }
    }

    /// Fails with what differs, and not with all there is.
    #[track_caller]
    pub(crate) fn assert_is(&self, expected: &Self, when: &str) {
        assert_eq!(self.auto_conf, expected.auto_conf, "{when}");
        assert_eq!(self.mistakes, expected.mistakes, "{when}");
        let differing: Vec<_> = self.settings.iter().zip(&expected.settings).filter(|(a, b)| a != b).collect();
        assert!(differing.is_empty() && self == expected, "{when}: {differing:?}");
    }
}

/// The lines of the file that ALTER SYSTEM writes, as a set: their order means nothing to the server.
pub(crate) fn auto_conf(server: &Server) -> Vec<String> {
    sorted_lines(&fs::read_to_string(server.data_dir().join("postgresql.auto.conf")).unwrap())
}

/// The lines of a file, sorted.
pub(crate) fn sorted_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// A home of its own for pgdba, and the server that is changed from it.
pub(crate) struct Site<'s> {
    pub(crate) home: PathBuf,
    pub(crate) dsn: String,
    pub(crate) server: &'s Server,
    _folder: TempDir,
}

impl<'s> Site<'s> {
    pub(crate) fn new(server: &'s Server) -> Self {
        Self::through(server, "postgres")
    }

    /// The same through another database.
    pub(crate) fn through(server: &'s Server, database: &str) -> Self {
        build_mortal();
        let folder = tempfile::tempdir().unwrap();
        Self { home: folder.path().join("home"), dsn: server.dsn("postgres", database), server, _folder: folder }
    }

    /// `program config …` with this home; `verb` and what follows are given.
    pub(crate) fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(paths::target().join("debug").join(program));
        command.arg("config").args(words);
        if words.first() != Some(&"unlock") && !words.contains(&"--offline") {
            command.args(["--dsn", &self.dsn]);
        }
        command.args((words.first() == Some(&"apply")).then_some("--yes"));
        command.env("PGDBA_HOME", &self.home).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `pgdba config …` to its end.
    pub(crate) fn config(&self, words: &[&str]) -> Told {
        Told::of(self.command("pgdba", words).args(JSON).output().unwrap())
    }

    pub(crate) fn rollback(&self, id: &str) -> Told {
        self.config(&["rollback", "--changeset-id", id])
    }

    pub(crate) fn resume(&self, id: &str) -> Told {
        self.config(&["apply", "--resume", "--changeset-id", id])
    }

    /// Runs `pgdba config …`, which dies at this point.
    #[track_caller]
    pub(crate) fn dies(&self, at: &str, words: &[&str]) {
        let done = self.command("pgdba-mortal", words).args(JSON).env("PGDBA_DIE_AT", at).output().unwrap();
        assert_eq!(done.status.signal(), Some(9), "did not die at {at}: {done:?}");
    }

    /// Starts `pgdba config …`, which waits at this point; returns when it is there.
    #[track_caller]
    pub(crate) fn waits(&self, at: &str, words: &[&str]) -> Waiting {
        self.waits_and_dies(at, "", words)
    }

    /// The same, and it dies at a later point.
    #[track_caller]
    pub(crate) fn waits_and_dies(&self, at: &str, later: &str, words: &[&str]) -> Waiting {
        Waiting::start(self.command("pgdba-mortal", words).args(JSON).env("PGDBA_DIE_AT", later), at)
    }

    /// The folder of the server's changes; the home has no other.
    pub(crate) fn store(&self) -> PathBuf {
        let folders: Vec<_> = fs::read_dir(self.home.join("snapshots")).unwrap().collect();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders[0].as_ref().unwrap().path()
    }

    /// Every file in the store, by name.
    pub(crate) fn files(&self) -> Vec<String> {
        if !self.home.join("snapshots").exists() {
            return Vec::new();
        }
        names(&self.store())
    }

    /// Every journal, the oldest first; one that is torn fails the test.
    pub(crate) fn journals(&self) -> Vec<Journal> {
        let is_journal = |name: &String| name.ends_with(".json");
        let read = |name: String| {
            let bytes = fs::read(self.store().join(&name)).unwrap();
            Journal::read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}: {}", String::from_utf8_lossy(&bytes)))
        };
        self.files().into_iter().filter(is_journal).map(read).collect()
    }

    /// The one journal there is.
    #[track_caller]
    pub(crate) fn journal(&self) -> Journal {
        let mut journals = self.journals();
        assert_eq!(journals.len(), 1, "{:?}", self.files());
        journals.remove(0)
    }

    /// No lock and nothing unfinished is left.
    #[track_caller]
    pub(crate) fn assert_tidy(&self, when: &str) {
        self.assert_tidy_on_disk(when);
        self.assert_nothing_held(when);
    }

    /// The same of a server that does not run.
    #[track_caller]
    pub(crate) fn assert_tidy_on_disk(&self, when: &str) {
        let left: Vec<_> = self.files().into_iter().filter(|name| name.starts_with('.')).collect();
        assert!(left.is_empty(), "{when}: {left:?}");
    }

    /// No lock is left, neither here nor on the server.
    #[track_caller]
    pub(crate) fn assert_nothing_held(&self, when: &str) {
        assert!(!self.files().contains(&".lock".to_owned()), "{when}");
        let held = "select pid from pg_catalog.pg_locks where locktype = 'advisory'";
        let deadline = Instant::now() + PATIENCE;
        while !self.server.query("postgres", held).unwrap().is_empty() {
            assert!(Instant::now() < deadline, "{when}: the advisory lock is still held");
        }
    }
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// What a run of `pgdba config` told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) envelope: Value,
}

impl Told {
    pub(crate) fn of(done: Output) -> Self {
        let run = Run {
            code: done.status.code(),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        };
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        Self { code: run.code, envelope: run.envelope() }
    }

    /// It went well.
    #[track_caller]
    pub(crate) fn is_done(&self, when: &str) -> Value {
        assert_eq!(self.code, Some(0), "{when}: {}", self.envelope);
        self.envelope["data"].clone()
    }

    /// It failed with this exit code and word, in one sentence; sentence and hint are given, one after the other.
    #[track_caller]
    pub(crate) fn is_refused(&self, code: i32, word: &str, when: &str) -> String {
        let error = &self.envelope["error"];
        assert_eq!((self.code, error["code"].as_str()), (Some(code), Some(word)), "{when}: {}", self.envelope);
        let (message, hint) = (error["message"].as_str().unwrap(), error["hint"].as_str().unwrap_or_default());
        assert!(!message.is_empty() && !message.contains('\n') && !message.ends_with('.'), "{message}");
        assert!(!hint.is_empty(), "no hint: {message}");
        format!("{message}\n{hint}")
    }

    /// The word of the error, for programs.
    pub(crate) fn word(&self) -> &str {
        self.envelope["error"]["code"].as_str().unwrap_or_default()
    }

    /// The id of the change set that it is about.
    pub(crate) fn id(&self) -> String {
        self.envelope["data"]["change_set"]["id"].as_str().unwrap_or_else(|| panic!("{}", self.envelope)).to_owned()
    }
}

/// A run that waits at a point; it is killed where a test ends before it.
pub(crate) struct Waiting {
    child: Child,
    folder: TempDir,
}

impl Waiting {
    /// Starts a command of `pgdba-mortal` that waits at this point; returns when it is there.
    #[track_caller]
    pub(crate) fn start(command: &mut Command, at: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command.env("PGDBA_WAIT_AT", at).env("PGDBA_WAIT_IN", folder.path()).spawn().unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !folder.path().join("reached").exists() {
            if child.try_wait().unwrap().is_some() {
                panic!("did not come to {at}: {}", Told::of(child.wait_with_output().unwrap()).envelope);
            }
            assert!(Instant::now() < deadline, "did not come to {at}");
            thread::sleep(Duration::from_millis(2));
        }
        Self { child, folder }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Lets it go on to where it dies.
    #[track_caller]
    pub(crate) fn dies(mut self, at: &str) {
        fs::write(self.folder.path().join("go"), "").unwrap();
        assert_eq!(self.child.wait().unwrap().signal(), Some(9), "did not die at {at}");
    }

    /// Lets it go on to its end.
    pub(crate) fn ends(mut self) -> Told {
        fs::write(self.folder.path().join("go"), "").unwrap();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        std::io::Read::read_to_end(&mut self.child.stdout.take().unwrap(), &mut stdout).unwrap();
        std::io::Read::read_to_end(&mut self.child.stderr.take().unwrap(), &mut stderr).unwrap();
        Told::of(Output { status: self.child.wait().unwrap(), stdout, stderr })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
