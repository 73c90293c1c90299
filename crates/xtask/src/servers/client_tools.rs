//! Debian's client programs: pgbench and psql of PostgreSQL 15, which work with servers 12 to 18.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::privilege;
use crate::process;
use crate::setup::packages;

/// Debian puts pgbench here and not into PATH.
pub(super) const DEBIAN_BIN: &str = "/usr/lib/postgresql/15/bin";

/// Where a client program is: Debian's folder, else PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let debian = Path::new(DEBIAN_BIN).join(program);
    if process::is_executable(&debian) { Some(debian) } else { process::find_in_path(program) }
}

/// Makes sure that pgbench and psql are there.
pub fn install_client_tools() -> Result<()> {
    if find("pgbench").is_some() && find("psql").is_some() {
        return Ok(());
    }
    keep_debian_from_starting_a_cluster()?;
    packages::install(&["postgresql-15", "postgresql-client-15"], "psql and pgbench for the tests")
}

/// Makes sure that Debian's own PostgreSQL 15 is there, with all its programs.
pub(super) fn install_debian_server() -> Result<()> {
    if process::is_executable(&Path::new(DEBIAN_BIN).join("postgres")) {
        return Ok(());
    }
    keep_debian_from_starting_a_cluster()?;
    packages::install(&["postgresql-15"], "the server that Patroni manages in the tests")
}

/// psql, ready for its arguments; no setting of this machine's user is in its way but `~/.psqlrc`.
pub fn psql() -> Result<Command> {
    install_client_tools()?;
    let program = find("psql").context("psql is not there even after its installation")?;
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    Ok(command)
}

/// Debian's server package makes and starts a cluster when it is installed, unless it is told not to before.
fn keep_debian_from_starting_a_cluster() -> Result<()> {
    let file = Path::new("/etc/postgresql-common/createcluster.conf");
    if file.exists() || !privilege::is_root() {
        return Ok(());
    }
    let text = "create_main_cluster = false\n";
    let write = || fs::create_dir_all("/etc/postgresql-common").and_then(|()| fs::write(file, text));
    write().with_context(|| format!("could not write {}", file.display()))
}
