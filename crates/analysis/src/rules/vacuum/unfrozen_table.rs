//! Autovacuum has not frozen a table in time.

use crate::engine::prelude::*;
use crate::engine::vacuum::enable;

rule! {
    /// ## What it sees
    ///
    /// A table or TOAST table whose oldest unfrozen transaction ID or multixact is far older than the age from which autovacuum
    /// freezes it: `autovacuum_freeze_max_age` and `autovacuum_multixact_freeze_max_age`, which storage parameters can lower.
    ///
    /// ## Why it matters
    ///
    /// The oldest table determines the age of its database, and with it when the server stops assigning transaction IDs.
    /// Autovacuum freezes such a table even where it is disabled, so it has been failing: it is canceled, it is too slow, an error
    /// such as a damaged page stops it each time, or a transaction, a replication slot or a prepared transaction holds the horizon.
    ///
    /// ## Threshold
    ///
    /// {MULTIPLE} times the table's age limit, and at least {MIN_AGE}. It is a notice while VACUUM is running on the table.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table, and look for the reason in the server log.
    ///
    /// ## When to ignore this
    ///
    /// Never.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "events", "relkind": "r",
    ///                   "relfrozenxid_age": 450000000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "events", "relkind": "r",
    ///                   "relfrozenxid_age": 250000000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    ///
    /// A table with a low limit of its own is past it for a while each time:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "events", "relkind": "r",
    ///                   "reloptions": [ "autovacuum_freeze_max_age=1000000" ], "relfrozenxid_age": 3000000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    rule unfrozen_table {
        code: PGD505,
        title: "Autovacuum has not frozen tables in time",
        passed: "All tables are frozen in time",
        worst: Warning,
        reads: [tables, vacuums],
        source: "PostgreSQL manual, Preventing Transaction ID Wraparound Failures",
        thresholds: {
            /// Multiple of the table's age limit.
            MULTIPLE: f64 = 2.0,
            /// Lower ages, in transactions or multixacts, are routine.
            MIN_AGE: i64 = 400_000_000,
        },
    }
}

struct Unfrozen<'a> {
    table: &'a Table,
    is_vacuumed: bool,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Unfrozen<'a>>> {
    let running = view.vacuums()?;
    let is_old = |age: Option<i64>, limit: Option<i64>| {
        age >= Some(MIN_AGE) && age.zip(limit).is_some_and(|(age, limit)| age as f64 >= limit as f64 * MULTIPLE)
    };
    let is_unfrozen = |table: &&Table| {
        is_old(table.freeze_age, table.thresholds.freeze) || is_old(table.multixact_age, table.thresholds.multixact)
    };
    let unfrozen = |table: &'a Table| Unfrozen { table, is_vacuumed: table.is_processed_by(running) == Some(true) };
    Ok(view.tables()?.all.iter().filter(is_unfrozen).map(unfrozen).collect())
}

fn subject(unfrozen: &Unfrozen<'_>) -> About {
    let table = unfrozen.table;
    let enabled = table.autovacuum.is_disabled_for_table().then(|| format!("\n{}", enable(table)));
    About::table(&table.name, Weight::rows(table.freeze_age.max(table.multixact_age)))
        .severity(if unfrozen.is_vacuumed { Severity::Notice } else { Severity::Warning })
        .figures([
            Figure::new("freeze_age", table.freeze_age).against(table.thresholds.freeze),
            Figure::new("multixact_age", table.multixact_age).against(table.thresholds.multixact),
            Figure::new("last_vacuum", table.last_vacuum()),
            Figure::new("size", table.size),
            Figure::new("vacuum_running", if unfrozen.is_vacuumed { "yes" } else { "no" }),
        ])
        .run(format!("VACUUM (VERBOSE) {};{}", table.remedied().sql(), enabled.unwrap_or_default()))
}

fn describe(found: &Found<Unfrozen<'_>>) -> Draft {
    let multiple = Quantity::Number(found.max(|unfrozen| unfrozen.table.freeze_multiple())).display();
    Draft::new(format!("Freeze {}: up to {multiple} times the age limit", found.named("table", "tables")))
        .because("Autovacuum freezes a table from its age limit on, even where it is disabled, and has not succeeded.")
        .because("The oldest table determines when the server stops assigning transaction IDs.")
        .because_for(found.part(|unfrozen| unfrozen.is_vacuumed).as_ref(), "VACUUM is running on")
        .advise("Run VACUUM, and check the server log for canceled autovacuum tasks and errors.")
        .advise("If the age does not fall, something holds the xmin horizon: see pgdba query vacuum-health.")
        .impact("Reads and writes continue; VACUUM reads every page that is not frozen yet, and writes most of them.")
}
