//! Whether two snapshots are of one cluster, and what happened to it in between.

use jiff::Timestamp;
use pgdba_pg::{Millis, ServerVersion, display};
use pgdba_snapshot::sections::pg_stat_archiver::PgStatArchiver;
use pgdba_snapshot::sections::pg_stat_bgwriter::PgStatBgwriter;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use pgdba_snapshot::sections::pg_stat_statements_info::PgStatStatementsInfo;
use pgdba_snapshot::sections::pg_stat_wal::PgStatWal;
use pgdba_snapshot::sections::system::System;
use pgdba_snapshot::{DiagSnapshot, Row};
use schemars::JsonSchema;
use serde::Serialize;

use crate::analyze::tampered;
use crate::format::quantity::time_of_day;

/// How two snapshots are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// They are of one server.
    SameServer,
    /// They are of two nodes of one cluster: a primary and its standby, or two standbys.
    OtherNode,
    /// They have the same address, and the second has a newer major version: the cluster was upgraded.
    Upgraded,
    /// They are of different clusters, or pgdba cannot tell that it is the same.
    Different,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// A snapshot was changed after it was collected.
    Tampered,
    /// The clusters differ.
    DifferentCluster,
    /// The snapshots are of two nodes.
    OtherNode,
    /// Another version.
    Version,
    /// The second snapshot is the older one.
    Order,
    /// The server restarted.
    Restarted,
    /// The server discarded its statistics, as after a crash.
    StatisticsDiscarded,
    /// Statistics of the server or of databases were reset.
    StatisticsReset,
    /// `pg_stat_statements` was reset.
    StatementsReset,
    /// A standby became a primary, or the reverse.
    Role,
    /// Another role collected.
    CollectorRole,
    /// Names are redacted with another key.
    Redaction,
    /// The connection was lost in the window of a delta.
    ConnectionLost,
}

/// What the reader must know of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// A sentence.
    pub text: String,
}

/// Whether the snapshots are of one cluster, and what happened in between.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Identity {
    /// How they are related.
    pub relation: Relation,
    /// The seconds from the first to the second; none if one of them does not say when it was collected.
    pub seconds: Option<f64>,
    /// What happened in between and what cannot be compared, in sentences.
    pub notes: Vec<Note>,
}

impl Identity {
    /// How `before` and `after` are related.
    #[must_use]
    pub fn of(before: &DiagSnapshot, after: &DiagSnapshot) -> Self {
        let times = before.collected_at.zip(after.collected_at);
        let pair = Both { before, after };
        let relation = pair.relation();
        let notes: Vec<Option<Note>> = vec![
            pair.cluster(relation),
            pair.version(),
            pair.order(),
            pair.restart(relation),
            pair.statistics(relation),
            pair.statements(relation),
            pair.role(relation),
            pair.collector(),
            pair.redaction(),
        ];
        Self {
            relation,
            seconds: times.map(|(then, now)| now.duration_since(then).as_secs_f64()),
            notes: pair
                .tampered()
                .into_iter()
                .chain(notes.into_iter().flatten())
                .chain(pair.lost_connections())
                .collect(),
        }
    }

    /// The time from the first to the second in words; none if it is unknown or negative.
    #[must_use]
    pub fn time_between(&self) -> Option<String> {
        self.seconds.filter(|seconds| *seconds > 0.0).map(|seconds| display::duration(Millis::from_seconds(seconds)))
    }
}

/// Whether names in both snapshots mean the same: tokens do only if they were made with the same key.
pub(crate) fn has_same_names(before: &DiagSnapshot, after: &DiagSnapshot) -> bool {
    before.redacted == after.redacted && before.redaction_key == after.redaction_key
}

fn note(kind: NoteKind, text: impl Into<String>) -> Note {
    Note { kind, text: text.into() }
}

struct Both<'a> {
    before: &'a DiagSnapshot,
    after: &'a DiagSnapshot,
}

