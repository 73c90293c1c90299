//! What a command looks at: a live server or a snapshot file. Both become a DiagSnapshot.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use pgdba_collector::{CollectOptions, ConnectOptions, Progress, block_on, collect, parse_dsn, read_key};
use pgdba_snapshot::{DiagSnapshot, Producer, redact};

use crate::answer::Exit;
use crate::failure::Failure;
use crate::registry::{Home, Registry};
use crate::terminal::shell_word;

/// The options that name a live server.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// A live server, by the name that `pgdba cluster add` gave it
    #[arg(long, value_name = "CLUSTER", conflicts_with = "dsn")]
    name: Option<String>,
    /// A live server: URL or key=value pairs; libpq's variables stand in for what it does not say
    #[arg(long)]
    dsn: Option<String>,
}

impl Server {
    /// Whether the user named a server; else libpq's variables and defaults decide.
    pub(crate) fn is_named(&self) -> bool {
        self.name.is_some() || self.dsn.is_some()
    }

    /// The address of its Patroni, where the registry has one.
    pub(crate) fn patroni(&self) -> Result<Option<String>, Failure> {
        let Some(name) = &self.name else { return Ok(None) };
        Ok(Registry::open(&Home::of_user()?)?.find(name)?.patroni.clone())
    }

    /// The options that name it again, for a command to come.
    pub(crate) fn again(&self) -> String {
        match (&self.name, &self.dsn) {
            (Some(name), _) => format!(" --name {}", shell_word(name)),
            (None, Some(dsn)) if is_without_password(dsn) => format!(" --dsn {}", shell_word(dsn)),
            (None, Some(_)) => " --dsn …".to_owned(),
            (None, None) => String::new(),
        }
    }

    /// How to reach it, and what the user should know about how that was found.
    pub(crate) fn connection(&self) -> Result<(ConnectOptions, Vec<String>), Failure> {
        let env = |name: &str| std::env::var(name).ok();
        let Some(name) = &self.name else { return Ok((parse_dsn(self.dsn.as_deref(), &env)?, Vec::new())) };
        let registry = Registry::open(&Home::of_user()?)?;
        let cluster = registry.find(name)?;
        Ok((parse_dsn(Some(cluster.dsn.as_str()), &env)?, registry.warnings))
    }
}

/// Whether a connection string can be repeated: it holds no password.
fn is_without_password(dsn: &str) -> bool {
    parse_dsn(Some(dsn), &|_| None).is_ok_and(|options| options.password.is_none())
}

/// The options that name a target.
#[derive(Debug, Args)]
pub(crate) struct Target {
    #[command(flatten)]
    server: Server,
    /// A snapshot file, plain or gzip; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "dsn"])]
    snapshot: Option<PathBuf>,
}

impl Target {
    /// The snapshot file, where that is the target.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.snapshot.as_deref()
    }

    /// The options that name the same live server again, for a command to come; a place to fill in where there is none.
    pub(crate) fn again(&self) -> String {
        match &self.server.name {
            Some(name) => format!("--name {name}"),
            None => "--dsn DSN".to_owned(),
        }
    }

    /// The snapshot of this target, and what the user should know about how it came. Of a live server only `sections` are
    /// read, or all of them where none are named.
    pub(crate) fn load(&self, sections: &[&str]) -> Result<(DiagSnapshot, Vec<String>), Failure> {
        if let Some(path) = &self.snapshot {
            return read(path).map(|snapshot| (snapshot, Vec::new()));
        }
        let (connect, mut warnings) = self.server.connection()?;
        let mut progress = Progress::new();
        let mut show = |section: &str| progress.show(section);
        let mut options = CollectOptions::new(producer());
        options.sections = (!sections.is_empty()).then(|| sections.iter().map(|name| (*name).to_owned()).collect());
        let (document, collected) = block_on(collect(&connect, &options, Vec::new(), &mut show))?;
        let snapshot =
            pgdba_snapshot::read(&document).map_err(|e| Failure::snapshot(Path::new("the live server"), &e))?;
        warnings.extend(collected.warnings);
        Ok((snapshot, warnings))
    }
}

/// The option that names the key of a redacted snapshot.
#[derive(Debug, Args)]
pub(crate) struct KeyArgument {
    /// The key file of a redacted snapshot: shows the names in place of the tokens
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl KeyArgument {
    /// The key file, where one was named.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.key.as_deref()
    }

    /// `snapshot` with its names, where a key was given; what is to be said about that goes to `warnings`.
    pub(crate) fn restore(&self, snapshot: DiagSnapshot, warnings: &mut Vec<String>) -> Result<DiagSnapshot, Failure> {
        let Some(path) = &self.key else { return Ok(snapshot) };
        let key = read_key(path)?;
        if !snapshot.redacted {
            warnings.push("the snapshot is not redacted: the key was not needed".to_owned());
            return Ok(snapshot);
        }
        redact::restore(snapshot, &key).map_err(|error| Failure {
            code: error.code(),
            message: format!("could not use the key \"{}\": {error}", path.display()),
            hint: Some(error.hint().to_owned()),
            exit: Exit::Failed,
        })
    }
}

/// Refuses `output` where that is one of `inputs`: what would be written over is mostly the only copy.
pub(crate) fn keep(inputs: &[&Path], output: &Path) -> Result<(), Failure> {
    let place = |path: &Path| path.canonicalize().ok();
    let Some(written) = place(output) else { return Ok(()) };
    match inputs.iter().find(|input| place(input).is_some_and(|read| read == written)) {
        Some(input) => Err(Failure::usage(
            "output_is_input",
            format!("\"{}\" is read, so it cannot be written", input.display()),
            "name another file with -o",
        )),
        None => Ok(()),
    }
}

/// This program, as the documents it makes name it.
pub(crate) fn producer() -> Producer {
    Producer { name: "pgdba".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), via: "native".to_owned() }
}

/// Reads a snapshot file.
pub(crate) fn read(path: &Path) -> Result<DiagSnapshot, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::file("read", path, &error))?;
    pgdba_snapshot::read(&bytes).map_err(|error| Failure::snapshot(path, &error))
}
