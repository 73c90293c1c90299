//! How many entries of pg_stat_statements were evicted while the snapshots were taken.

use pgdba_snapshot::sections::pg_stat_statements_info::PgStatStatementsInfo;

use crate::diff::sides::{Side, Sides};

/// Entries evicted from the beginning of the first window to the end of the second, or in the windows alone if the time between
/// is not known; none before PostgreSQL 14.
pub(super) fn between(sides: &Sides<'_>) -> Option<i64> {
    let (before, after) = (in_window(&sides.before), in_window(&sides.after));
    match since(sides) {
        Some(later) => Some(later.saturating_add(before.unwrap_or(0))),
        None => before.zip(after).map(|(before, after)| before.saturating_add(after)),
    }
}

fn in_window(side: &Side<'_>) -> Option<i64> {
    let since = side.snapshot.since::<PgStatStatementsInfo>()?;
    since.changes.first()?.as_ref().ok()?.growth.dealloc
}

/// Entries evicted from the first snapshot to the second.
fn since(sides: &Sides<'_>) -> Option<i64> {
    if !sides.has_same_counters() {
        return None;
    }
    let since = sides.after.snapshot.since_snapshot::<PgStatStatementsInfo>(sides.before.snapshot)?;
    since.changes.first()?.as_ref().ok()?.growth.dealloc
}
