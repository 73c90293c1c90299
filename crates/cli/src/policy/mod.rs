//! The policy file: which one is used, and how findings are accepted in it.

mod accept;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use pgdba_analysis::policy::{LARGEST, PolicyError};
use pgdba_analysis::{Policy, read_policy};

pub(crate) use accept::Accept;

use crate::answer::Exit;
use crate::failure::Failure;
use crate::registry::Home;

/// The name under which a policy is found.
const NAME: &str = "pgdba.toml";

/// The options that name the policy.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgument {
    /// The policy file, in place of the pgdba.toml beside the snapshot, in the working directory or in $PGDBA_HOME
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Use no policy, whatever file is found
    #[arg(long, conflicts_with = "policy")]
    no_policy: bool,
}

impl PolicyArgument {
    /// The policy that was named, else the first one found; an empty one where there is none. `snapshot` is the file that is
    /// read, where one is.
    pub(crate) fn load(&self, snapshot: Option<&Path>) -> Result<Policy, Failure> {
        let file = match &self.policy {
            Some(named) => Some(named.clone()),
            None if self.no_policy => None,
            None => places(snapshot).into_iter().find(|path| path.is_file()),
        };
        file.map_or_else(|| Ok(Policy::default()), |path| read(&path))
    }
}

/// Where a policy is looked for, the nearest first.
fn places(snapshot: Option<&Path>) -> Vec<PathBuf> {
    let beside = snapshot.filter(|path| *path != Path::new("-")).map(|path| path.with_file_name(NAME));
    let home = Home::of_user().ok().map(|home| home.path().join(NAME));
    beside.into_iter().chain([PathBuf::from(NAME)]).chain(home).collect()
}

/// The policy in the file at `path`.
fn read(path: &Path) -> Result<Policy, Failure> {
    let bytes = bytes(path).map_err(|error| Failure { exit: Exit::Usage, ..Failure::file("read", path, &error) })?;
    let mut policy = read_policy(&bytes).map_err(|error| invalid(path, &error))?;
    policy.file = Some(path.display().to_string());
    Ok(policy)
}

/// What the file holds, but not more than a policy can have.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn invalid(path: &Path, error: &PolicyError) -> Failure {
    Failure::usage(error.code(), format!("could not use the policy \"{}\": {error}", path.display()), error.hint())
}
