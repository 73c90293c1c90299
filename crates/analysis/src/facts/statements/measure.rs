//! By what statements are ranked.

use pgdba_pg::{Bytes, Millis};
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;

use super::counted::Counted;
use crate::format::{NotAssessed, Quantity};

/// A figure by which statements are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Measure {
    /// Execution time.
    #[default]
    TotalTime,
    /// Execution time per call.
    MeanTime,
    /// Executions.
    Calls,
    /// Rows returned or affected.
    Rows,
    /// Pages read and written, of tables, temporary tables and temporary files.
    Io,
    /// Pages of temporary files read and written.
    Temp,
    /// Bytes of WAL.
    Wal,
    /// Planning time.
    PlanTime,
    /// Pages that were not in shared buffers.
    CacheMiss,
    /// Time of JIT compilation.
    Jit,
}

/// What a measure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Millis,
    Count,
    Pages,
    Bytes,
}

impl Measure {
    /// All of them, the default first.
    pub const ALL: [Self; 10] = [
        Self::TotalTime,
        Self::MeanTime,
        Self::Calls,
        Self::Rows,
        Self::Io,
        Self::Temp,
        Self::Wal,
        Self::PlanTime,
        Self::CacheMiss,
        Self::Jit,
    ];

    /// Its name, as in `query top --sort`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TotalTime => "total_time",
            Self::MeanTime => "mean_time",
            Self::Calls => "calls",
            Self::Rows => "rows",
            Self::Io => "io",
            Self::Temp => "temp",
            Self::Wal => "wal",
            Self::PlanTime => "plan_time",
            Self::CacheMiss => "cache_miss",
            Self::Jit => "jit",
        }
    }

    /// The measure of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// What it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::TotalTime => "total time",
            Self::MeanTime => "mean time",
            Self::Calls => "calls",
            Self::Rows => "rows",
            Self::Io => "data read and written",
            Self::Temp => "temporary files",
            Self::Wal => "WAL",
            Self::PlanTime => "planning time",
            Self::CacheMiss => "data not in cache",
            Self::Jit => "JIT time",
        }
    }

    /// Whether the figures of several statements add up, so that each has a share of the whole.
    #[must_use]
    pub fn adds_up(self) -> bool {
        self != Self::MeanTime
    }

    /// The figure of a row; none where this version of the extension does not count it.
    #[must_use]
    pub fn of(self, row: &PgStatStatement) -> Option<f64> {
        let sum = |counts: &[Option<i64>]| {
            let counted = counts.iter().flatten().map(|count| *count as f64);
            counts.iter().any(Option::is_some).then(|| counted.sum())
        };
        match self {
            Self::TotalTime => row.total_exec_time,
            Self::MeanTime => Counted(row).mean_time().map(|time| time.0),
            Self::Calls => sum(&[row.calls]),
            Self::Rows => sum(&[row.rows]),
            Self::Io => sum(&[
                row.shared_blks_read,
                row.shared_blks_written,
                row.local_blks_read,
                row.local_blks_written,
                row.temp_blks_read,
                row.temp_blks_written,
            ]),
            Self::Temp => sum(&[row.temp_blks_read, row.temp_blks_written]),
            Self::Wal => row.wal_bytes,
            Self::PlanTime => row.total_plan_time,
            Self::CacheMiss => sum(&[row.shared_blks_read]),
            Self::Jit => row.jit_time,
        }
    }

    /// An amount of it with its unit; pages as bytes if the size of a page is known.
    #[must_use]
    pub fn quantity(self, amount: f64, block_size: Option<i64>) -> Quantity {
        match (self.unit(), block_size) {
            (Unit::Millis, _) => Millis(amount).into(),
            (Unit::Bytes, _) => Bytes(amount as i64).into(),
            (Unit::Pages, Some(size)) => Bytes((amount * size as f64) as i64).into(),
            (Unit::Count | Unit::Pages, _) => (amount as i64).into(),
        }
    }

    /// Its unit as JSON names it.
    #[must_use]
    pub fn unit_name(self, block_size: Option<i64>) -> &'static str {
        match (self.unit(), block_size) {
            (Unit::Millis, _) => "ms",
            (Unit::Bytes, _) | (Unit::Pages, Some(_)) => "bytes",
            (Unit::Pages, None) => "pages",
            (Unit::Count, _) => "count",
        }
    }

    /// Why it is not in a snapshot: where it is counted, if not everywhere.
    pub(super) fn missing(self) -> NotAssessed {
        NotAssessed::expected(match self {
            Self::Wal => "pg_stat_statements counts WAL from version 1.8 on (PostgreSQL 13)",
            Self::PlanTime => "pg_stat_statements counts planning time from version 1.8 on (PostgreSQL 13)",
            Self::Jit => "pg_stat_statements counts the time of JIT compilation from version 1.10 on (PostgreSQL 15)",
            _ => return NotAssessed::because("the snapshot does not contain the counters"),
        })
    }

    fn unit(self) -> Unit {
        match self {
            Self::TotalTime | Self::MeanTime | Self::PlanTime | Self::Jit => Unit::Millis,
            Self::Calls | Self::Rows => Unit::Count,
            Self::Io | Self::Temp | Self::CacheMiss => Unit::Pages,
            Self::Wal => Unit::Bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_found_by_its_name() {
        for measure in Measure::ALL {
            assert_eq!(Measure::named(measure.name()), Some(measure));
        }
        assert_eq!(Measure::named("nothing"), None);
    }

    #[test]
    fn what_is_not_counted_is_not_zero() {
        let of = |row: serde_json::Value| {
            let document = serde_json::json!({ "pg_stat_statements": [row] }).to_string();
            crate::example::snapshot(&document).unwrap().section::<PgStatStatement>().rows.remove(0)
        };
        let row = of(serde_json::json!({ "calls": 4, "total_exec_time": 10.0 }));
        assert_eq!(Measure::MeanTime.of(&row), Some(2.5));
        assert_eq!([Measure::Wal, Measure::Io, Measure::Jit].map(|measure| measure.of(&row)), [None; 3]);
        let row = of(serde_json::json!({ "shared_blks_read": 3, "temp_blks_written": 2 }));
        let amounts = [Measure::Io, Measure::CacheMiss, Measure::Temp].map(|measure| measure.of(&row));
        assert_eq!(amounts, [Some(5.0), Some(3.0), Some(2.0)]);
        assert_eq!(Measure::Temp.quantity(2.0, Some(8192)), Quantity::Bytes(16_384));
        assert_eq!(Measure::Temp.quantity(2.0, None), Quantity::Count(2));
    }
}
