//! Replication slots and prepared transactions, which outlive a restart and need their settings then.

use super::Start;
use crate::display;
use crate::start::host::Host;
use crate::start::problem::Problem;
use crate::start::questions::Questions;

const SLOTS: [&str; 2] = ["wal_level", "max_replication_slots"];
const PREPARED: &str = "max_prepared_transactions";

pub(super) fn ask(start: &Start<'_>, questions: &mut Questions) {
    questions.slots |= start.touches(&SLOTS);
    questions.prepared_transactions |= start.touches(&[PREPARED]);
}

pub(super) fn check(start: &Start<'_>, host: &Host) -> Vec<Problem> {
    [level(start, host), count(start, host), prepared(start, host)].into_iter().flatten().collect()
}

fn level(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let level = start.settings.text("wal_level").filter(|_| start.touches(&["wal_level"]))?;
    let slots = host.slots.as_ref()?;
    let logical = slots.iter().find(|slot| slot.is_logical && level != "logical");
    let slot = logical.or_else(|| slots.iter().find(|_| level == "minimal"))?;
    let (kind, needed) = if slot.is_logical { ("logical", "logical") } else { ("physical", "replica or logical") };
    let name = &slot.name;
    let reason =
        format!("the {kind} replication slot \"{name}\" requires wal_level {needed}, but wal_level is {level}");
    Some(Problem::certain(&["wal_level"], reason))
}

fn count(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let name = "max_replication_slots";
    let most = start.settings.integer(name).filter(|_| start.touches(&[name]))?;
    let there = i64::try_from(host.slots.as_ref()?.len()).ok()?;
    (there > most).then(|| {
        let slots = display::counted(there, "replication slot exists", "replication slots exist");
        Problem::certain(&[name], format!("{slots}, but {name} is {most}"))
    })
}

fn prepared(start: &Start<'_>, host: &Host) -> Option<Problem> {
    let most = start.settings.integer(PREPARED).filter(|_| start.touches(&[PREPARED]))?;
    let there = host.prepared_transactions?;
    (there > most).then(|| {
        let transactions = display::counted(there, "prepared transaction exists", "prepared transactions exist");
        Problem::certain(&[PREPARED], format!("{transactions}, but {PREPARED} is {most}"))
    })
}