impl Both<'_> {
    /// A value of the first row of a section of both, where both have it.
    fn values<R: Row, T>(&self, value: impl Fn(&R) -> Option<T>) -> Option<(T, T)> {
        let first = |snapshot: &DiagSnapshot| snapshot.section::<R>().rows.first().and_then(&value);
        first(self.before).zip(first(self.after))
    }

    /// The same, where they differ.
    fn changed<R: Row, T: PartialEq>(&self, value: impl Fn(&R) -> Option<T>) -> Option<(T, T)> {
        self.values(value).filter(|(then, now)| then != now)
    }

    fn relation(&self) -> Relation {
        let has_other_start = self.changed(|row: &System| row.start_time).is_some();
        let has_other_role = self.changed(|row: &System| row.is_in_recovery).is_some();
        match self.is_same_cluster() {
            true if has_other_start && (has_other_role || self.has_same_address() == Some(false)) => {
                Relation::OtherNode
            }
            true => Relation::SameServer,
            false if self.has_same_address() == Some(true) && self.is_newer_major() => Relation::Upgraded,
            false => Relation::Different,
        }
    }

    fn is_same_cluster(&self) -> bool {
        let (before, after) = (&self.before.identity, &self.after.identity);
        let identifier = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        match (identifier(&before.system_identifier), identifier(&after.system_identifier)) {
            (Some(before), Some(after)) if !self.before.redacted && !self.after.redacted => before == after,
            (None, None) | (Some(_), Some(_)) => {
                self.before.fingerprint().is_some() && self.before.fingerprint() == self.after.fingerprint()
            }
            // One role could not read the identifier: the address decides, unless the version says otherwise.
            _ => self.has_same_address() == Some(true) && self.major(self.before) == self.major(self.after),
        }
    }

    /// Whether they were collected from the same address; none if it is unknown.
    fn has_same_address(&self) -> Option<bool> {
        let (before, after) = (&self.before.identity, &self.after.identity);
        if let (Some(then), Some(now)) = (&before.resolved_addr, &after.resolved_addr) {
            return Some((then, before.resolved_port) == (now, after.resolved_port));
        }
        let configured = before.config_host.as_ref().zip(after.config_host.as_ref());
        configured.map(|(then, now)| (then, before.config_port) == (now, after.config_port))
    }

    fn version_of(&self, snapshot: &DiagSnapshot) -> Option<ServerVersion> {
        let of_system = || snapshot.section::<System>().rows.first().and_then(|row| row.server_version_num);
        snapshot.server_version().or_else(|| of_system().map(ServerVersion))
    }

    fn major(&self, snapshot: &DiagSnapshot) -> Option<i64> {
        self.version_of(snapshot).map(ServerVersion::major)
    }

    fn is_newer_major(&self) -> bool {
        self.major(self.before).zip(self.major(self.after)).is_some_and(|(then, now)| then < now)
    }

    fn cluster(&self, relation: Relation) -> Option<Note> {
        match relation {
            Relation::Different => Some(note(
                NoteKind::DifferentCluster,
                "The snapshots are of different clusters, so what grew between them is unknown.",
            )),
            Relation::OtherNode => Some(note(
                NoteKind::OtherNode,
                "The snapshots are of two nodes of one cluster, each with its own counters, so what they grew by between the \
                 snapshots is unknown.",
            )),
            Relation::SameServer | Relation::Upgraded => None,
        }
    }

    fn version(&self) -> Option<Note> {
        let (then, now) = self.version_of(self.before).zip(self.version_of(self.after))?;
        let is_upgrade = then.major() != now.major();
        let effect =
            if is_upgrade { ": the counters began again, and statements are recognized by their texts" } else { "" };
        (then != now).then(|| note(NoteKind::Version, format!("The version changed from {then} to {now}{effect}.")))
    }

    fn order(&self) -> Option<Note> {
        let (then, now) = self.before.collected_at.zip(self.after.collected_at)?;
        (now < then).then(|| note(NoteKind::Order, "The second snapshot was collected before the first."))
    }

    fn restart(&self, relation: Relation) -> Option<Note> {
        let (_, now) = self.changed(|row: &System| row.start_time).filter(|_| relation == Relation::SameServer)?;
        let text = format!(
            "The server restarted at {}. What counters grew by between the snapshots is unknown.",
            time_of_day(now)
        );
        Some(note(NoteKind::Restarted, text))
    }

    /// Statistics that were reset. All of them at once are those that the server discards after a crash.
    fn statistics(&self, relation: Relation) -> Option<Note> {
        let is_reset = |times: Option<(Timestamp, Timestamp)>| times.is_some() && relation == Relation::SameServer;
        let bgwriter = is_reset(self.changed(|row: &PgStatBgwriter| row.stats_reset));
        let archiver = is_reset(self.changed(|row: &PgStatArchiver| row.stats_reset));
        if bgwriter && archiver {
            let text = "The server discarded all statistics between the snapshots, as after a crash.";
            return Some(note(NoteKind::StatisticsDiscarded, text));
        }
        let shared = [
            ("pg_stat_bgwriter", bgwriter),
            ("pg_stat_archiver", archiver),
            ("pg_stat_wal", is_reset(self.changed(|row: &PgStatWal| row.stats_reset))),
        ];
        let shared = shared.into_iter().filter(|(_, is_reset)| *is_reset).map(|(name, _)| name.to_owned());
        let databases = if relation == Relation::SameServer { self.reset_databases() } else { Vec::new() };
        let databases = databases.into_iter().map(|name| format!("database {name}"));
        let reset: Vec<String> = shared.chain(databases).collect();
        let text = format!("Statistics were reset between the snapshots: {}.", reset.join(", "));
        (!reset.is_empty()).then(|| note(NoteKind::StatisticsReset, text))
    }

    fn reset_databases(&self) -> Vec<String> {
        let before = self.before.section::<PgStatDatabase>().rows;
        let is_reset = |row: &PgStatDatabase| {
            before.iter().any(|other| other.datid == row.datid && other.stats_reset != row.stats_reset)
        };
        let after = self.after.section::<PgStatDatabase>().rows;
        after.into_iter().filter(is_reset).filter_map(|row| row.datname).collect()
    }

    fn statements(&self, relation: Relation) -> Option<Note> {
        let (_, now) = self.changed(|row: &PgStatStatementsInfo| row.stats_reset)?;
        let text = format!(
            "pg_stat_statements was reset at {}. What statements counted between the snapshots is unknown.",
            time_of_day(now)
        );
        (relation == Relation::SameServer).then(|| note(NoteKind::StatementsReset, text))
    }

    fn role(&self, relation: Relation) -> Option<Note> {
        let (_, is_standby) = self.changed(|row: &System| row.is_in_recovery)?;
        let text = if is_standby { "The primary became a standby." } else { "The standby was promoted." };
        (relation == Relation::SameServer).then(|| note(NoteKind::Role, text))
    }

    fn collector(&self) -> Option<Note> {
        let role = |row: &System| Some((row.current_user.clone()?, row.is_superuser));
        let ((then, was_superuser), (now, is_superuser)) = self.changed(role)?;
        let who = if then == now { format!("Role {now} was") } else { format!("Roles {then} and {now} were") };
        let rights = match (was_superuser, is_superuser) {
            (Some(true), Some(false)) => ": the first is a superuser",
            (Some(false), Some(true)) => ": the second is a superuser",
            _ => "",
        };
        let text = format!("{who} used to collect{rights}. What one of them cannot see appears to be new or gone.");
        Some(note(NoteKind::CollectorRole, text))
    }

    fn redaction(&self) -> Option<Note> {
        let text = "The snapshots are not redacted with the same key, so nothing is compared by name: tables, indexes, texts of \
                    statements and findings.";
        (!has_same_names(self.before, self.after)).then(|| note(NoteKind::Redaction, text))
    }

    fn tampered(&self) -> Vec<Note> {
        let names = [(self.before, "first snapshot"), (self.after, "second snapshot")];
        let texts = names.into_iter().filter_map(|(snapshot, name)| tampered(snapshot, name));
        texts.map(|text| note(NoteKind::Tampered, text)).collect()
    }

    fn lost_connections(&self) -> Vec<Note> {
        let lost = |which: &str, snapshot: &DiagSnapshot| {
            let gap = snapshot.sampling.gap.as_ref()?;
            let text =
                format!("In the {which} delta, nothing was sampled for {:.0} s: the connection was lost.", gap.seconds);
            Some(note(NoteKind::ConnectionLost, text))
        };
        lost("first", self.before).into_iter().chain(lost("second", self.after)).collect()
    }
}
