//! A temporary table is never frozen.

use crate::engine::prelude::*;
use crate::facts::temporary::TemporaryTable;

rule! {
    /// ## What it sees
    ///
    /// A temporary table whose oldest unfrozen transaction ID or multixact is old.
    ///
    /// ## Why it matters
    ///
    /// Autovacuum cannot read the temporary tables of a session, so it never freezes them. As long as the session keeps such a
    /// table, the age of the whole database grows, and in the end the server stops assigning transaction IDs. Autovacuum drops
    /// only what a crashed session has left.
    ///
    /// ## Threshold
    ///
    /// {SHARE} of `autovacuum_freeze_max_age`, or of `autovacuum_multixact_freeze_max_age`.
    ///
    /// ## Remedy
    ///
    /// End the session, or let it drop or vacuum the table. The number in the name of its schema identifies the session. Have
    /// connection poolers close server connections after some hours.
    ///
    /// ## When to ignore this
    ///
    /// Never.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ], "pg_database": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "pg_temp_3", "relname": "basket", "relkind": "r", "relpersistence": "t",
    ///                   "relfrozenxid_age": 150000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ], "pg_database": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "pg_temp_3", "relname": "basket", "relkind": "r", "relpersistence": "t",
    ///                   "relfrozenxid_age": 1500000 } ] }
    /// ```
    rule old_temporary_table {
        code: PGD519,
        title: "Temporary tables hold back freezing",
        passed: "No temporary table holds back freezing",
        worst: Warning,
        reads: [temporary_tables, freeze],
        source: "PostgreSQL manual, CREATE TABLE: temporary tables and autovacuum",
        thresholds: {
            /// Share of the age from which autovacuum freezes other tables.
            SHARE: Ratio = Ratio(0.5),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a TemporaryTable>> {
    let freeze = view.freeze()?;
    let is_past = |age: Option<i64>, limit: Option<i64>| {
        age.zip(limit).and_then(|(age, limit)| Ratio::of(age, limit)) >= Some(SHARE)
    };
    let is_old = |table: &&TemporaryTable| {
        is_past(Some(table.freeze_age), freeze.xid.freeze) || is_past(table.multixact_age, freeze.multixact.freeze)
    };
    Ok(view.temporary_tables()?.iter().filter(is_old).collect())
}

fn subject(table: &TemporaryTable) -> About {
    let about = About::table(&table.name, Weight::rows(Some(table.freeze_age))).figures([
        Figure::new("freeze_age", table.freeze_age),
        Figure::new("multixact_age", table.multixact_age),
        Figure::new("session", table.session).labelled("number of its session"),
    ]);
    let end = table.session.map(|session| format!("SELECT pg_terminate_backend(pg_stat_get_backend_pid({session}));"));
    end.into_iter().fold(about, About::run)
}

fn describe(found: &Found<&TemporaryTable>) -> Draft {
    let oldest = display::count(found.iter().map(|table| table.freeze_age).max().unwrap_or(0));
    let name = found.each("temporary table", "temporary tables");
    Draft::new(format!("Drop {name} or end its session: {oldest} transactions old"))
        .because("Only the session that created a temporary table can vacuum it, so autovacuum never freezes it.")
        .because("It determines the age of its database, and with it when the server stops assigning transaction IDs.")
        .advise("Ask whoever runs the session to drop the table, or end the session.")
        .advise("Let connection poolers close server connections after some hours.")
        .impact("The session ends, and its temporary tables are dropped.")
        .undo_text("The application connects again and creates its temporary tables again.")
}
