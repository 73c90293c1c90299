//! A cluster of two and a home of pgdba, for the tests that change its configuration in the middle of faults.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::journal::Journal;
use pgdba_change::machine::State;
use serde_json::Value;
use tempfile::TempDir;
use xtask::paths;
use xtask::servers::PatroniLab;
use xtask::servers::patroni::{PatroniLabOptions, PatroniRelease};

use super::raw_config;
use crate::program::build_mortal;
use crate::site::{JSON, Told, Waiting};

/// What the changes of these tests set, there and back.
pub(super) const FORMER: &str = "6MB";
pub(super) const NEW: &str = "11MB";

/// The change.
pub(super) const APPLY: [&str; 5] = ["apply", "--via", "patroni", "--set", "work_mem=11MB"];

/// How long the DCS may take to answer again.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Cluster {
    pub(super) lab: PatroniLab,
    /// Where Patroni is asked; that of the first member unless a test puts something in between.
    pub(super) url: String,
    home: TempDir,
}

impl Cluster {
    pub(super) fn start(release: PatroniRelease) -> Self {
        build_mortal();
        let options = PatroniLabOptions { members: 2, release, ..PatroniLabOptions::default() };
        let lab = PatroniLab::start(&options).unwrap();
        Self { url: lab.url(0), lab, home: tempfile::tempdir().unwrap() }
    }

