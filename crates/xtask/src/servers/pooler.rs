//! A PgBouncer in front of a server, in transaction mode: the pooler that sites most often have.

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::server::free_port;
use super::{Server, folder, sql};
use crate::privilege;
use crate::process;
use crate::setup::packages;

/// Debian puts it here and not into everybody's PATH.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// How long it may take to listen.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A running PgBouncer with one connection to the server; dropping it ends it.
#[derive(Debug)]
pub struct Pooler {
    child: Child,
    port: u16,
    folder: PathBuf,
}

/// Makes sure that PgBouncer is there.
pub fn install() -> Result<()> {
    if process::is_executable(Path::new(PROGRAM)) {
        return Ok(());
    }
    packages::install(&["pgbouncer"], "the connection pooler that the collector is tried through")
}

impl Pooler {
    /// Starts one for `server`. Every client of it gets the same connection to the server, one after the other.
    pub fn start(server: &Server) -> Result<Self> {
        Self::start_with(server, "pool_mode = transaction\ndefault_pool_size = 1")
    }

    /// Starts one with these lines in its configuration.
    pub fn start_with(server: &Server, lines: &str) -> Result<Self> {
        install()?;
        let account = privilege::server_account()?;
        let folder = folder::create(account)?;
        let port = free_port()?;
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = trust\nauth_file = {folder}/users\n{lines}\n\
             unix_socket_dir =\nlogfile = {folder}/log\n",
            server.port(),
            folder = folder.display()
        );
        let file = folder.join("pgbouncer.ini");
        fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))?;
        fs::write(folder.join("users"), "\"postgres\" \"\"\n\"plain\" \"\"\n\"ops\" \"\"\n")?;
        let mut command = Command::new(PROGRAM);
        command.arg("-q").arg(&file).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid);
        }
        let child = command.spawn().context("could not start pgbouncer")?;
        let pooler = Self { child, port, folder };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || fs::read_to_string(pooler.folder.join("log")).unwrap_or_default();
            ensure!(begun.elapsed() < READY_WITHIN, "pgbouncer does not listen:\n{}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(pooler)
    }

    /// Connection URL through it.
    pub fn dsn(&self, user: &str, database: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// Runs statements through it as the superuser and returns the rows of all of them as text; `None` is NULL.
    pub fn query(&self, database: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        sql::query(&self.dsn("postgres", database), sql).with_context(|| format!("could not run: {}", sql.trim()))
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // Nothing useful can be done about an error here.
        self.child.kill().ok();
        self.child.wait().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}
