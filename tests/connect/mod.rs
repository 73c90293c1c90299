//! How sessions come about: every outcome is compared with that of the real libpq, whose `psql` connects the same way.

mod authentication;
mod cancel;
mod hosts;
mod matrix;

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::paths;
use xtask::servers::client_tools;

use crate::program::pgdba;

/// The password of every role that has one. No output of any run may hold it.
const SECRET: &str = "S3cret-of-the-test";

/// What came of connecting.
#[derive(Debug)]
struct Outcome {
    /// The error's code; none where the collection came about.
    code: Option<String>,
    /// Everything that was written, to look for words in.
    text: String,
    /// The snapshot's identity.
    identity: Value,
}

impl Outcome {
    fn is_ok(&self) -> bool {
        self.code.is_none()
    }

    fn code(&self) -> &str {
        self.code.as_deref().unwrap_or("connected")
    }
}

/// Connects with pgdba, in a home folder and with variables that are the test's.
fn connect(home: &Path, variables: &[(&str, &str)], dsn: &str) -> Outcome {
    // Builds the program if need be.
    static BUILT: std::sync::Once = std::sync::Once::new();
    BUILT.call_once(|| drop(pgdba(&["--version"])));
    let mut command = Command::new(paths::target().join("debug/pgdba"));
    let arguments = ["inspect", "--format", "json", "--sections", "system", "--dsn", dsn];
    let output = in_home(&mut command, home, variables).args(arguments).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let text = format!("{stdout}{}", String::from_utf8(output.stderr).unwrap());
    assert!(!text.contains(SECRET), "{dsn}: the password is shown: {text}");
    let envelope: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{dsn}: {error}: {text}"));
    let error = &envelope["error"];
    let code = error["code"].as_str().map(str::to_owned);
    // What is wrong in the call is said in one sentence; everything else has a next step too.
    if let Some(code) = code.as_ref().filter(|code| *code != "bad_dsn") {
        assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{dsn}: {code}: {text}");
    }
    Outcome { code, text, identity: envelope["data"]["identity"].clone() }
}

/// The port of the server to which psql connects the same way, or what it says.
fn psql(home: &Path, variables: &[(&str, &str)], dsn: &str) -> Result<String, String> {
    let mut command = Command::new(client_tools::find("psql").unwrap());
    let output = in_home(&mut command, home, variables).args(["-XAtw", "-c", "show port", dsn]).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

pub(crate) fn in_home<'a>(command: &'a mut Command, home: &Path, variables: &[(&str, &str)]) -> &'a mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command.env("HOME", home).envs(variables.iter().copied())
}

/// Waits until it is so.
fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "waited for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Connects with both, and both must end the same way: on the same server, or on none.
fn both(home: &Path, variables: &[(&str, &str)], dsn: &str) -> Outcome {
    let outcome = connect(home, variables, dsn);
    let expected = psql(home, variables, dsn);
    let port = outcome.identity["config_port"].as_i64().map(|port| port.to_string());
    assert_eq!(
        port.as_ref(),
        expected.as_ref().ok(),
        "{dsn} {variables:?}\npgdba: {}\npsql: {expected:?}",
        outcome.text
    );
    outcome
}