    /// `program config …` on a member with a home of its own.
    pub(super) fn command(&self, program: &str, member: usize, words: &[&str]) -> Command {
        let mut command = Command::new(paths::target().join("debug").join(program));
        command.arg("config").args(words).args(JSON).args(["--dsn", &self.lab.dsn(member)]);
        let url = if member == 0 { self.url.clone() } else { self.lab.url(member) };
        command.args(["--patroni", &url, "--patroni-timeout", "2s"]);
        command.args((words.first() == Some(&"apply") && !words.contains(&"--dry-run")).then_some("--yes"));
        command.env("PGDBA_HOME", self.home.path().join("home"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(super) fn config(&self, words: &[&str]) -> Told {
        self.config_on(0, words)
    }

    pub(super) fn config_on(&self, member: usize, words: &[&str]) -> Told {
        Told::of(self.command("pgdba", member, words).output().unwrap())
    }

    #[track_caller]
    pub(super) fn waits(&self, at: &str, words: &[&str]) -> Waiting {
        Waiting::start(&mut self.command("pgdba-mortal", 0, words), at)
    }

    #[track_caller]
    pub(super) fn dies(&self, at: &str, words: &[&str]) {
        let done = self.command("pgdba-mortal", 0, words).env("PGDBA_DIE_AT", at).output().unwrap();
        assert_eq!(done.status.signal(), Some(9), "did not die at {at}: {done:?}");
    }

    /// Kills a run after this time; it may have ended before, whatever it said.
    pub(super) fn kill_within(&self, words: &[&str], time: Duration) {
        let mut child = self.command("pgdba", 0, words).spawn().unwrap();
        thread::sleep(time);
        child.kill().ok();
        child.wait().unwrap();
    }

    /// Goes on with a change, or back.
    pub(super) fn resume(&self, id: &str) -> Told {
        self.config(&["apply", "--resume", "--changeset-id", id])
    }

    pub(super) fn rollback(&self, id: &str) -> Told {
        self.config(&["rollback", "--changeset-id", id])
    }

    /// Every journal, the oldest first; one that is torn fails the test.
    pub(super) fn journals(&self) -> Vec<Journal> {
        let mut names: Vec<PathBuf> = Vec::new();
        let Ok(folders) = std::fs::read_dir(self.home.path().join("home/snapshots")) else { return Vec::new() };
        for folder in folders {
            names.extend(std::fs::read_dir(folder.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()));
        }
        names.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        names.sort();
        names.iter().map(|path| Journal::read(&std::fs::read(path).unwrap()).unwrap()).collect()
    }

    /// The newest change's id and how far it has come.
    pub(super) fn newest(&self) -> Option<(String, State)> {
        self.journals().pop().map(|journal| (journal.change_set.id, journal.state))
    }

    /// Whether a lock file is left.
    pub(super) fn is_locked(&self) -> bool {
        let Ok(folders) = std::fs::read_dir(self.home.path().join("home/snapshots")) else { return false };
        folders.into_iter().any(|folder| folder.unwrap().path().join(".lock").exists())
    }

    /// What the dynamic configuration holds of a parameter, once it can be read.
    pub(super) fn stored(&self, name: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        while self.lab.rest(0, "GET", "/cluster", "").map_or(true, |(status, _)| status != 200) {
            assert!(Instant::now() < deadline, "the DCS does not answer");
            thread::sleep(Duration::from_millis(200));
        }
        raw_config(&self.lab)["postgresql"]["parameters"][name].clone()
    }

    /// Has somebody else set a parameter through the second member.
    pub(super) fn patch(&self, name: &str, value: &str) {
        let body = format!(r#"{{"postgresql": {{"parameters": {{"{name}": "{value}"}}}}}}"#);
        assert_eq!(self.lab.rest(1, "PATCH", "/config", &body).unwrap().0, 200, "{body}");
    }

    /// The same, and returns when both servers have it: what is planned earlier is outdated by it.
    pub(super) fn patch_everywhere(&self, name: &str, value: &str) {
        self.patch(name, value);
        let deadline = Instant::now() + PATIENCE;
        let has = |member| self.lab.query(member, &format!("show {name}")).unwrap()[0][0].as_deref() == Some(value);
        while !(has(0) && has(1)) {
            assert!(Instant::now() < deadline, "{name} is not {value} everywhere");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The last word was true: what it says is in the dynamic configuration is there.
    #[track_caller]
    pub(super) fn assert_true(&self, told: &Told, is_forward: bool, when: &str) {
        let stored = self.stored("work_mem");
        match (told.code, told.envelope["error"]["code"].as_str()) {
            (Some(0), _) => assert_eq!(stored, if is_forward { NEW } else { FORMER }, "{when}: {}", told.envelope),
            // What failed and was undone, or never began.
            (_, Some(code)) if code != "half_way" && is_forward => {
                assert_eq!(stored, FORMER, "{when}: {}", told.envelope);
            }
            // Not known, or half done: the message gives the ways out.
            (_, Some("half_way")) => {
                let said = told.is_refused(1, "half_way", when);
                assert!(said.contains("pgdba config rollback --dsn postgresql://"), "{when}: {said}");
                assert_eq!(said.contains("--resume --changeset-id"), is_forward, "{when}: {said}");
            }
            _ => {}
        }
    }

    /// The next command brings an open change to one of its two ends.
    #[track_caller]
    pub(super) fn finish(&self, goes_on: bool, when: &str) {
        let Some((id, state)) = self.newest() else { return assert_eq!(self.stored("work_mem"), FORMER, "{when}") };
        let is_back = matches!(state, State::Restoring { .. } | State::PutBack { .. } | State::ReloadedBack { .. });
        if state.is_settled() && !self.is_locked() {
            let expected = if state == State::Recorded { NEW } else { FORMER };
            return assert_eq!(self.stored("work_mem"), expected, "{when}: {state:?}");
        }
        let goes_on = (goes_on && !is_back && !matches!(state, State::Restored { .. } | State::Abandoned { .. }))
            || (state == State::Recorded && goes_on);
        let told = if goes_on { self.resume(&id) } else { self.rollback(&id) };
        told.is_done(&format!("{when}, from {state:?}"));
        let expected = if goes_on { NEW } else { FORMER };
        assert_eq!(self.stored("work_mem"), expected, "{when}, from {state:?}: {}", told.envelope);
        assert!(!self.is_locked(), "{when}, from {state:?}");
    }
}

/// Somebody who keeps changing another parameter.
pub(super) struct Stranger {
    /// Values that may be the last one: the last that was acknowledged and those sent since.
    last: Vec<String>,
}

impl Stranger {
    /// The parameter.
    const NAME: &'static str = "random_page_cost";

    /// Changes it beside `work`, and sees that the last value is there at the end.
    pub(super) fn beside(cluster: &Cluster, work: impl FnOnce()) {
        let is_over = AtomicBool::new(false);
        let last = thread::scope(|scope| {
            let stranger = scope.spawn(|| {
                let mut own = Self { last: Vec::new() };
                for number in 0_u32.. {
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    own.change(cluster, &format!("{}.{}", 1 + number % 7, number % 9 + 1));
                }
                own.last
            });
            // Ends it also where the work fails.
            let _end = End(&is_over);
            work();
            drop(_end);
            stranger.join().unwrap()
        });
        let stored = cluster.stored(Self::NAME);
        assert!(last.iter().any(|value| stored == value.as_str()), "{stored} is none of {last:?}");
    }

    fn change(&mut self, cluster: &Cluster, value: &str) {
        let body = format!(r#"{{"postgresql": {{"parameters": {{"{}": "{value}"}}}}}}"#, Self::NAME);
        let answer = cluster.lab.rest(1, "PATCH", "/config", &body);
        if matches!(answer, Ok((200, _))) {
            self.last.clear();
        }
        self.last.push(value.to_owned());
        thread::sleep(Duration::from_millis(100));
    }
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
