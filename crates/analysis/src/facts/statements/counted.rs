//! Figures of a statement over some time: since the reset, or in the window of a delta.

use pgdba_pg::{Bytes, Millis, Ratio};
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;

use crate::facts::growth::Sampled;

/// The counters of a statement, since the reset or over the window of a delta.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a>(pub &'a PgStatStatement);

impl Counted<'_> {
    /// The number of calls, if there were any.
    #[must_use]
    pub fn calls(self) -> Option<f64> {
        self.0.calls.filter(|calls| *calls > 0).map(|calls| calls as f64)
    }

    /// The number of calls per second, over the window of a delta.
    #[must_use]
    pub fn calls_per_second(self, sampled: &Sampled) -> Option<f64> {
        Some(self.0.calls? as f64 / sampled.length.seconds()).filter(|rate| rate.is_finite())
    }

    /// An amount per call.
    #[must_use]
    pub fn per_call(self, amount: f64) -> Option<f64> {
        Some(amount / self.calls()?)
    }

    /// Execution time per call.
    #[must_use]
    pub fn mean_time(self) -> Option<Millis> {
        self.per_call(self.0.total_exec_time?).map(Millis)
    }

    /// Rows per call.
    #[must_use]
    pub fn rows_per_call(self) -> Option<f64> {
        self.per_call(self.0.rows? as f64)
    }

    /// Pages read from outside shared buffers, per call.
    #[must_use]
    pub fn reads_per_call(self) -> Option<f64> {
        self.per_call(self.0.shared_blks_read? as f64)
    }

    /// Pages used, whether they were in shared buffers or not, per call.
    #[must_use]
    pub fn pages_per_call(self) -> Option<f64> {
        self.per_call(self.0.shared_blks_hit? as f64 + self.0.shared_blks_read? as f64)
    }

    /// The share of the pages used that were in shared buffers.
    #[must_use]
    pub fn cache_hit(self) -> Option<Ratio> {
        let (hit, read) = (self.0.shared_blks_hit?, self.0.shared_blks_read?);
        Ratio::of(hit, hit.saturating_add(read))
    }

    /// Temporary files written per call.
    #[must_use]
    pub fn temporary_files_per_call(self, block_size: i64) -> Option<Bytes> {
        let blocks = self.per_call(self.0.temp_blks_written? as f64)?;
        Some(Bytes((blocks * block_size as f64) as i64))
    }

    /// WAL per call.
    #[must_use]
    pub fn wal_per_call(self) -> Option<Bytes> {
        self.per_call(self.0.wal_bytes?).map(|bytes| Bytes(bytes as i64))
    }

    /// The share of the execution time that was spent reading pages; none where reads are not timed.
    #[must_use]
    pub fn read_time_share(self) -> Option<Ratio> {
        let time = self.0.shared_blk_read_time.filter(|time| *time > 0.0)?;
        ratio(time, self.0.total_exec_time?)
    }

    /// Planning time as a share of planning and execution time.
    #[must_use]
    pub fn plan_share(self) -> Option<Ratio> {
        let planning = self.0.total_plan_time?;
        ratio(planning, planning + self.0.total_exec_time?)
    }

    /// JIT compilation as a share of the execution time.
    #[must_use]
    pub fn jit_share(self) -> Option<Ratio> {
        ratio(self.0.jit_time?, self.0.total_exec_time?)
    }
}

/// A share of a whole that is not zero.
fn ratio(part: f64, whole: f64) -> Option<Ratio> {
    Some(Ratio(part / whole)).filter(|ratio| ratio.0.is_finite())
}
