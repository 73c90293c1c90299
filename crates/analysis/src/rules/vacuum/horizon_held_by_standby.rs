//! A standby holds the xmin horizon.

use crate::engine::horizon::{Holding, holding, lasting};
use crate::engine::prelude::*;
use crate::facts::horizon::HolderKind;

rule! {
    /// ## What it sees
    ///
    /// A standby that is connected without a replication slot and reports the age of its oldest query because of
    /// `hot_standby_feedback`: `backend_xmin` in `pg_stat_replication`. With a slot, the age is that of the slot.
    ///
    /// ## Why it matters
    ///
    /// VACUUM on the primary must keep every row that a query on the standby might still see. A long query there lets tables grow
    /// here, in all databases.
    ///
    /// ## Threshold
    ///
    /// An age of {SHARE} of `autovacuum_freeze_max_age`. Earlier if VACUUM has run within the last day and has left dead rows at
    /// {HURTS} times a table's autovacuum threshold or more; warning at {HURTS_MUCH} times.
    ///
    /// ## Remedy
    ///
    /// End the long query on the standby, or disable `hot_standby_feedback` there and accept that such queries are canceled.
    ///
    /// ## When to ignore this
    ///
    /// If long reports on the standby matter more than the size of tables on the primary.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_database": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_stat_replication": [ { "pid": 4711, "application_name": "reports", "state": "streaming",
    ///                              "backend_xmin_age": 60000000 } ] }
    /// ```
    ///
    /// The WAL sender of a logical slot has an age but holds nothing:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_database": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_replication_slots": [ { "slot_name": "sub", "slot_type": "logical", "plugin": "pgoutput", "active": true,
    ///                               "active_pid": 4711 } ],
    ///   "pg_stat_replication": [ { "pid": 4711, "application_name": "sub", "state": "streaming",
    ///                              "backend_xmin_age": 60000000 },
    ///                            { "pid": 4712, "application_name": "reports", "state": "streaming",
    ///                              "backend_xmin_age": 60000 } ] }
    /// ```
    rule horizon_held_by_standby {
        code: PGD510,
        title: "A standby holds the xmin horizon",
        passed: "No standby holds the xmin horizon for long",
        worst: Warning,
        reads: [system, standby_holders, horizon, tables, freeze],
        source: "PostgreSQL manual, hot_standby_feedback",
        thresholds: {
            /// Share of `autovacuum_freeze_max_age`.
            SHARE: Ratio = Ratio(0.25),
            /// Multiple of a table's autovacuum threshold in dead rows that VACUUM has left.
            HURTS: f64 = 2.0,
            /// The multiple that is a warning.
            HURTS_MUCH: f64 = 5.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Holding<'a>>> {
    view.standby_holders()?;
    let limit = view.freeze()?.xid.freeze;
    let mut found = holding(view, HolderKind::Standby)?;
    let is_old = |age: i64| limit.and_then(|limit| Ratio::of(age, limit)) >= Some(SHARE);
    found.retain(|holding| is_old(holding.holder.age) || holding.multiple() >= Some(HURTS));
    Ok(found)
}

fn subject(holding: &Holding<'_>) -> About {
    let is_warning = holding.multiple() >= Some(HURTS_MUCH);
    holding.about().severity(if is_warning { Severity::Warning } else { Severity::Notice })
}

fn describe(found: &Found<Holding<'_>>) -> Draft {
    let names: Vec<&str> = found.iter().filter_map(|holding| holding.holder.application.as_deref()).collect();
    let named = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let standbys = found.each("the standby of WAL sender", "standbys");
    Draft::new(format!("End long queries on {standbys}{named}{}", lasting(found)))
        .holding(found)
        .because("The standby reports its oldest query because hot_standby_feedback is enabled there.")
        .advise("End the long query on the standby.")
        .advise("Or disable hot_standby_feedback there: then the standby cancels queries that need removed rows.")
        .query(
            "-- on the standby:\nSELECT pid, usename, application_name, xact_start, age(backend_xmin)\nFROM pg_stat_activity\n\
             WHERE backend_xmin IS NOT NULL\nORDER BY age(backend_xmin) DESC;",
        )
}
