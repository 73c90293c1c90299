//! Ages of databases in transaction IDs and multixacts, the limits of the server, and how fast transaction IDs are used.

use jiff::Timestamp;
use pgdba_pg::{Millis, Ratio, ServerVersion};
use pgdba_snapshot::sections::pg_database::PgDatabase;
use pgdba_snapshot::sections::pg_wal_position::PgWalPosition;

use super::growth::Growth;
use super::sections::Rows;
use super::settings::Settings;
use super::time;
use crate::format::{Checked, NotAssessed, Subject, SubjectKind};

/// Half of the 32-bit IDs: what is older would be in the future.
const WRAPAROUND: i64 = (1 << 31) - 1;

/// Why the rate of transaction IDs is unknown.
const NO_RATE: &str = "the rate is unknown: it needs a delta (--delta) or an earlier snapshot";

/// The ages at which the server acts on transaction IDs or on multixacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Autovacuum freezes tables from this age on.
    pub freeze: Option<i64>,
    /// VACUUM skips everything that could delay it from this age on (14).
    pub failsafe: Option<i64>,
    /// The server warns in its log.
    pub warning: i64,
    /// The server assigns no more IDs.
    pub stop: i64,
}

impl Limits {
    fn of(settings: &Settings, version: Option<ServerVersion>, names: [&str; 2], old_margins: (i64, i64)) -> Self {
        let is_old = version.is_some_and(|version| version.major() < 14);
        let (warning, stop) = if is_old { old_margins } else { (40_000_000, 3_000_000) };
        let [freeze, failsafe] = names.map(|name| settings.integer(name));
        // The failsafe never begins before autovacuum has had 5 % more than the age from which it freezes.
        let least = freeze.map(|freeze| freeze.saturating_add(freeze / 20));
        Self {
            freeze,
            failsafe: failsafe.map(|age| least.map_or(age, |least| age.max(least))),
            warning: WRAPAROUND - warning,
            stop: WRAPAROUND - stop,
        }
    }
}

/// An age compared with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Age {
    /// In transactions or in multixacts.
    pub age: i64,
    /// Its limits.
    pub limits: Limits,
}

impl Age {
    /// The share of the IDs that are used up before the server stops.
    #[must_use]
    pub fn share(self) -> Option<Ratio> {
        Ratio::of(self.age, self.limits.stop)
    }

    /// IDs that are left until the server stops.
    #[must_use]
    pub fn left(self) -> i64 {
        self.limits.stop.saturating_sub(self.age).max(0)
    }

    /// The age as a multiple of that from which autovacuum freezes.
    #[must_use]
    pub fn multiple(self) -> Option<f64> {
        super::tables::multiple(self.age, self.limits.freeze.map(|freeze| freeze as f64))
    }
}

/// A database with its ages.
#[derive(Debug, Clone)]
pub struct DatabaseAge {
    /// Its name.
    pub name: String,
    /// Whether it allows connections.
    pub is_connectable: bool,
    /// Age of `datfrozenxid`.
    pub xid: Option<Age>,
    /// Age of `datminmxid`.
    pub multixact: Option<Age>,
}

impl DatabaseAge {
    /// It as the subject of a finding.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Database, &self.name)
    }
}

/// The ages of all databases.
#[derive(Debug)]
pub struct Freeze {
    /// The oldest first.
    pub databases: Vec<DatabaseAge>,
    /// The limits of transaction IDs.
    pub xid: Limits,
    /// The limits of multixacts.
    pub multixact: Limits,
}

impl Freeze {
    pub(super) fn new(rows: Vec<PgDatabase>, settings: &Settings, version: Option<ServerVersion>) -> Self {
        let xid = ["autovacuum_freeze_max_age", "vacuum_failsafe_age"];
        let multixact = ["autovacuum_multixact_freeze_max_age", "vacuum_multixact_failsafe_age"];
        let xid = Limits::of(settings, version, xid, (11_000_000, 1_000_000));
        let multixact = Limits::of(settings, version, multixact, (10_000_000, 100));
        let database = |row: PgDatabase| DatabaseAge {
            name: row.datname,
            is_connectable: row.datallowconn != Some(false),
            xid: row.datfrozenxid_age.map(|age| Age { age, limits: xid }),
            multixact: row.datminmxid_age.map(|age| Age { age, limits: multixact }),
        };
        let mut databases: Vec<DatabaseAge> = rows.into_iter().map(database).collect();
        databases.sort_by_key(|database| std::cmp::Reverse(database.xid.map(|xid| xid.age)));
        Self { databases, xid, multixact }
    }
}

/// Transaction IDs, as far as the server has assigned them.
#[derive(Debug, Clone)]
pub struct TransactionIds {
    /// The next one, with its epoch.
    pub next: Option<i64>,
    /// When that was read.
    at: Option<Timestamp>,
    /// How many were assigned in the window of a delta.
    growth: Growth<PgWalPosition>,
}

/// How fast transaction IDs are assigned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct XidRate {
    /// IDs per second.
    pub per_second: f64,
    /// The time over which they were counted.
    pub over: Millis,
    /// When that began; none in the window of a delta.
    pub since: Option<Timestamp>,
}

