//! Disabled triggers.

use std::collections::BTreeMap;

use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_trigger::PgTrigger;

use super::relation::{RelationName, Relations};

/// The disabled triggers of a table.
#[derive(Debug)]
pub struct DisabledTriggers {
    /// The table.
    pub table: RelationName,
    /// How many of them enforce a foreign key.
    pub of_key: i64,
    triggers: Vec<PgTrigger>,
}

impl DisabledTriggers {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        i64::try_from(self.triggers.len()).unwrap_or(i64::MAX)
    }

    /// Enables each of them and no other: `USER` and `ALL` also change triggers that fire as `REPLICA` or `ALWAYS`.
    #[must_use]
    pub fn enable(&self) -> String {
        self.alter("ENABLE")
    }

    /// Disables each of them again.
    #[must_use]
    pub fn disable(&self) -> String {
        self.alter("DISABLE")
    }

    fn alter(&self, verb: &str) -> String {
        let action = |trigger: &PgTrigger| format!("{verb} TRIGGER {}", quote_identifier(&trigger.tgname));
        let actions: Vec<String> = self.triggers.iter().map(action).collect();
        format!("ALTER TABLE {} {};", self.table.sql(), actions.join(", "))
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> String {
        self.triggers.iter().map(|trigger| trigger.tgname.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// The disabled triggers of each table.
pub(super) fn by_table(triggers: Vec<PgTrigger>, relations: &Relations) -> Vec<DisabledTriggers> {
    let mut of_table = BTreeMap::<usize, Vec<PgTrigger>>::new();
    for trigger in triggers.into_iter().filter(|trigger| trigger.tgenabled == Some('D')) {
        if let Some(position) = relations.position(trigger.datname.as_deref(), trigger.tgrelid) {
            of_table.entry(position).or_default().push(trigger);
        }
    }
    let disabled = of_table.into_iter().filter_map(|(position, triggers)| {
        let of_key = triggers.iter().filter(|trigger| trigger.tgisinternal == Some(true)).count();
        let table = relations.name(position)?;
        Some(DisabledTriggers { table, of_key: i64::try_from(of_key).unwrap_or(i64::MAX), triggers })
    });
    disabled.collect()
}
