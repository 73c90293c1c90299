//! Standbys and subscribers that are connected, and how far they are behind.

use std::collections::BTreeMap;

use pgdba_pg::{Bytes, Millis};
use pgdba_snapshot::sections::pg_stat_replication::PgStatReplication;

use super::wal::Wal;
use crate::format::{Checked, NotAssessed, Subject, SubjectKind};

/// A receiver of WAL.
#[derive(Debug)]
pub struct Sender {
    /// The row of the process that sends to it.
    pub row: PgStatReplication,
    /// Its application name, with its address if several have the same.
    pub name: String,
    /// The WAL that it has not replayed.
    pub behind: Option<Bytes>,
}

/// The receivers of WAL.
#[derive(Debug)]
pub struct Senders {
    /// In the order of the snapshot.
    pub all: Vec<Sender>,
    /// What is hidden from the collecting role.
    hidden: Option<NotAssessed>,
}

impl Senders {
    pub(super) fn new(rows: Vec<PgStatReplication>, hidden: Option<NotAssessed>, wal: Option<&Wal>) -> Self {
        let mut names = BTreeMap::<String, usize>::new();
        for row in &rows {
            *names.entry(application(row)).or_default() += 1;
        }
        let sender = |row: PgStatReplication| {
            let application = application(&row);
            let is_alone = names.get(&application).is_none_or(|count| *count == 1);
            let address = row.client_addr.clone().unwrap_or_else(|| format!("process {}", row.pid));
            let behind = wal.and_then(|wal| wal.behind(row.replay_lsn.as_deref()));
            Sender { name: if is_alone { application } else { format!("{application} at {address}") }, row, behind }
        };
        let all: Vec<Sender> = rows.into_iter().map(sender).collect();
        let hidden = hidden.filter(|_| !all.is_empty());
        Self { all, hidden }
    }

    /// Those that follow permanently: base backups are left out.
    ///
    /// # Errors
    /// The role cannot see their state.
    pub fn followers(&self) -> Checked<Vec<&Sender>> {
        if let Some(hidden) = &self.hidden {
            return Err(hidden.clone());
        }
        Ok(self.all.iter().filter(|sender| sender.row.state.as_deref() != Some("backup")).collect())
    }
}

impl Sender {
    /// The time since the primary wrote what the receiver replayed last; none if it is not behind.
    #[must_use]
    pub fn lag(&self) -> Option<Millis> {
        self.row.replay_lag_ms.map(Millis)
    }

    /// Whether it is up to date and counts as synchronous.
    #[must_use]
    pub fn is_synchronous(&self) -> bool {
        let is_streaming = self.row.state.as_deref() == Some("streaming");
        is_streaming && matches!(self.row.sync_state.as_deref(), Some("sync" | "quorum"))
    }

    /// The receiver as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Standby, &self.name)
    }
}

fn application(row: &PgStatReplication) -> String {
    row.application_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| "unnamed".to_owned())
}
