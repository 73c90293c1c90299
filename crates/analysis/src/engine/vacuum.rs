//! The remedy of rules that have tables vacuumed.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::draft::Draft;
use super::found::Found;
use crate::facts::horizon::{Holder, HolderKind};
use crate::facts::locks::party::{completions, signal_started};
use crate::facts::slots::drop_unused;
use crate::facts::tables::Table;
use crate::format::Confidence;

/// A table that needs VACUUM, and whether one is running on it if that is known.
#[derive(Debug)]
pub struct Overdue<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whether VACUUM is running on it; none if it might.
    pub is_vacuumed: Option<bool>,
    /// What keeps the dead rows that VACUUM has left.
    pub keeper: Option<&'a Holder>,
    /// The statement that ends that, if there is one.
    pub release: Option<String>,
    /// Whether autovacuum is known to have left the dead rows.
    pub is_passed_over: bool,
}

impl Overdue<'_> {
    /// Whether VACUUM is known to be running on it.
    #[must_use]
    pub fn is_vacuumed(&self) -> bool {
        self.is_vacuumed == Some(true)
    }

    /// Whether the dead rows are known to have waited for autovacuum: it is disabled, could not remove them, or has left them.
    #[must_use]
    pub fn has_waited(&self) -> bool {
        self.table.autovacuum.is_disabled() || self.keeper.is_some() || self.is_passed_over
    }

    /// Whether its storage parameter is the cause of the dead rows, and nothing keeps them that VACUUM has left.
    #[must_use]
    pub fn is_excluded(&self) -> bool {
        self.keeper.is_none() && self.table.is_excluded_from_autovacuum()
    }

    /// Whether autovacuum should have processed it.
    fn is_neglected(&self) -> bool {
        !self.is_vacuumed() && self.is_passed_over && !self.table.autovacuum.is_disabled() && self.keeper.is_none()
    }

    /// Whether autovacuum might not have had the time to process it.
    fn is_perhaps_recent(&self) -> bool {
        !self.is_vacuumed() && !self.has_waited()
    }

    /// Statements that vacuum it, unless that is being done, and re-enable autovacuum for it.
    #[must_use]
    pub fn statements(&self) -> Option<String> {
        let is_disabled = self.table.autovacuum.is_disabled_for_table();
        let vacuum = (!self.is_vacuumed()).then(|| vacuum(self.table));
        let statements: Vec<String> = vacuum.into_iter().chain(is_disabled.then(|| enable(self.table))).collect();
        (!statements.is_empty()).then(|| statements.join("\n"))
    }
}

/// The statement that vacuums a table; a TOAST table is vacuumed with its table.
#[must_use]
pub fn vacuum(table: &Table) -> String {
    format!("VACUUM (VERBOSE, ANALYZE) {};", table.remedied().sql())
}

/// The statement that re-enables autovacuum for a table, whose TOAST table might have the parameter from it.
#[must_use]
pub fn enable(table: &Table) -> String {
    let is_of_owner = table.autovacuum.is_inherited();
    let prefix = if table.is_own() || is_of_owner { "" } else { "toast." };
    format!("ALTER TABLE {} RESET ({prefix}autovacuum_enabled);", table.remedied().sql())
}

/// Rows that a table may change before autovacuum processes it, however large it is.
const LARGEST_THRESHOLD: f64 = 1_000_000.0;

/// The scale factors with which autovacuum processes a large table after about a million rows; none of a table whose thresholds
/// are less than twice that.
#[must_use]
pub fn scale_factors(table: &Table) -> Option<String> {
    let rows = table.reltuples?;
    let is_large = |threshold: Option<f64>| threshold > Some(2.0 * LARGEST_THRESHOLD);
    let of_dead = is_large(table.thresholds.vacuum).then_some("autovacuum_vacuum_scale_factor");
    let of_inserted = is_large(table.thresholds.insert).then_some("autovacuum_vacuum_insert_scale_factor");
    let factor = LARGEST_THRESHOLD / rows;
    let parameters: Vec<String> =
        of_dead.into_iter().chain(of_inserted).map(|name| format!("{name} = {}", rounded(factor))).collect();
    (!parameters.is_empty()).then(|| table.alter("SET", &parameters))
}

/// A share with one or two digits that count: `0.083`, `0.02`, `0.0004`.
fn rounded(share: f64) -> String {
    let digits = [2, 3, 4, 5].into_iter().zip([0.1, 0.01, 0.001, 0.0]).find(|(_, least)| share >= *least);
    let text = format!("{share:.*}", digits.map_or(5, |(digits, _)| digits));
    text.trim_end_matches('0').to_owned()
}

