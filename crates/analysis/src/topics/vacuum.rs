//! Autovacuum thresholds of tables, freeze ages, running VACUUM commands, and what holds the xmin horizon.

mod blocks;
mod data;

pub use data::{DatabaseHealth, HolderHealth, RunHealth, TableHealth, VacuumHealth};

use super::{Reply, Shown, Topic};
use crate::Checked;
use crate::facts::{View, declared};

/// Tables that the report shows at most.
const REPORTED: usize = 100;

/// Vacuum health.
pub static TOPIC: Topic = Topic {
    name: "vacuum",
    title: "Vacuum",
    reads: &[
        &declared::tables,
        &declared::freeze,
        &declared::transaction_ids,
        &declared::vacuum_runs,
        &declared::horizon,
    ],
    show,
};

fn show(view: &View<'_>) -> Checked<Shown> {
    health(view, REPORTED).map(|reply| reply.shown)
}

/// The vacuum health of the server, with the `limit` tables that are furthest past a threshold.
///
/// # Errors
/// The tables are missing.
pub fn health(view: &View<'_>, limit: usize) -> Checked<Reply<VacuumHealth>> {
    let data = VacuumHealth::of(view, limit)?;
    Ok(Reply { shown: blocks::shown(&data), data })
}
