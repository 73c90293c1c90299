//! The target of a command: a live server or a snapshot file. Both become a DiagSnapshot.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use pgdba_collector::{CollectOptions, ConnectOptions, Progress, block_on, collect, is_same_file, parse_dsn, read_key};
use pgdba_snapshot::{DiagSnapshot, Producer, redact};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::registry::{Home, Registry};
use crate::terminal::shell_word;

/// The options that name a live server.
#[derive(Debug, Clone, Args)]
pub(crate) struct Server {
    /// A live server, by its name from `pgdba cluster add`
    #[arg(long, value_name = "CLUSTER", conflicts_with = "dsn")]
    name: Option<String>,
    /// A live server: connection URL or key=value pairs; libpq's environment variables supply what is missing
    #[arg(long)]
    dsn: Option<String>,
}

impl Server {
    /// Whether a server was named; otherwise libpq's environment variables and defaults determine it.
    pub(crate) fn is_named(&self) -> bool {
        self.name.is_some() || self.dsn.is_some()
    }

    /// The address of its Patroni, if the registry has one.
    pub(crate) fn patroni(&self) -> Result<Option<String>, Failure> {
        let Some(name) = &self.name else { return Ok(None) };
        Ok(Registry::open(&Home::of_user()?)?.find(name)?.patroni.clone())
    }

    /// The options that name it, for a command in a hint.
    pub(crate) fn again(&self) -> String {
        match (&self.name, &self.dsn) {
            (Some(name), _) => format!(" --name {}", shell_word(name)),
            (None, Some(dsn)) if is_without_password(dsn) => format!(" --dsn {}", shell_word(dsn)),
            (None, Some(_)) => " --dsn …".to_owned(),
            (None, None) => String::new(),
        }
    }

    /// How to connect to it, with warnings.
    pub(crate) fn connection(&self) -> Result<(ConnectOptions, Vec<String>), Failure> {
        let env = |name: &str| std::env::var(name).ok();
        let Some(name) = &self.name else { return Ok((parse_dsn(self.dsn.as_deref(), &env)?, Vec::new())) };
        let registry = Registry::open(&Home::of_user()?)?;
        let cluster = registry.find(name)?;
        Ok((parse_dsn(Some(cluster.dsn.as_str()), &env)?, registry.warnings))
    }
}

/// Whether a connection string does not contain a password, and so can be repeated.
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
    /// The options that name a live server.
    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// Whether a target was named; otherwise it is the live server that libpq's environment variables and defaults determine.
    pub(crate) fn is_named(&self) -> bool {
        self.server.is_named() || self.snapshot.is_some()
    }

    /// The snapshot file, if that is the target.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.snapshot.as_deref()
    }

    /// The options that name the same live server, for a command in a hint; a placeholder if there is none.
    pub(crate) fn again(&self) -> String {
        match &self.server.name {
            Some(name) => format!("--name {name}"),
            None => "--dsn DSN".to_owned(),
        }
    }

    /// The snapshot of this target, with warnings. Only `sections` are read from a live server, or all if none are named.
    pub(crate) fn load(&self, sections: &[&str]) -> Result<(DiagSnapshot, Vec<String>), Failure> {
        self.load_over(None, sections)
    }

    /// The same; a live server is sampled over `interval`.
    pub(crate) fn load_over(
        &self,
        interval: Option<Duration>,
        sections: &[&str],
    ) -> Result<(DiagSnapshot, Vec<String>), Failure> {
        let (document, warnings) = self.document_over(interval, sections)?;
        Ok((self.parse(&document)?, warnings))
    }

    /// The same as bytes of a file.
    pub(crate) fn document_over(
        &self,
        interval: Option<Duration>,
        sections: &[&str],
    ) -> Result<(Vec<u8>, Vec<String>), Failure> {
        if let Some(path) = &self.snapshot {
            return read_bytes(path).map(|document| (document, Vec::new()));
        }
        let (connect, mut warnings) = self.server.connection()?;
        let mut progress = Progress::new();
        let mut show = |section: &str| progress.show(section);
        let mut options = CollectOptions::new(producer());
        options.interval = interval;
        options.sections = (!sections.is_empty()).then(|| sections.iter().map(|name| (*name).to_owned()).collect());
        let (document, collected) = block_on(collect(&connect, &options, Vec::new(), &mut show))?;
        warnings.extend(collected.warnings);
        Ok((document, warnings))
    }

    /// The snapshot that these bytes of the target are.
    pub(crate) fn parse(&self, document: &[u8]) -> Result<DiagSnapshot, Failure> {
        let place = self.file().unwrap_or(Path::new("the live server"));
        pgdba_snapshot::read(document).map_err(|error| Failure::snapshot(place, &error))
    }
}

/// The option that names the key of a redacted snapshot.
#[derive(Debug, Args)]
pub(crate) struct KeyArgument {
    /// Key file of a redacted snapshot, to show names instead of tokens
    #[arg(id = "snapshot_key", long = "key", value_name = "FILE")]
    key: Option<PathBuf>,
}

impl KeyArgument {
    /// The key file, if given.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.key.as_deref()
    }

    /// `snapshot` with its names restored, if a key was given; adds to `warnings`.
    pub(crate) fn restore(&self, snapshot: DiagSnapshot, warnings: &mut Vec<String>) -> Result<DiagSnapshot, Failure> {
        let Some(path) = &self.key else { return Ok(snapshot) };
        let key = read_key(path)?;
        if !snapshot.redacted {
            warnings.push("the snapshot is not redacted; the key was not used".to_owned());
            return Ok(snapshot);
        }
        redact::restore(snapshot, &key).map_err(|error| Failure {
            code: error.code(),
            message: format!("could not use the key \"{}\": {error}", path.display()),
            hint: Some(error.hint().to_owned()),
            exit: Exit::Failed,
        })
    }

    /// The same of one of several snapshots, of which some might not be redacted.
    pub(crate) fn restore_redacted(
        &self,
        snapshot: DiagSnapshot,
        warnings: &mut Vec<String>,
    ) -> Result<DiagSnapshot, Failure> {
        if snapshot.redacted { self.restore(snapshot, warnings) } else { Ok(snapshot) }
    }
}

/// Refuses `output` if it is one of `inputs`: the file that would be overwritten is often the only copy.
pub(crate) fn protect(inputs: &[&Path], output: &Path) -> Result<(), Failure> {
    let is_overwritten = |input: &&&Path| output != Path::new("-") && is_same_file(input, output);
    match inputs.iter().find(is_overwritten) {
        Some(input) => Err(Failure::usage(
            "output_is_input",
            format!("cannot write to \"{}\", because it is also the input", input.display()),
            "Choose another file with -o.",
        )),
        None => Ok(()),
    }
}

/// This program, as named in the documents that it writes.
pub(crate) fn producer() -> Producer {
    Producer { name: "pgdba".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), via: "native".to_owned() }
}

/// Reads a snapshot file.
pub(crate) fn read(path: &Path) -> Result<DiagSnapshot, Failure> {
    pgdba_snapshot::read(&read_bytes(path)?).map_err(|error| Failure::snapshot(path, &error))
}

/// The contents of a snapshot file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if path == Path::new("-") {
        pgdba_snapshot::read_bytes(std::io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(pgdba_snapshot::read_bytes)
    };
    bytes.map_err(|error| Failure::file("read", path, &error))
}
