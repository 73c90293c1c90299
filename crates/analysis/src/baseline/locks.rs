//! Who waits for whose locks.

use super::section::{Derived, Reading};
use crate::format::Checked;
use crate::topics::locks::{LIMIT, LockWaits, reply};

/// Derives it.
pub(super) fn derive(reading: &Reading<'_>) -> Checked<Derived<LockWaits>> {
    Ok(Derived { stats_reset: Vec::new(), data: reply(&reading.view, LIMIT)?.data })
}
