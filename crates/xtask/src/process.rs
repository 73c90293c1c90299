//! Running other programs: one place that says which command failed, where and with what words.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Runs `command` with its output going to this terminal; an exit code other than 0 is an error that shows the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = unpackaged(command).status().with_context(|| format!("could not start {}", line(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", line(command));
    }
    Ok(())
}

/// Runs `command` in silence and returns its standard output; on failure the error carries what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let done = capture(command)?;
    if !done.status.success() {
        bail!("{} failed ({}):\n{}", line(command), done.status, printed(&done));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Whether `command` can be started and ends with exit code 0. Prints nothing.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// A cargo that runs inside a cargo must not see which package the outer one runs: build scripts that look at it (ring's)
/// would run anew, and everything that needs them would be compiled anew, at each turn. Nor must it see `RUSTC_BOOTSTRAP`, which a
/// program has that `cargo xtask test` runs.
pub fn unpackaged(command: &mut Command) -> &mut Command {
    if Path::new(command.get_program()).file_name() == Some(OsStr::new("cargo")) {
        forget_package(command);
    }
    command
}

/// The command does not see which package the cargo runs that started this program, nor `RUSTC_BOOTSTRAP`.
pub fn forget_package(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "RUSTC_BOOTSTRAP" {
            command.env_remove(&name);
        }
    }
    command
}

/// The first file of this name in `PATH`.
pub fn find_in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_executable(file))
}

/// Whether `file` exists and may be executed by somebody.
pub fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// The command as one would type it, for messages.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
}

fn capture(command: &mut Command) -> Result<Output> {
    unpackaged(command).stdin(Stdio::null()).output().with_context(|| format!("could not start {}", line(command)))
}

fn printed(done: &Output) -> String {
    let both = [&done.stdout, &done.stderr].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
    both.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_shows_command_and_words() {
        let error = output(Command::new("sh").args(["-c", "echo because >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c 'echo because >&2; exit 3'"), "{error}");
        assert!(error.contains("exit status: 3") && error.ends_with("because"), "{error}");
    }

    #[test]
    fn path_is_searched() {
        assert!(find_in_path("sh").is_some());
        assert!(find_in_path("no-such-program-here").is_none());
    }
}
