//! What is known of a server's host and of its state besides the settings.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::unit::Bytes;

/// Facts of a host and a server, each an absence where it was not asked for or could not be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Host {
    /// The memory of the machine.
    pub memory: Option<Memory>,
    /// The memory limit of the container.
    pub container_limit: Option<Bytes>,
    /// The huge pages of the size that `huge_page_size` names.
    pub huge_pages: Option<HugePages>,
    /// The names of the files in directories with libraries; the server's own is `$libdir`.
    pub libraries: BTreeMap<String, BTreeSet<String>>,
    /// Paths, absolute or relative to the data directory.
    pub paths: BTreeMap<String, Path>,
    /// Whether the file systems can be written to, by mount point.
    pub mounts: Option<BTreeMap<String, bool>>,
    /// The operating system's groups with their numbers.
    pub groups: Option<BTreeMap<String, i64>>,
    /// The numbers of the groups of the server's process.
    pub own_groups: Option<BTreeSet<i64>>,
    /// The lowest TCP port that the server's process may listen on.
    pub lowest_port: Option<i64>,
    /// The addresses of the host.
    pub addresses: Option<BTreeSet<IpAddr>>,
    /// The names in the host's own table, in lower case.
    pub host_names: Option<BTreeMap<String, BTreeSet<IpAddr>>>,
    /// The replication slots that outlive a restart.
    pub slots: Option<Vec<Slot>>,
    /// How many transactions are prepared.
    pub prepared_transactions: Option<i64>,
    /// Whether the server starts in recovery.
    pub in_recovery: Option<bool>,
    /// What a standby's primary had of the parameters that must not be smaller on the standby.
    pub primary: Option<BTreeMap<String, i64>>,
    /// The version of OpenSSL's library as its file name says it, such as `1.1` or `3`.
    pub openssl: Option<String>,
    /// Whether the server was built with GSSAPI.
    pub has_gss: Option<bool>,
}

/// The memory of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Memory without swap space.
    pub total: Bytes,
    /// Swap space.
    pub swap: Bytes,
    /// How the kernel grants memory.
    pub overcommit: Option<Overcommit>,
}

/// `vm.overcommit_memory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overcommit {
    /// 0: what is obviously too much is refused.
    Heuristic,
    /// 1: nothing is refused.
    Always,
    /// 2: what exceeds a limit is refused.
    Never {
        /// What all processes may request together.
        limit: Bytes,
        /// What they have requested.
        committed: Bytes,
    },
}

/// Huge pages of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HugePages {
    /// Bytes of one page.
    pub size: Bytes,
    /// Pages there are, with those that the kernel may add.
    pub total: i64,
    /// Pages that nobody uses or has reserved.
    pub free: i64,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// Nothing.
    Missing,
    /// A file.
    File,
    /// A directory.
    Directory,
    /// The server cannot tell; its own reason.
    Refused(String),
}

/// A replication slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Whether it is for logical decoding.
    pub is_logical: bool,
}

/// Directories of the operating system that only its administrator can write to.
const SYSTEM_DIRECTORIES: [&str; 24] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/var",
    "/var/lib",
    "/var/log",
];

/// Whether the server can write files into a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writable {
    /// As far as can be told.
    Yes,
    /// Nobody can.
    No,
    /// It is a directory that normally belongs to the operating system.
    Doubtful,
}

impl Host {
    /// What is at `path`, where that is known.
    pub(super) fn path(&self, path: &str) -> Option<&Path> {
        self.paths.get(path)
    }

    /// Whether files can be created in the directory at `path`.
    pub(super) fn writable(&self, path: &str) -> Writable {
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        if !path.starts_with('/') {
            return Writable::Yes;
        }
        let is_below = |point: &str| {
            point == "/" || path.strip_prefix(point).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mounts = self.mounts.iter().flatten().filter(|(point, _)| is_below(point));
        let nearest = mounts.max_by_key(|(point, _)| point.len());
        match nearest {
            Some((_, false)) => Writable::No,
            _ if SYSTEM_DIRECTORIES.contains(&path) => Writable::Doubtful,
            _ => Writable::Yes,
        }
    }
}
