//! The clusters that a user has given names: `config.toml` in pgdba's home, which also people write by hand.
//!
//! It holds no password. What is read is checked as strictly as what is added, so a [`Cluster`] never carries one.

mod cluster;
mod document;
mod dsn;
mod home;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pgdba_collector::AtomicFile;
use toml_edit::Document;

pub(crate) use cluster::{Cluster, tag};
pub(crate) use dsn::Dsn;
pub(crate) use home::Home;

use crate::exit::Exit;
use crate::failure::Failure;

/// How many known names an error lists.
const NAMES_SHOWN: usize = 20;

/// The file as it was read.
pub(crate) struct Registry {
    /// Where it is, or will be.
    pub(crate) path: PathBuf,
    /// What the user should know about the file, one sentence each.
    pub(crate) warnings: Vec<String>,
    clusters: BTreeMap<String, Cluster>,
}

impl Registry {
    /// Reads the file of `home`; a file that is not there holds no cluster.
    pub(crate) fn open(home: &Home) -> Result<Self, Failure> {
        let path = home.config();
        let clusters = clusters_of(&path, &text_of(&path)?)?;
        Ok(Self { warnings: home.warnings(), path, clusters })
    }

    /// All clusters, by name.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.values()
    }

    /// The cluster of this name.
    pub(crate) fn find(&self, name: &str) -> Result<&Cluster, Failure> {
        cluster::check_name(name)?;
        self.clusters.get(name).ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> Failure {
        let names: Vec<&str> = self.clusters.keys().map(String::as_str).take(NAMES_SHOWN).collect();
        let more = self.clusters.len().saturating_sub(NAMES_SHOWN);
        let hint = match (names.is_empty(), more) {
            (true, _) => "Register a cluster with: pgdba cluster add NAME --dsn DSN".to_owned(),
            (false, 0) => format!("Registered clusters: {}", names.join(", ")),
            (false, more) => format!("Registered clusters: {} and {more} more (pgdba cluster list)", names.join(", ")),
        };
        Failure::usage("unknown_cluster", format!("cluster \"{name}\" is not registered"), &hint)
    }

    /// Adds a cluster; with `replace` in place of the one of the same name. Whether there was one.
    pub(crate) fn add(home: &Home, cluster: Cluster, replace: bool) -> Result<bool, Failure> {
        Self::change(home, |registry, document| {
            let was_there = registry.clusters.contains_key(&cluster.name);
            if was_there && !replace {
                let message = format!("there is a cluster \"{}\" already", cluster.name);
                return Err(Failure::usage("cluster_exists", message, "Choose another name, or use --replace."));
            }
            document::put(document, &cluster);
            registry.clusters.insert(cluster.name.clone(), cluster);
            Ok(was_there)
        })
    }

    /// Takes a cluster out of the file.
    pub(crate) fn remove(home: &Home, name: &str) -> Result<(), Failure> {
        Self::open(home)?.find(name)?;
        Self::change(home, |registry, document| {
            registry.find(name)?;
            document::remove(document, name);
            registry.clusters.remove(name);
            Ok(())
        })
    }

    /// Reads, changes and writes the file while nobody else does. `change` makes the same change to both faces of it;
    /// they are compared before anything is written.
    fn change<T>(
        home: &Home,
        change: impl FnOnce(&mut Self, &mut toml_edit::DocumentMut) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let _lock = home.lock()?;
        // A file that is a link stays one: what it leads to is replaced.
        let path = fs::canonicalize(home.config()).unwrap_or_else(|_| home.config());
        let text = text_of(&path)?;
        let mut registry = Self { clusters: clusters_of(&path, &text)?, warnings: Vec::new(), path };
        let mut document = parse(&registry.path, &text)?.into_mut();
        let changed = change(&mut registry, &mut document)?;
        let new = document::text_of(&document, &text);
        if clusters_of(&registry.path, &new).ok().as_ref() != Some(&registry.clusters) {
            return Err(Failure {
                code: "config_unusual",
                message: format!("could not change \"{}\" safely, so it was left as it is", registry.path.display()),
                hint: Some("Write each cluster under its own heading, such as [clusters.NAME].".to_owned()),
                exit: Exit::Failed,
            });
        }
        AtomicFile::write_text(&registry.path, &new)?;
        Ok(changed)
    }
}

fn text_of(path: &Path) -> Result<String, Failure> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|error| {
            let valid =
                String::from_utf8_lossy(error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or(&[]));
            broken(path, &valid, valid.len(), "it is not UTF-8")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Failure::file("read", path, &error)),
    }
}

fn parse<'a>(path: &Path, text: &'a str) -> Result<Document<&'a str>, Failure> {
    // Not the error's own text: it repeats the line, and with it what may be a secret.
    Document::parse(text)
        .map_err(|error| broken(path, text, error.span().map_or(0, |span| span.start), error.message()))
}

fn clusters_of(path: &Path, text: &str) -> Result<BTreeMap<String, Cluster>, Failure> {
    document::read(&parse(path, text)?).map_err(|wrong| {
        let place = place(text, wrong.at);
        let message = format!("could not read \"{}\": {place}: {}", path.display(), wrong.failure.message);
        Failure { message, exit: Exit::Failed, ..wrong.failure }
    })
}

fn broken(path: &Path, text: &str, at: usize, reason: &str) -> Failure {
    let reason = reason.lines().collect::<Vec<_>>().join(", ");
    Failure {
        code: "config_broken",
        message: format!("could not read \"{}\": {}: {reason}", path.display(), place(text, at)),
        hint: Some("Correct the file, or move it away and add the clusters again.".to_owned()),
        exit: Exit::Failed,
    }
}

/// Byte `at` of `text` as people count.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests;
