//! A database uses up its multixacts.

use crate::engine::freeze::{Old, old_databases};
use crate::engine::prelude::*;
use crate::facts::freeze::DatabaseAge;

rule! {
    /// ## What it sees
    ///
    /// The age of a database's oldest unfrozen multixact, `mxid_age(datminmxid)`, of every database of the cluster. The server
    /// assigns a multixact when several transactions lock one row, as foreign keys do.
    ///
    /// ## Why it matters
    ///
    /// As with transaction IDs, the server assigns no more before they are used up, and statements that lock rows fail. The space
    /// for their members can be used up even earlier; until version 18, no view shows it.
    ///
    /// ## Threshold
    ///
    /// Warning from {MULTIPLE} times `autovacuum_multixact_freeze_max_age`, critical from {CRITICAL} multixacts.
    ///
    /// ## Remedy
    ///
    /// End what holds the xmin horizon, then run VACUUM in the database, as a superuser so that no catalog is skipped.
    ///
    /// ## When to ignore this
    ///
    /// Never.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_multixact_freeze_max_age", "setting": "400000000" } ],
    ///   "pg_database": [ { "oid": 5, "datname": "shop", "datminmxid_age": 900000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_multixact_freeze_max_age", "setting": "400000000" } ],
    ///   "pg_database": [ { "oid": 5, "datname": "shop", "datminmxid_age": 410000000 } ] }
    /// ```
    rule multixact_wraparound {
        code: PGD504,
        title: "A database uses up its multixacts",
        passed: "All databases are far from multixact wraparound",
        worst: Critical,
        reads: [freeze, horizon],
        source: "PostgreSQL manual, Multixacts and Wraparound",
        thresholds: {
            /// Multiple of `autovacuum_multixact_freeze_max_age` that causes a warning.
            MULTIPLE: f64 = 2.0,
            /// Age in multixacts that is critical.
            CRITICAL: i64 = 1_600_000_000,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Old<'a>>> {
    let is_old = |database: &DatabaseAge| {
        database.multixact.filter(|multixact| multixact.age >= CRITICAL || multixact.multiple() >= Some(MULTIPLE))
    };
    Ok(old_databases(view.freeze()?, view.horizon()?, is_old))
}

fn subject(old: &Old<'_>) -> About {
    let warning = old.age.limits.freeze.map_or(CRITICAL, |freeze| (freeze as f64 * MULTIPLE) as i64);
    let is_critical = old.age.age >= CRITICAL;
    old.about("multixacts", if is_critical { CRITICAL } else { warning })
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
}

fn describe(found: &Found<Old<'_>>) -> Draft {
    let left = display::count(found.iter().map(|old| old.age.left()).min().unwrap_or(0));
    Draft::new(format!("Vacuum {}: {left} multixacts left", found.each("database", "databases")))
        .because("At the end the server assigns no more multixacts, and statements that lock rows fail.")
        .freeze_databases(found)
}
