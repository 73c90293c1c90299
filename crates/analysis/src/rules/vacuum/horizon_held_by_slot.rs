//! A replication slot holds the xmin horizon.

use crate::engine::horizon::{Holding, holding, lasting};
use crate::engine::prelude::*;
use crate::facts::horizon::HolderKind;

rule! {
    /// ## What it sees
    ///
    /// A replication slot with an old `xmin`, which a standby with `hot_standby_feedback` sets, or an old `catalog_xmin`, which
    /// every logical slot has.
    ///
    /// ## Why it matters
    ///
    /// The slot keeps the horizon when its consumer is gone. VACUUM must then keep dead rows: for `xmin` those of all tables of
    /// all databases, for `catalog_xmin` those of the system catalogs, whose growth slows down every statement.
    ///
    /// ## Threshold
    ///
    /// An age of {SHARE} of `autovacuum_freeze_max_age`. Earlier if VACUUM has run while the slot was inactive, or within the last
    /// day, and has left dead rows at {HURTS} times a table's autovacuum threshold or more. It is a notice while the slot is
    /// active, or copies a table for a subscriber, and the dead rows are at less than {HURTS_MUCH} times the threshold.
    ///
    /// ## Remedy
    ///
    /// Bring the consumer back. If it will not come back, drop the slot. If the slot is active, find the long query on the
    /// standby, or the subscriber that does not confirm. The statement that drops it is not given for a slot that was in use
    /// within the last hour, nor for one with which a subscriber copies a table (`pg_…_sync_…`).
    ///
    /// ## When to ignore this
    ///
    /// While a standby or subscriber is being set up.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_database": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_replication_slots": [ { "slot_name": "old_standby", "slot_type": "physical", "active": false,
    ///                               "xmin_age": 60000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_database": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_replication_slots": [ { "slot_name": "standby", "slot_type": "physical", "active": true,
    ///                               "xmin_age": 60000 } ] }
    /// ```
    ///
    /// A slot that was invalidated holds nothing:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_database": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_replication_slots": [ { "slot_name": "old_standby", "slot_type": "physical", "active": false,
    ///                               "xmin_age": 60000000, "wal_status": "lost" } ] }
    /// ```
    rule horizon_held_by_slot {
        code: PGD509,
        title: "A replication slot holds the xmin horizon",
        passed: "No replication slot holds the xmin horizon for long",
        worst: Warning,
        reads: [system, slot_holders, horizon, tables, freeze],
        source: "PostgreSQL manual, Replication Slots",
        thresholds: {
            /// Share of `autovacuum_freeze_max_age`.
            SHARE: Ratio = Ratio(0.25),
            /// Multiple of a table's autovacuum threshold in dead rows that VACUUM has left.
            HURTS: f64 = 2.0,
            /// The multiple that is a warning even if the slot is active.
            HURTS_MUCH: f64 = 5.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Holding<'a>>> {
    view.slot_holders()?;
    let limit = view.freeze()?.xid.freeze;
    let mut found = holding(view, HolderKind::ReplicationSlot)?;
    let is_old = |age: i64| limit.and_then(|limit| Ratio::of(age, limit)) >= Some(SHARE);
    found.retain(|holding| is_old(holding.holder.age) || holding.multiple() >= Some(HURTS));
    Ok(found)
}

fn subject(holding: &Holding<'_>) -> About {
    let is_inactive = holding.holder.state.as_deref() == Some("inactive");
    let is_warning = is_inactive || holding.multiple() >= Some(HURTS_MUCH);
    holding.about().severity(if is_warning { Severity::Warning } else { Severity::Notice })
}

fn describe(found: &Found<Holding<'_>>) -> Draft {
    let is_any = |state: &str| found.any(|holding| holding.holder.state.as_deref() == Some(state));
    let name = found.each("replication slot", "replication slots");
    Draft::new(format!("Advance or drop {name}{}", lasting(found)))
        .holding(found)
        .advise_if(is_any("inactive"), "Bring the consumer of an inactive slot back, or drop the slot if it will not come back.")
        .advise_if(
            is_any("active"),
            "For an active slot, end the long query on the standby, or find out why the subscriber does not confirm.",
        )
        .advise_if(
            is_any("copying"),
            "A slot pg_…_sync_… is inactive while a subscriber copies a table: let the copy finish. Drop it only if \
             pg_subscription_rel on the subscriber shows that its table is not being copied any more.",
        )
        .impact("A consumer whose slot was dropped must be set up again.")
        .undo_text("Create the slot again; its consumer must be set up again.")
}
