//! The policy file: where it is found, and accepting findings in it.

mod accept;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use pgdba_analysis::policy::{LARGEST, PolicyError};
use pgdba_analysis::{Policy, read_policy};
use pgdba_collector::error::Os;

pub(crate) use accept::{Accept, Written};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::registry::Home;

/// The name under which a policy is found.
const NAME: &str = "pgdba.toml";

/// The options that name the policy.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgument {
    /// Policy file, instead of pgdba.toml in the directory of the snapshot, the working directory or $PGDBA_HOME
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Do not use a policy file
    #[arg(long, conflicts_with = "policy")]
    no_policy: bool,
}

impl PolicyArgument {
    /// Whether one of the options was given.
    pub(crate) fn is_given(&self) -> bool {
        self.policy.is_some() || self.no_policy
    }

    /// The policy that was named, else the first one found, else an empty one. `snapshot` is the file that is read, if any.
    pub(crate) fn load(&self, snapshot: Option<&Path>) -> Result<Policy, Failure> {
        let file = match &self.policy {
            Some(named) => Some(named.clone()),
            None if self.no_policy => None,
            None => found(places(snapshot))?,
        };
        file.map_or_else(|| Ok(Policy::default()), |path| read(&path))
    }
}

/// The places of a policy file, by precedence.
fn places(snapshot: Option<&Path>) -> Vec<PathBuf> {
    let beside = snapshot.filter(|path| *path != Path::new("-")).map(|path| path.with_file_name(NAME));
    let home = Home::of_user().ok().map(|home| home.path().join(NAME));
    beside.into_iter().chain([PathBuf::from(NAME)]).chain(home).collect()
}

/// The first of `places` at which there is anything; it must be a file, which may be behind a symbolic link.
fn found(places: Vec<PathBuf>) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = places.into_iter().find(|path| path.symlink_metadata().is_ok()) else { return Ok(None) };
    let wrong = match path.metadata() {
        Ok(found) if found.is_file() => return Ok(Some(path)),
        Ok(_) => "it is not a regular file".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            "it is a symbolic link to a file that does not exist".to_owned()
        }
        Err(error) => Os(&error).to_string(),
    };
    let message = format!("could not read the policy \"{}\": {wrong}", path.display());
    Err(Failure::usage("policy_unreadable", message, "Correct or remove it, or use --policy FILE or --no-policy."))
}

/// The policy in the file at `path`.
fn read(path: &Path) -> Result<Policy, Failure> {
    let bytes = bytes(path).map_err(|error| Failure { exit: Exit::Usage, ..Failure::file("read", path, &error) })?;
    let mut policy = read_policy(&bytes).map_err(|error| invalid(path, &error))?;
    policy.file = Some(path.display().to_string());
    Ok(policy)
}

/// The contents of the file, up to just above the limit of a policy.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn invalid(path: &Path, error: &PolicyError) -> Failure {
    Failure::usage(error.code(), format!("could not use the policy \"{}\": {error}", path.display()), error.hint())
}
