//! `max_wal_size` against the file system with `pg_wal`.

use pgdba_pg::{Bytes, display};

use super::super::machine::Machine;
use super::super::pgtune::Value;
use super::super::plan::Plan;
use super::{Adjustment, WalSpace};

/// WAL takes at most one in so many parts: often the data are in the same file system, and `max_wal_size` is exceeded under
/// load.
const PARTS: i64 = 4;

/// What is in force already is left alone up to so many of these parts.
const MOST_PARTS: i64 = 3;

/// WAL files that `min_wal_size` and `max_wal_size` must have room for.
const LEAST_FILES: i64 = 2;

/// Lowers `max_wal_size` to what the disk has room for, and `min_wal_size` with it; raises what is less than two WAL files.
pub(super) fn fit(plan: &mut Plan<'_>, machine: &Machine) -> Vec<Adjustment> {
    let least = Bytes(plan.bytes("wal_segment_size").map_or(16 << 20, |file| file.0).saturating_mul(LEAST_FILES));
    let mut adjustments = Vec::new();
    let mut set = |plan: &mut Plan<'_>, parameter, size: Bytes, why: String| {
        let value = Value::Kilobytes((size.0 >> 20).saturating_mul(1 << 10)).to_string();
        plan.set(parameter, &value);
        adjustments.push(Adjustment { parameter, value, why });
    };
    if let (Some(space), Some(most)) = (machine.wal_space, plan.bytes("max_wal_size")) {
        let kept = kept(plan);
        let share = |parts: i64| Bytes((space.0 / PARTS).saturating_mul(parts).saturating_sub(kept.0));
        let in_force = plan.running_bytes("max_wal_size").unwrap_or_default();
        let fits = share(1).max(in_force.min(share(MOST_PARTS))).max(least);
        if most > fits {
            let why = format!(
                "{} leaves too little of the {} that pg_wal can grow to.",
                display::bytes(most),
                display::bytes(space)
            );
            set(plan, "max_wal_size", fits, why);
        }
    }
    let (Some(fewest), Some(most)) = (plan.bytes("min_wal_size"), plan.bytes("max_wal_size")) else {
        return adjustments;
    };
    if fewest < least {
        set(plan, "min_wal_size", least, format!("The server requires {}.", display::bytes(least)));
    } else if fewest > most {
        set(plan, "min_wal_size", most, "It must not be more than max_wal_size.".to_owned());
    }
    adjustments
}

/// What the values need of the disk.
pub(super) fn space(plan: &Plan<'_>, machine: &Machine) -> Option<WalSpace> {
    let total = machine.wal_space?;
    let needed = Bytes(plan.bytes("max_wal_size")?.0.saturating_add(kept(plan).0));
    Some(WalSpace { total, needed, left: Bytes(total.0.saturating_sub(needed.0)) })
}

/// WAL that is kept for standbys in addition. Before 13 it is counted in files.
fn kept(plan: &Plan<'_>) -> Bytes {
    let file = plan.bytes("wal_segment_size").map_or(16 << 20, |file| file.0);
    let files = || plan.integer("wal_keep_segments").map(|files| Bytes(files.saturating_mul(file)));
    plan.bytes("wal_keep_size").or_else(files).unwrap_or_default()
}
