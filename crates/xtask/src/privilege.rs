//! Who runs this: PostgreSQL refuses to run as root, apt refuses anybody else.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// A user of this machine by number, as PostgreSQL's programs are started under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    // The owner of a process's own /proc folder is its effective user; no unsafe call is needed for that.
    Path::new("/proc/self").metadata().is_ok_and(|data| data.uid() == 0)
}

/// The user that PostgreSQL's programs run as: nobody else when this process is not root (`None`), otherwise
/// `postgres`, and where that user does not exist `nobody`.
pub fn server_account() -> Result<Option<Account>> {
    if !is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").context("could not read /etc/passwd")?;
    let account = find_account(&users, "postgres").or_else(|| find_account(&users, "nobody"));
    let account = account.context("PostgreSQL does not run as root, and neither user postgres nor nobody exists")?;
    Ok(Some(account))
}

/// The account that owns `path`; `None` when this process cannot change its user anyway.
pub fn owner_of(path: &Path) -> Result<Option<Account>> {
    if !is_root() {
        return Ok(None);
    }
    let data = path.metadata().with_context(|| format!("could not look at {}", path.display()))?;
    Ok(Some(Account { uid: data.uid(), gid: data.gid() }))
}

/// A command that runs `program` with root's rights: directly for root, else through sudo where it asks no password.
pub fn as_root(program: &str) -> Option<Command> {
    if is_root() {
        return Some(Command::new(program));
    }
    if !process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        return None;
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "--preserve-env=DEBIAN_FRONTEND", program]);
    Some(command)
}

fn find_account(users: &str, name: &str) -> Option<Account> {
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields.into_iter().find(|fields| fields.first() == Some(&name))?;
    Some(Account { uid: found.get(2)?.parse().ok()?, gid: found.get(3)?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_is_read_from_passwd() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        assert_eq!(find_account(users, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(find_account(users, "post"), None);
    }
}
