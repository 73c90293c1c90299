//! Servers in a declared state, and what `pgdba check` says of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use xtask::servers::{Server, ServerOptions, client_tools};

use crate::program::{build, pgdba};

/// The supported versions, so that none is a finding by itself; the name of a scenario decides on which of them it is tried.
const MAJORS: [u32; 4] = [15, 16, 17, 18];

/// The variable with the names of the scenarios to try, separated by commas, while new ones are written.
const ONLY: &str = "PGDBA_SCENARIOS";

/// Servers that run at the same time.
const AT_A_TIME: usize = 3;

/// How long it may take until statistics and sessions are seen, or seen no more.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a held session may take for its statements; one that waits for another never finishes them.
const HELD_WITHIN: Duration = Duration::from_secs(2);

/// A server in a certain state.
#[derive(Deserialize)]
pub(crate) struct Scenario {
    /// The server's version, if not any will do.
    version: Option<u32>,
    /// Parameters that the server starts with.
    #[serde(default)]
    with: BTreeMap<String, String>,
    /// Statements, each by itself.
    #[serde(default)]
    run: Vec<String>,
    /// Whether statements that fail are part of the state; otherwise each must succeed, or nothing would be proven.
    #[serde(default)]
    has_failures: bool,
    /// Sessions that stay open, each with its statements.
    #[serde(default)]
    hold: Vec<String>,
    /// How many of each of these sessions there are.
    #[serde(default = "once")]
    times: usize,
    /// Arguments of `pg_resetwal`, run after the statements, before the sessions.
    #[serde(default)]
    counters: Vec<String>,
    /// How far the server's clock is moved ahead when all that is done: `+2d`.
    later: Option<String>,
    /// Statements after that.
    #[serde(default)]
    then: Vec<String>,
}

fn once() -> usize {
    1
}

/// A running server in that state, with the sessions that are part of it.
pub(crate) struct Staged {
    /// Ended before the server.
    _held: Vec<Held>,
    pub(crate) server: Server,
}

impl Scenario {
    /// Starts the server and brings about the state.
    pub(crate) fn stage(&self, name: &str) -> Result<Staged, String> {
        let with_statements = ServerOptions::default().with_statements();
        let mut options = self.with.iter().fold(with_statements, |options, (name, value)| options.with(name, value));
        options.has_movable_clock = self.later.is_some();
        let version = self.version.unwrap_or_else(|| version_for(name));
        let server = Server::start(version, &options).map_err(|error| format!("{error:?}"))?;
        let failed = failures(&server, &self.run);
        if failed.is_empty() == self.has_failures {
            return Err(format!("statements that failed on {version}: {failed:?}"));
        }
        if !self.counters.is_empty() {
            server.reset_wal(&self.counters).map_err(|error| format!("{error:?}"))?;
        }
        let sessions = self.hold.iter().flat_map(|sql| std::iter::repeat_n(sql, self.times));
        let held = sessions.map(|sql| Held::new(&server, sql)).collect::<Result<_, _>>()?;
        if let Some(offset) = &self.later {
            server.move_clock(offset).map_err(|error| format!("{error:?}"))?;
        }
        let failed = failures(&server, &self.then);
        if !failed.is_empty() {
            return Err(format!("later statements that failed on {version}: {failed:?}"));
        }
        Ok(Staged { _held: held, server })
    }
}

/// The errors of the statements that fail.
fn failures(server: &Server, statements: &[String]) -> Vec<String> {
    statements
        .iter()
        .filter_map(|sql| server.execute("postgres", sql).err().map(|error| format!("{error:?}")))
        .collect()
}

fn version_for(name: &str) -> u32 {
    MAJORS[name.bytes().map(usize::from).sum::<usize>() % MAJORS.len()]
}

/// Tries every scenario, a few at a time, and fails with all that is wrong.
pub(crate) fn try_all<T: Send>(
    scenarios: VecDeque<(String, T)>,
    try_one: impl Fn(&str, &T) -> Result<(), String> + Sync,
) {
    build();
    assert!(scenarios.len() > 10, "the scenarios are not read");
    let only = std::env::var(ONLY).unwrap_or_default();
    let is_wanted = |name: &String| only.is_empty() || only.split(',').any(|wanted| wanted == name);
    let scenarios = scenarios.into_iter().filter(|(name, _)| is_wanted(name)).collect::<VecDeque<_>>();
    let (left, failed) = (Mutex::new(scenarios), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some((name, scenario)) = left.lock().unwrap().pop_front() else { break };
                    if let Err(reason) = try_one(&name, &scenario) {
                        failed.lock().unwrap().push(format!("{name}: {reason}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What `look` gives as soon as it is no error, or the last error.
pub(crate) fn eventually<T>(look: impl Fn() -> Result<T, String>) -> Result<T, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look() {
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(300)),
            outcome => return outcome,
        }
    }
}

/// The analysis of `pgdba check`.
pub(crate) fn check(server: &Server) -> Value {
    let run = pgdba(&["check", "--format", "json", "--dsn", &server.dsn("postgres", "postgres")]);
    let analysis = run.envelope()["data"].take();
    assert!(analysis.is_object(), "{}{}", run.stdout, run.stderr);
    analysis
}

/// The rules that found a warning or worse.
pub(crate) fn above_notice(findings: &[Value]) -> BTreeSet<String> {
    let is_grave = |finding: &&Value| ["warning", "critical"].map(Value::from).contains(&finding["severity"]);
    findings.iter().filter(is_grave).map(|finding| finding["name"].as_str().unwrap().to_owned()).collect()
}

/// psql on the server, as the superuser.
pub(crate) fn psql(server: &Server) -> Command {
    let mut psql = client_tools::psql().unwrap();
    psql.args(["-X", "-q", &server.dsn("postgres", "postgres")]);
    psql
}

/// A session that stays open.
pub(crate) struct Held(Child);

impl Held {
    /// Opens it, and returns when its statements are done, or wait. A statement that fails ends the session, which is an error.
    fn new(server: &Server, sql: &str) -> Result<Self, String> {
        let mut psql = psql(server);
        psql.args(["-v", "ON_ERROR_STOP=1"]);
        let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // The server keeps the session open for as long as psql may read more.
        let stdin = child.stdin.as_mut().unwrap();
        writeln!(stdin, "{sql};\n\\echo done").unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut lines = stdout.lines().map_while(Result::ok);
            if lines.any(|line| line == "done") {
                sender.send(()).ok();
            }
        });
        match receiver.recv_timeout(HELD_WITHIN) {
            Err(RecvTimeoutError::Disconnected) => Err(format!("a held session failed: {sql}")),
            Ok(()) | Err(RecvTimeoutError::Timeout) => Ok(Self(child)),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
