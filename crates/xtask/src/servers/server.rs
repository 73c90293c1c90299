//! One running server.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::clock::Clock;
use super::control::{self, Control};
use super::options::{ServerOptions, assignment};
use super::{folder, release, sql, template};
use crate::privilege;

/// A free port may be taken by somebody else between looking and listening.
const START_ATTEMPTS: usize = 5;

/// How long a server may take to read its configuration again.
const RELOADED_WITHIN: Duration = Duration::from_secs(20);

/// A running PostgreSQL server with its own data folder and port; superuser `postgres`, no password asked.
///
/// It listens on 127.0.0.1 and on a Unix socket. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Server {
    control: Control,
    major: u32,
    port: u16,
    /// Holds the data folder, the socket and the log.
    folder: PathBuf,
    /// Whether server and folder outlive this value.
    keep: bool,
}

impl Server {
    /// Makes and starts a server of a major version on a free port; the binaries are installed when they are missing.
    pub fn start(major: u32, options: &ServerOptions) -> Result<Self> {
        // First what may fail for want of a network: a folder made before it would stay.
        release::install(major)?;
        let folder = folder::create(privilege::server_account()?)?;
        let mut server = Self::placed(major, folder, 0, false, options)?;
        server.begin(options).with_context(|| format!("could not start PostgreSQL {major}"))?;
        Ok(server)
    }

    /// A server that stays when this process ends: opened where `folder` is there, made on `port` where it is not.
    pub(super) fn persistent(major: u32, folder: PathBuf, port: u16, options: &ServerOptions) -> Result<Self> {
        let is_new = !folder.join("data/PG_VERSION").exists();
        if is_new {
            fs::remove_dir_all(&folder).ok();
            folder::create_at(&folder, privilege::server_account()?)?;
        }
        let mut server = Self::placed(major, folder, port, true, options)?;
        if is_new {
            server.begin(options)?;
        } else if !server.control.is_running() {
            server.control.start()?;
        }
        Ok(server)
    }

    fn placed(major: u32, folder: PathBuf, port: u16, keep: bool, options: &ServerOptions) -> Result<Self> {
        let control = Control {
            binaries: release::install(major)?,
            account: privilege::owner_of(&folder)?,
            data: folder.join("data"),
            log: folder.join("log"),
            command_line: options.command_line.join(" "),
            clock: options.has_movable_clock.then(|| Clock::new(&folder)).transpose()?,
        };
        Ok(Self { control, major, port, folder, keep })
    }

