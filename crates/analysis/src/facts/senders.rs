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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::example;
    use crate::facts::Facts;

    #[test]
    fn receivers_of_one_name_are_told_apart_by_their_addresses() {
        let row = |pid: i64, name: &str, address: Option<&str>, state: &str| json!({ "pid": pid, "application_name": name, "client_addr": address, "state": state });
        let document = json!({ "pg_stat_replication": [
            row(1, "a", Some("10.0.0.1"), "streaming"), row(2, "walreceiver", Some("10.0.0.2"), "streaming"),
            row(3, "walreceiver", None, "streaming"), row(4, "", None, "streaming"), row(5, "pg_basebackup", None, "backup"),
        ] });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let names: Vec<&str> =
            facts.senders().unwrap().followers().unwrap().iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "walreceiver at 10.0.0.2", "walreceiver at process 3", "unnamed"]);
    }

    #[test]
    fn a_role_that_sees_no_states_cannot_tell_who_follows() {
        let followers = |rows: &str| {
            let section = format!(
                r#"{{ "pg_stat_replication": {{ "available": true, "limited": "no pg_read_all_stats", "columns": ["pid"], "rows": {rows} }} }}"#
            );
            Facts::of(&example::snapshot(&section).unwrap()).senders().unwrap().followers().map(|all| all.len())
        };
        assert_eq!(followers("[]"), Ok(0));
        assert!(followers("[[1]]").is_err());
    }
}
