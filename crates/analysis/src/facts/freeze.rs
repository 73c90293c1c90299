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
            let change = growth.as_ref().map_err(|absence| NotAssessed(format!("the rate is unknown: {absence}")))?;
            let rate = XidRate {
                per_second: change.growth.next_xid.unwrap_or(0) as f64 / change.seconds,
                over: Millis::from_seconds(change.seconds),
            };
            return Ok(rate);
        }
        earlier.and_then(|earlier| self.since(earlier)).ok_or_else(|| NotAssessed::because(NO_RATE))
    }

    fn since(&self, earlier: &Self) -> Option<XidRate> {
        let over = time::age(self.at?, earlier.at?).filter(|over| over.0 > 0.0)?;
        let assigned = self.next?.checked_sub(earlier.next?).filter(|assigned| *assigned >= 0)?;
        Some(XidRate { per_second: assigned as f64 / over.seconds(), over })
    }
}
