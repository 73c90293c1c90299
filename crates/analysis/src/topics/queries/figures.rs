//! The figures of a statement, for programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::growth::Sampled;
use crate::facts::statements::Counted;

/// The figures of a statement, over the window of a delta or since the reset. A figure that this version of pg_stat_statements
/// does not have is null.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// How often it ran.
    pub calls: Option<i64>,
    /// How often it ran per second, over the window of a delta; null otherwise.
    pub calls_per_second: Option<f64>,
    /// Its execution time, in milliseconds.
    pub total_time_ms: Option<f64>,
    /// Execution time per call, in milliseconds.
    pub mean_time_ms: Option<f64>,
    /// Rows returned or affected.
    pub rows: Option<i64>,
    /// Rows per call.
    pub rows_per_call: Option<f64>,
    /// The share of pages that were in shared buffers, 0 to 1.
    pub cache_hit: Option<f64>,
    /// Read from outside shared buffers, in bytes.
    pub read_bytes: Option<i64>,
    /// Temporary files read and written, in bytes.
    pub temporary_bytes: Option<i64>,
    /// WAL, in bytes.
    pub wal_bytes: Option<f64>,
    /// Planning time, in milliseconds; 0 unless `pg_stat_statements.track_planning` is on.
    pub plan_time_ms: Option<f64>,
    /// Time of JIT compilation, in milliseconds.
    pub jit_time_ms: Option<f64>,
}

impl Figures {
    /// Those of a statement.
    pub(super) fn new(counted: Counted<'_>, sampled: Option<&Sampled>, block_size: Option<i64>) -> Self {
        let row = counted.0;
        let bytes = |pages: Option<i64>| Some(pages?.saturating_mul(block_size?));
        let temporary = row.temp_blks_read.zip(row.temp_blks_written).map(|(read, written)| read.saturating_add(written));
        Self {
            calls: row.calls,
            calls_per_second: sampled.and_then(|sampled| counted.calls_per_second(sampled)),
            total_time_ms: row.total_exec_time,
            mean_time_ms: counted.mean_time().map(|time| time.0),
            rows: row.rows,
            rows_per_call: counted.rows_per_call(),
            cache_hit: counted.cache_hit().map(|ratio| ratio.0),
            read_bytes: bytes(row.shared_blks_read),
            temporary_bytes: bytes(temporary),
            wal_bytes: row.wal_bytes,
            plan_time_ms: row.total_plan_time,
            jit_time_ms: row.jit_time,
        }
    }
}