impl XidRate {
    /// The time in which so many IDs are assigned; none if hardly any are.
    #[must_use]
    pub fn time_for(self, ids: i64) -> Option<Millis> {
        (self.per_second > 0.0).then(|| Millis::from_seconds(ids as f64 / self.per_second))
    }
}

impl TransactionIds {
    pub(super) fn new(read: Option<Rows<PgWalPosition>>, at: Option<Timestamp>) -> Self {
        let row = read.and_then(|read| read.grown().rows.into_iter().next());
        let (row, growth) = row.unzip();
        Self { next: row.and_then(|row| row.next_xid), at, growth: growth.unwrap_or(Growth(None)) }
    }

    /// The rate in the window of the delta, otherwise since the `earlier` snapshot.
    ///
    /// # Errors
    /// There is neither, or the counter fell.
    pub fn rate(&self, earlier: Option<&Self>) -> Checked<XidRate> {
        if let Some(growth) = &self.growth.0 {
            let change =
                growth.as_ref().map_err(|absence| NotAssessed::because(format!("the rate is unknown: {absence}")))?;
            let rate = XidRate {
                per_second: change.growth.next_xid.unwrap_or(0) as f64 / change.seconds,
                over: Millis::from_seconds(change.seconds),
                since: None,
            };
            return Ok(rate);
        }
        earlier.and_then(|earlier| self.since(earlier)).ok_or_else(|| NotAssessed::because(NO_RATE))
    }

    fn since(&self, earlier: &Self) -> Option<XidRate> {
        let over = time::age(self.at?, earlier.at?).filter(|over| over.0 > 0.0)?;
        let assigned = self.next?.checked_sub(earlier.next?).filter(|assigned| *assigned >= 0)?;
        Some(XidRate { per_second: assigned as f64 / over.seconds(), over, since: earlier.at })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Facts, example};

    fn freeze(version: i64, settings: &Value) -> (Limits, Limits) {
        let document = json!({ "version": version, "pg_settings": settings, "pg_database": [] });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let freeze = facts.freeze().unwrap();
        (freeze.xid, freeze.multixact)
    }

    #[test]
    fn the_limits_are_those_of_the_version() {
        let of = |version: i64| freeze(version, &json!([]));
        let stops = |(xid, multixact): (Limits, Limits)| [xid.warning, xid.stop, multixact.warning, multixact.stop];
        // PostgreSQL 14, SetTransactionIdLimit(): 2 144 483 647 is the last age at which an ID is assigned.
        assert_eq!(stops(of(14)), [2_107_483_647, 2_144_483_647, 2_107_483_647, 2_144_483_647]);
        assert_eq!(stops(of(13)), [2_136_483_647, 2_146_483_647, 2_137_483_647, 2_147_483_547]);
    }

    #[test]
    fn the_failsafe_does_not_begin_before_autovacuum_could_freeze() {
        let failsafe = |limit: &str, age: &str| {
            let settings = [("autovacuum_freeze_max_age", limit), ("vacuum_failsafe_age", age)];
            freeze(17, &settings.map(|(name, setting)| json!({ "name": name, "setting": setting })).into()).0.failsafe
        };
        assert_eq!(failsafe("200000000", "1600000000"), Some(1_600_000_000));
        assert_eq!(failsafe("200000000", "0"), Some(210_000_000));
    }

    /// The IDs of a snapshot in which a delta might have seen an earlier one.
    fn ids(collected_at: &str, next: i64, earlier: Option<i64>) -> TransactionIds {
        let columns = json!(["is_in_recovery", "next_xid"]);
        let row = |next: i64| json!([[false, next]]);
        let mut section =
            json!({ "available": true, "columns": columns, "rows": row(next), "collected_at": collected_at });
        if let Some(earlier) = earlier {
            section["earlier"] = json!({ "collected_at": "2026-01-01T11:59:30Z", "rows": row(earlier) });
        }
        let document = json!({ "collected_at": collected_at, "pg_wal_position": section });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        Facts::of(&snapshot).transaction_ids().unwrap().clone()
    }

    #[test]
    fn the_rate_is_that_of_the_delta_or_since_an_earlier_snapshot() {
        let rate =
            |ids: &TransactionIds, earlier: Option<&TransactionIds>| ids.rate(earlier).map(|rate| rate.per_second);
        let now = ids("2026-01-01T12:00:00Z", 1_003_600, None);
        assert_eq!(rate(&ids("2026-01-01T12:00:00Z", 4000, Some(1000)), None), Ok(100.0));
        let hour_before = ids("2026-01-01T11:00:00Z", 1_000_000, None);
        assert_eq!(rate(&now, Some(&hour_before)), Ok(1.0));
        assert_eq!(now.rate(Some(&hour_before)).unwrap().time_for(7200), Some(Millis(7_200_000.0)));
        assert_eq!(now.rate(Some(&hour_before)).unwrap().since, hour_before.at);
        assert_eq!(rate(&now, None), Err(NotAssessed::because(NO_RATE)));
        // Another cluster, or one that was reset.
        assert_eq!(rate(&hour_before, Some(&now)), Err(NotAssessed::because(NO_RATE)));
    }
}
