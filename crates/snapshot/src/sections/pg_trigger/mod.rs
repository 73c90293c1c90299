//! Triggers that are disabled.

use crate::section;

section! {
    /// Triggers that are disabled, including those of foreign keys.
    section pg_trigger {
        scope: Database,
        why: "A disabled trigger, especially of a foreign key, allows invalid rows.",
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
        tgenabled: Option<char>,
        /// Whether it is internal, generated for a constraint.
        tgisinternal: Option<bool>,
        /// The constraint that it enforces, see `pg_constraint`; null if none.
        tgconstraint: Option<i64>,
    }
}