/// The statements that bring a table below its thresholds: re-enable autovacuum, lower a scale factor, vacuum or analyze it.
#[must_use]
pub fn remedy(table: &Table) -> Option<String> {
    let is_past = |multiple: Option<f64>| multiple > Some(1.0);
    let name = table.remedied().sql();
    let vacuums = is_past(table.vacuum_multiple()) || is_past(table.freeze_multiple());
    let analyze = (is_past(table.analyze_multiple()) && !vacuums).then(|| format!("ANALYZE {name};"));
    let statements = [
        table.autovacuum.is_disabled_for_table().then(|| enable(table)),
        scale_factors(table),
        vacuums.then(|| vacuum(table)),
        analyze,
    ];
    let statements: Vec<String> = statements.into_iter().flatten().collect();
    (!statements.is_empty()).then(|| table.name.run_there(&statements.join("\n")))
}

/// The statement that ends what holds the horizon, where one on this server does; of a prepared transaction, the query that shows
/// the commands; of a slot that was just in use, or copies a table, there is none.
#[must_use]
pub fn release(holder: &Holder, now: Option<Timestamp>) -> Option<String> {
    let name = &holder.name;
    match holder.kind {
        HolderKind::Session => Some(signal_started(name, holder.backend_start?, "pg_terminate_backend")),
        HolderKind::PreparedTransaction => Some(completions(name)),
        HolderKind::ReplicationSlot if holder.state.as_deref() == Some("inactive") => {
            drop_unused(name, now.and_then(|now| holder.held(now)))
        }
        HolderKind::ReplicationSlot | HolderKind::Standby => None,
    }
}

impl Draft {
    /// Why autovacuum has not processed tables, and what to do. The finding is certain where VACUUM is known not to be running.
    #[must_use]
    pub fn vacuum(self, found: &Found<Overdue<'_>>) -> Self {
        let is_for_server = found.any(|overdue| overdue.table.autovacuum.is_disabled_for_server());
        let vacuumed = found.part(Overdue::is_vacuumed);
        let disabled = found.part(|overdue| overdue.table.autovacuum.is_disabled_for_table());
        let neglected = found.part(Overdue::is_neglected);
        let recent = found.part(Overdue::is_perhaps_recent);
        let is_certain = found.all(|overdue| overdue.is_vacuumed == Some(false));
        self.confidence(if is_certain { Confidence::High } else { Confidence::Medium })
            .because_for(vacuumed.as_ref(), "VACUUM is running on")
            .because_for(disabled.as_ref(), "The storage parameter autovacuum_enabled disables autovacuum for")
            .because_if(is_for_server, "Autovacuum is disabled for the whole server.")
            .because_for(
                neglected.as_ref(),
                "Something such as an old transaction needs the rows, or autovacuum cannot keep up with",
            )
            .because_for(recent.as_ref(), "The snapshot does not show whether autovacuum has had the time to vacuum")
            .keepers(found)
            .advise_if(!found.all(Overdue::is_vacuumed), "Run VACUUM.")
            .advise_if(vacuumed.is_some(), "Wait until the running VACUUM has finished, then check again.")
            .advise_if(
                recent.is_some(),
                "Or check again after some minutes: autovacuum removes rows that died a short time ago.",
            )
            .advise_if(is_for_server, "Enable autovacuum for the server, see PGD501.")
            .advise_if(disabled.is_some(), "Re-enable autovacuum where the storage parameter disables it.")
            .advise_if(
                neglected.is_some(),
                "Then check what holds autovacuum back: old transactions, replication slots, prepared transactions, or \
                 a low cost limit.",
            )
            .impact("Reads and writes continue; VACUUM scans the table once, and DDL on it waits.")
    }

    /// Which transactions keep rows that VACUUM has left, and that they must end first.
    fn keepers(self, found: &Found<Overdue<'_>>) -> Self {
        let words: BTreeSet<String> = found.iter().filter_map(|overdue| overdue.keeper).map(Holder::words).collect();
        let Some(kept) = found.part(|overdue| overdue.keeper.is_some()) else { return self };
        let names = words.into_iter().collect::<Vec<_>>().join(", ");
        let statements: BTreeSet<&str> = found.iter().filter_map(|overdue| overdue.release.as_deref()).collect();
        let draft = self
            .because(format!(
                "VACUUM has run on {kept}, but could not remove rows that might still be needed: {names}."
            ))
            .advise(format!("First end what needs the rows: {names}. VACUUM cannot remove them before."));
        if statements.is_empty() { draft } else { draft.run(statements.into_iter().collect::<Vec<_>>().join("\n")) }
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn a_scale_factor_has_one_or_two_digits_that_count() {
        let shares = [0.1, 0.083_33, 0.02, 0.001_25, 0.000_4, 0.000_01];
        assert_eq!(shares.map(rounded), ["0.1", "0.083", "0.02", "0.0013", "0.0004", "0.00001"]);
    }
}
