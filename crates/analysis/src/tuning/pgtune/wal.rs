//! Formulas for the write-ahead log.

use super::memory::shared_buffers;
use super::{Input, Setting, Value, Workload};

/// Sizes in kB.
const MB: i64 = 1 << 10;
const GB: i64 = 1 << 20;

/// `wal_buffers` at least and at most, and from where on the most is taken.
const LEAST_BUFFERS: i64 = 32;
const MOST_BUFFERS: i64 = 16 * MB;
const NEARLY_MOST_BUFFERS: i64 = 14 * MB;

/// The first version with other methods of compression than its own.
const METHODS_SINCE: i64 = 15;

/// `wal_buffers`: three percent of `shared_buffers`.
pub(super) fn buffers(input: &Input) -> Value {
    let share = 3 * shared_buffers(input) / 100;
    Value::Kilobytes(if share > NEARLY_MOST_BUFFERS { MOST_BUFFERS } else { share.max(LEAST_BUFFERS) })
}

pub(super) fn compression(input: &Input) -> Value {
    Value::Word(if input.major >= METHODS_SINCE { "lz4" } else { "on" })
}

/// `min_wal_size` and `max_wal_size`.
pub(super) fn sizes(input: &Input) -> [Setting; 2] {
    let (least, most) = match input.workload {
        Workload::Web | Workload::Mixed | Workload::RemoteConservative => (GB, 4 * GB),
        Workload::Oltp => (2 * GB, 8 * GB),
        Workload::Olap => (4 * GB, 16 * GB),
        Workload::Desktop => (100 * MB, 2 * GB),
    };
    [("min_wal_size", Value::Kilobytes(least)), ("max_wal_size", Value::Kilobytes(most))]
}

/// A workstation has no standbys and no archive.
pub(super) fn level(input: &Input) -> Vec<Setting> {
    match input.workload {
        Workload::Desktop => vec![("wal_level", Value::Word("minimal")), ("max_wal_senders", Value::Number(0))],
        _ => Vec::new(),
    }
}
