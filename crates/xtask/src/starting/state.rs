//! The states besides settings that decide a start.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use anyhow::{Context, Result};

use super::Case;
use crate::privilege;
use crate::servers::{Lab, Server, ServerOptions};

/// A state that a server can be brought into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As initdb leaves it.
    Plain,
    /// With a logical replication slot.
    LogicalSlot,
    /// With a physical one.
    PhysicalSlot,
    /// With two physical ones.
    TwoSlots,
    /// With a prepared transaction.
    Prepared,
    /// With a certificate and its key.
    Tls,
    /// With a key that others may read.
    TlsOpenKey,
    /// With the key of another certificate.
    TlsOtherKey,
    /// With a certificate alone.
    TlsNoKey,
    /// A standby of a primary with more of everything.
    Standby,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Plain,
        Self::LogicalSlot,
        Self::PhysicalSlot,
        Self::TwoSlots,
        Self::Prepared,
        Self::Tls,
        Self::TlsOpenKey,
        Self::TlsOtherKey,
        Self::TlsNoKey,
        Self::Standby,
    ];

    /// The state that a case needs; none where it sets nothing, or needs a state that is not among them.
    #[must_use]
    pub fn of(case: &Case) -> Option<Self> {
        if case.settings.is_empty() {
            return None;
        }
        match case.case.as_str() {
            "logical slot, then wal_level=replica" => Some(Self::LogicalSlot),
            "physical slot, then wal_level=minimal" | "1 slot, then max_replication_slots=0" => {
                Some(Self::PhysicalSlot)
            }
            "2 slots, then max_replication_slots=1" => Some(Self::TwoSlots),
            "prepared xact, then max_prepared_transactions=0" => Some(Self::Prepared),
            "ssl key 0644" | "ssl key 0640 own" => Some(Self::TlsOpenKey),
            "ssl key mismatch" => Some(Self::TlsOtherKey),
            "ssl no key" => Some(Self::TlsNoKey),
            "ssl expired" | "ssl passphrase key, command fails" | "ssl passphrase ok" => None,
            name if name.starts_with("ssl ") => Some(Self::Tls),
            "standby, primary was wal_level=minimal" => None,
            name if name.starts_with("standby") => Some(Self::Standby),
            name if name.starts_with("recovery.signal") => None,
            "table with unlogged, wal_level=minimal" => Some(Self::Plain),
            name if name.contains(", then ") || name.starts_with("auto.conf") || name.starts_with("port in use") => {
                None
            }
            _ => Some(Self::Plain),
        }
    }

    /// Starts servers of which the first is in this state; the others are needed by it.
    pub(super) fn servers(self, major: u32) -> Result<Vec<Server>> {
        let mut options = ServerOptions::default().with("fsync", "off");
        match self {
            Self::LogicalSlot => options = options.with("wal_level", "logical"),
            Self::Prepared => options = options.with("max_prepared_transactions", "5"),
            Self::Standby => {
                let more = [("max_connections", "150"), ("max_worker_processes", "16"), ("max_wal_senders", "20")];
                let more =
                    more.into_iter().chain([("max_prepared_transactions", "5"), ("max_locks_per_transaction", "100")]);
                options = more.fold(options, |options, (name, value)| options.with(name, value));
            }
            _ => {}
        }
        let server = Server::start(major, &options)?;
        match self {
            Self::LogicalSlot => {
                server.execute("postgres", "select pg_create_logical_replication_slot('s1', 'test_decoding')")?
            }
            Self::PhysicalSlot => server.execute("postgres", "select pg_create_physical_replication_slot('s1')")?,
            Self::TwoSlots => server.execute(
                "postgres",
                "select pg_create_physical_replication_slot('s1'), pg_create_physical_replication_slot('s2')",
            )?,
            Self::Prepared => server
                .execute("postgres", "begin; select pg_current_xact_id(); prepare transaction 'x'")
                .or_else(|_| server.execute("postgres", "begin; select txid_current(); prepare transaction 'x'"))?,
            Self::Tls | Self::TlsOpenKey | Self::TlsOtherKey | Self::TlsNoKey => self.certify(server.data_dir())?,
            Self::Standby => {
                let standby = server.standby(&ServerOptions::default().with("fsync", "off"))?;
                return Ok(vec![standby, server]);
            }
            Self::Plain => {}
        }
        Ok(vec![server])
    }

    /// Puts a certificate and perhaps a key into the data directory.
    fn certify(self, data: &Path) -> Result<()> {
        let folder = tempfile::tempdir().context("could not make a folder")?;
        let lab = Lab::make(&folder.path().join("lab"))?;
        let key = if self == Self::TlsOtherKey { "ca.key" } else { "server.key" };
        let mode = if self == Self::TlsOpenKey { 0o644 } else { 0o600 };
        place(&lab.path("good.crt"), &data.join("server.crt"), 0o600)?;
        if self != Self::TlsNoKey {
            place(&lab.path(key), &data.join("server.key"), mode)?;
        }
        Ok(())
    }
}

fn place(from: &Path, to: &Path, mode: u32) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("could not copy {}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    match to.parent().map(privilege::owner_of).transpose()?.flatten() {
        Some(account) => Ok(chown(to, Some(account.uid), Some(account.gid))?),
        None => Ok(()),
    }
}