    /// Data directory, configuration, start, extension.
    fn begin(&mut self, options: &ServerOptions) -> Result<()> {
        template::make_data_directory(&self.control, release::version(self.major)?, &options.initdb_args)?;
        let file = self.data_dir().join("postgresql.conf");
        let initial = fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))?;
        let fixed_port = self.port;
        for attempt in 1..=START_ATTEMPTS {
            if fixed_port == 0 {
                self.port = free_port()?;
            }
            fs::write(&file, format!("{initial}\n{}{}", self.addresses(), options.configuration()))?;
            match self.control.start() {
                Ok(()) => break,
                Err(error) if attempt < START_ATTEMPTS && fixed_port == 0 && self.port_was_taken() => drop(error),
                Err(error) => return Err(error),
            }
        }
        if options.preload_statements {
            self.execute("postgres", "create extension if not exists pg_stat_statements")?;
        }
        Ok(())
    }

    /// Where the server listens: the one thing that cannot be as initdb leaves it when several run at once.
    fn addresses(&self) -> String {
        let socket = self.folder.display().to_string();
        let values = [
            ("port", self.port.to_string().as_str()),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", &socket),
        ]
        .map(|(name, value)| assignment(name, value));
        format!("# where this server listens\n{}", values.concat())
    }

    fn port_was_taken(&self) -> bool {
        self.log().is_ok_and(|log| log.contains("Address already in use"))
    }

    /// The major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The TCP port on 127.0.0.1, also the number of the Unix socket.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the Unix socket.
    pub fn socket_dir(&self) -> &Path {
        &self.folder
    }

    /// The data folder.
    pub fn data_dir(&self) -> &Path {
        &self.control.data
    }

    /// What the server has written to its log so far.
    pub fn log(&self) -> Result<String> {
        let file = &self.control.log;
        fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))
    }

    /// Connection URL over TCP.
    pub fn dsn(&self, user: &str, database: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Connection URL over the Unix socket.
    pub fn socket_dsn(&self, user: &str, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgresql://{user}@{folder}:{}/{database}", self.port)
    }

    /// Runs statements as the superuser.
    pub fn execute(&self, database: &str, sql: &str) -> Result<()> {
        sql::execute(&self.dsn("postgres", database), sql).with_context(|| format!("could not run: {}", sql.trim()))
    }

    /// Runs statements as the superuser and returns the rows of all of them as text; `None` is NULL.
    pub fn query(&self, database: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        sql::query(&self.dsn("postgres", database), sql).with_context(|| format!("could not run: {}", sql.trim()))
    }

    /// Whether the server runs.
    pub fn is_running(&self) -> bool {
        self.control.is_running()
    }

    /// Sets parameters that need no restart, and returns when new sessions have them.
    pub fn reload_with(&self, parameters: &[(&str, &str)]) -> Result<()> {
        for (name, value) in parameters {
            self.execute("postgres", &format!("alter system set {name} = '{}'", value.replace('\'', "''")))?;
        }
        self.reload()
    }

    /// Replaces pg_hba.conf, and returns when the new lines hold. The superuser stays let in, first of all.
    pub fn reload_hba(&self, lines: &str) -> Result<()> {
        let file = self.data_dir().join("pg_hba.conf");
        let text = format!("local all all trust\nhost all postgres 127.0.0.1/32 trust\n{lines}\n");
        fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))?;
        // A file with a mistake is not taken, without a word to anybody but the log. That TLS is off is no mistake.
        let faults = "select line_number, error from pg_catalog.pg_hba_file_rules
                      where error is not null and error not like 'hostssl record cannot match%'";
        let faults = self.query("postgres", faults)?;
        ensure!(faults.is_empty(), "pg_hba.conf has faults: {faults:?}");
        self.reload()
    }

    /// Has the server read its configuration again, and returns when new sessions show it.
    fn reload(&self) -> Result<()> {
        // The main process reads the files, so a session that was begun later has what they say.
        let loaded = || self.query("postgres", "select pg_catalog.pg_conf_load_time()");
        let before = loaded()?;
        self.execute("postgres", "select pg_catalog.pg_reload_conf()")?;
        let started = Instant::now();
        while loaded()? == before {
            ensure!(started.elapsed() < RELOADED_WITHIN, "the server did not read its configuration again");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// A standby of this server: its data folder is copied while it is stopped, then both run.
    pub fn standby(&self, options: &ServerOptions) -> Result<Self> {
        self.stop_fast()?;
        let folder = folder::create(privilege::server_account()?)?;
        let mut standby = Self::placed(self.major, folder, 0, false, options)?;
        self.control.copy_data_to(standby.data_dir())?;
        self.start_again()?;
        standby.port = free_port()?;
        let primary = format!("host=127.0.0.1 port={} user=postgres", self.port);
        let follows = assignment("primary_conninfo", &primary) + &assignment("hot_standby", "on");
        let file = standby.data_dir().join("postgresql.conf");
        let initial = fs::read_to_string(&file)?;
        fs::write(&file, format!("{initial}\n{}{follows}{}", standby.addresses(), options.configuration()))?;
        standby.control.make_standby()?;
        standby.control.start().context("could not start the standby")?;
        Ok(standby)
    }

    /// Stops the server in an orderly way and starts it again.
    pub fn restart(&self) -> Result<()> {
        self.stop_fast()?;
        self.start_again()
    }

    /// Starts the stopped or killed server again, with the same command line.
    pub fn start_again(&self) -> Result<()> {
        self.control.start()
    }

    /// Starts the stopped server again, and does not wait until it takes sessions: a cold standby never does.
    pub fn start_without_waiting(&self) -> Result<()> {
        self.control.start_without_waiting()
    }

    /// Has the server's clock be ahead by `offset`, such as `+2d`; see [`ServerOptions::has_movable_clock`].
    pub fn move_clock(&self, offset: &str) -> Result<()> {
        self.control.clock.as_ref().context("the server has the clock of the machine")?.move_to(offset)
    }

    /// Restarts the server with other counters: `pg_resetwal -x 1703936000` has it assign this transaction ID next. Only
    /// version 15 can. The first ID of a page (a multiple of 32,768, with `-m` of 2048) needs no file for those before it.
    pub fn reset_wal(&self, arguments: &[String]) -> Result<()> {
        self.stop_fast()?;
        self.control.reset_wal(arguments)?;
        self.start_again()
    }

    /// Stops the server in an orderly way, with a last checkpoint.
    pub fn stop_fast(&self) -> Result<()> {
        self.control.stop("fast")
    }

    /// Stops the server without a checkpoint: the next start recovers.
    pub fn stop_immediate(&self) -> Result<()> {
        self.control.stop("immediate")
    }

    /// Kills the server's main process and all its children at once, as a power cut would.
    pub fn kill(&self) -> Result<()> {
        control::kill(self.data_dir())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        // Nothing useful can be done about an error here; a folder left behind is swept by the next process.
        self.control.stop("immediate").ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// A port that nobody listens on right now.
pub(super) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("could not find a free port")?;
    Ok(listener.local_addr()?.port())
}
