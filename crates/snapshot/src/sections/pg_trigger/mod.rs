//! Triggers that are disabled.

use crate::section;

section! {
    /// Triggers that do not fire, those behind foreign keys too.
    section pg_trigger {
        scope: Database,
        why: "A trigger that is switched off, one behind a foreign key above all, lets wrong rows in.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgTrigger {
        /// The trigger's oid.
        oid: i64,
        /// The table's oid, see `pg_class`.
        tgrelid: i64,
        /// Its name.
        tgname: String,
        /// `D`: disabled.
        tgenabled: Option<String>,
        /// Whether the server made it, for a constraint.
        tgisinternal: Option<bool>,
        /// The constraint it is for, see `pg_constraint`; null if none.
        tgconstraint: Option<i64>,
    }
}
