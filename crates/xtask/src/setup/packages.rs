//! The one place that installs Debian packages.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{privilege, process};

/// Installs `packages` from Debian, without recommended ones, and says why.
///
/// The package lists are fetched anew each time, because a fresh container image has old ones or none.
pub fn install(packages: &[&str], why: &str) -> Result<()> {
    println!("installing {} ({why})", packages.join(", "));
    if let Err(error) = apt(&["update", "--quiet"], packages) {
        // One broken third-party source must not stop a package that comes from another one.
        eprintln!("warning: {error:#}");
    }
    let mut words = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    words.extend(packages);
    apt(&words, packages)
}

fn apt(words: &[&str], packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if process::find_in_path("apt-get").is_none() {
        bail!("this is not a Debian system: install the equivalent of Debian's `{wanted}` with your package manager");
    }
    let mut command = privilege::as_root("apt-get")
        .with_context(|| format!("needs root: run `sudo apt-get install --no-install-recommends {wanted}` once"))?;
    // Another apt may be at work, started by a person or by the machine itself.
    command.args(["-o", "DPkg::Lock::Timeout=300"]);
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    process::output(&mut command)?;
    Ok(())
}

/// The version of an installed Debian package, `None` where it (or dpkg) is missing.
pub fn installed(package: &str) -> Option<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status} ${Version}", package]);
    let answer = process::output(&mut query).ok()?;
    answer.strip_prefix("installed ").map(str::to_owned)
}
