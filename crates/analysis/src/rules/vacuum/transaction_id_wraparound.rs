//! A database uses up its transaction IDs.

use crate::engine::freeze::{Old, old_databases};
use crate::engine::prelude::*;
use crate::facts::freeze::DatabaseAge;

rule! {
    /// ## What it sees
    ///
    /// The age of a database's oldest unfrozen transaction ID, `age(datfrozenxid)`, of every database of the cluster.
    ///
    /// ## Why it matters
    ///
    /// There are two thousand million transaction IDs. Before a database has used them up, the server assigns no more: every
    /// statement that writes fails, in all databases, until VACUUM has frozen the oldest rows. An age that is a multiple of
    /// `autovacuum_freeze_max_age` means that autovacuum, which starts to freeze at that age, has failed for a long time.
    ///
    /// ## Threshold
    ///
    /// Warning from {WARNING} transactions, but not before {MULTIPLE} times `autovacuum_freeze_max_age`; critical from {CRITICAL},
    /// where the failsafe of VACUUM begins, and when less than 40 million IDs are left. An age just above
    /// `autovacuum_freeze_max_age` is normal.
    ///
    /// ## Remedy
    ///
    /// End what holds the xmin horizon, then run VACUUM in the database, as a superuser so that no catalog is skipped. Single-user
    /// mode is not necessary, even after the server has stopped assigning IDs. The time left is known if the snapshot is a delta.
    ///
    /// ## When to ignore this
    ///
    /// Never. If `autovacuum_freeze_max_age` was raised on purpose, the warning already takes it into account.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_database": [ { "oid": 5, "datname": "shop", "datfrozenxid_age": 900000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "200000000" } ],
    ///   "pg_database": [ { "oid": 5, "datname": "shop", "datfrozenxid_age": 210000000 } ] }
    /// ```
    ///
    /// With a limit of a thousand million transactions, an age of the same size is routine:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_freeze_max_age", "setting": "1000000000" } ],
    ///   "pg_database": [ { "oid": 5, "datname": "shop", "datfrozenxid_age": 1010000000 } ] }
    /// ```
    rule transaction_id_wraparound {
        code: PGD503,
        title: "A database uses up its transaction IDs",
        passed: "All databases are far from transaction ID wraparound",
        worst: Critical,
        reads: [freeze, horizon, transaction_ids],
        source: "PostgreSQL manual, Preventing Transaction ID Wraparound Failures",
        thresholds: {
            /// Age in transactions that causes a warning.
            WARNING: i64 = 500_000_000,
            /// The warning begins at this multiple of `autovacuum_freeze_max_age` if that is later.
            MULTIPLE: f64 = 2.5,
            /// Age in transactions that is critical.
            CRITICAL: i64 = 1_600_000_000,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Old<'a>>> {
    let rate = view.transaction_ids()?.rate(view.earlier().and_then(|earlier| earlier.transaction_ids().ok())).ok();
    let is_old = |database: &DatabaseAge| {
        database.xid.filter(|xid| xid.age >= CRITICAL || (xid.age >= WARNING && xid.multiple() >= Some(MULTIPLE)))
    };
    let old = old_databases(view.freeze()?, view.horizon()?, is_old);
    Ok(old.into_iter().map(|old| old.with_rate(rate)).collect())
}

fn subject(old: &Old<'_>) -> About {
    old.about("transactions", if old.age.age >= CRITICAL { CRITICAL } else { WARNING })
        .severity(if old.age.age >= CRITICAL { Severity::Critical } else { Severity::Warning })
}

fn describe(found: &Found<Old<'_>>) -> Draft {
    let left = display::count(found.iter().map(|old| old.age.left()).min().unwrap_or(0));
    Draft::new(format!("Vacuum {}: {left} transaction IDs left", found.each("database", "databases")))
        .because("At the end the server assigns no more transaction IDs, and every statement that writes fails.")
        .freeze_databases(found)
}
