//! Which facts the rules need for given settings.

use std::collections::BTreeSet;

use crate::unit::Bytes;

/// What is worth asking the server before a change of some parameters: only what can decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// [`Memory`](super::Memory), the container's limit and the options of the build.
    pub memory: bool,
    /// [`HugePages`](super::HugePages) of this size; of the kernel's default size where it is 0.
    pub huge_pages: Option<Bytes>,
    /// Directories whose files are listed; the server's own is `$libdir`.
    pub library_directories: BTreeSet<String>,
    /// Paths, absolute or relative to the data directory.
    pub paths: BTreeSet<String>,
    /// The mount points.
    pub mounts: bool,
    /// The host's groups and those of the server's process.
    pub groups: bool,
    /// The lowest port.
    pub ports: bool,
    /// The host's addresses and its table of names.
    pub addresses: bool,
    /// The replication slots.
    pub slots: bool,
    /// The prepared transactions.
    pub prepared_transactions: bool,
    /// What a standby's primary had.
    pub primary: bool,
    /// The version of OpenSSL.
    pub openssl: bool,
}
