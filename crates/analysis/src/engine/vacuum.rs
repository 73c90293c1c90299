//! The remedy of rules that have tables vacuumed.

use super::draft::Draft;
use super::found::Found;
use crate::facts::tables::Table;
use crate::format::Confidence;

/// A table that needs VACUUM, and whether one is running on it if that is known.
#[derive(Debug)]
pub struct Overdue<'a> {
    /// The table.
    pub table: &'a Table,
    /// Whether VACUUM is running on it; none if it might.
    pub is_vacuumed: Option<bool>,
}

impl Overdue<'_> {
    /// Whether VACUUM is known to be running on it.
    #[must_use]
    pub fn is_vacuumed(&self) -> bool {
        self.is_vacuumed == Some(true)
    }

    /// Whether autovacuum should have processed it.
    fn is_neglected(&self) -> bool {
        !self.is_vacuumed() && !self.table.autovacuum.is_disabled()
    }

    /// Statements that vacuum it, unless that is being done, and re-enable autovacuum for it.
    #[must_use]
    pub fn statements(&self) -> Option<String> {
        let name = self.table.name.sql();
        // A TOAST table has the parameter of its table.
        let is_disabled = self.table.is_own() && self.table.autovacuum.is_disabled_for_table();
        let vacuum = (!self.is_vacuumed()).then(|| format!("VACUUM (VERBOSE, ANALYZE) {name};"));
        let enable = is_disabled.then(|| format!("ALTER TABLE {name} RESET (autovacuum_enabled);"));
        let statements: Vec<String> = vacuum.into_iter().chain(enable).collect();
        (!statements.is_empty()).then(|| statements.join("\n"))
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
        let is_certain = found.all(|overdue| overdue.is_vacuumed == Some(false));
        self.confidence(if is_certain { Confidence::High } else { Confidence::Medium })
            .because_for(vacuumed.as_ref(), "VACUUM is running on")
            .because_for(disabled.as_ref(), "The storage parameter autovacuum_enabled disables autovacuum for")
            .because_if(is_for_server, "Autovacuum is disabled for the whole server.")
            .because_for(
                neglected.as_ref(),
                "Something such as an old transaction needs the rows, or autovacuum cannot keep up with",
            )
            .advise_if(!found.all(Overdue::is_vacuumed), "Run VACUUM.")
            .advise_if(vacuumed.is_some(), "Wait until the running VACUUM has finished, then check again.")
            .advise_if(is_for_server, "Enable autovacuum for the server, see PGD501.")
            .advise_if(disabled.is_some(), "Re-enable autovacuum where the storage parameter disables it.")
            .advise_if(
                neglected.is_some(),
                "Then check what holds autovacuum back: old transactions, replication slots, prepared transactions, or \
                 a low cost limit.",
            )
            .impact("Reads and writes continue; VACUUM scans the table once, and DDL on it waits.")
    }
}
