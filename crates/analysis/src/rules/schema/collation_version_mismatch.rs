//! Collations that sort differently than when their indexes were built.

use crate::engine::prelude::*;
use crate::facts::collations::ChangedCollations;
use crate::facts::relation::run_in;

rule! {
    /// ## What it sees
    ///
    /// Databases (15 and newer) and collations that record another version of the operating system's C library or of ICU than the one
    /// in use.
    ///
    /// ## Why it matters
    ///
    /// Another version may sort strings in another order. Indexes on text that were built before are then no longer in order: queries
    /// miss rows, and unique indexes accept duplicates. It happens with an upgrade of the operating system, or when a replica or a
    /// restored data directory runs on another one.
    ///
    /// ## Threshold
    ///
    /// None. Collations without a version (`C`, `POSIX`, the builtin provider) do not change.
    ///
    /// ## Remedy
    ///
    /// Rebuild the indexes on text columns, then record the new version with REFRESH. Never refresh before the indexes are rebuilt: that
    /// only removes the warning. The extension `amcheck` tells which indexes are really out of order.
    ///
    /// ## When to ignore this
    ///
    /// If you know that the order of your strings is the same in both versions.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_database": [ { "oid": 5, "datname": "shop", "datallowconn": true, "datcollversion": "2.31", "actual_version": "2.36" } ],
    ///   "pg_collation": [] }
    /// ```
    /// ```json passed
    /// { "pg_database": [ { "oid": 5, "datname": "shop", "datallowconn": true, "datcollversion": "2.36", "actual_version": "2.36" },
    ///                    { "oid": 6, "datname": "c", "datallowconn": true } ],
    ///   "pg_collation": [ { "datname": "shop", "oid": 1, "nspname": "public", "collname": "de", "collversion": "153.120",
    ///                       "actual_version": "153.120" } ] }
    /// ```
    rule collation_version_mismatch {
        code: PGD1403,
        title: "The version of a collation library has changed",
        passed: "All collations have the version with which they were made",
        worst: Critical,
        reads: [changed_collations],
        source: "PostgreSQL manual, ALTER COLLATION: Notes",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a ChangedCollations>> {
    Ok(view.changed_collations()?.iter().collect())
}

fn subject(changed: &&ChangedCollations) -> About {
    let database = Subject::named(SubjectKind::Database, &changed.database);
    let versions = changed.default.as_ref().map(|(before, now)| format!("{before}, now {now}"));
    let others: Vec<String> = changed.others.iter().map(|(name, before, now)| format!("{name} ({before}, now {now})")).collect();
    let sql = database.to_string();
    let mut statements = vec![format!("REINDEX DATABASE CONCURRENTLY {sql};")];
    statements.extend(changed.default.as_ref().map(|_| format!("ALTER DATABASE {sql} REFRESH COLLATION VERSION;")));
    statements.extend(changed.others.iter().map(|(name, ..)| format!("ALTER COLLATION {name} REFRESH VERSION;")));
    About::new(database, Weight::All)
        .figures([
            Figure::new("default_collation", versions.unwrap_or_else(|| "unchanged".to_owned())),
            Figure::new("other_collations", if others.is_empty() { "none".to_owned() } else { others.join(", ") }),
        ])
        .run(run_in(&changed.database, &statements.join("\n")))
}

fn describe(found: &Found<&ChangedCollations>) -> Draft {
    Draft::new(format!("Rebuild the indexes on text in {}: the collation library has changed", found.named("database", "databases")))
        .because("Another version can sort strings differently. Indexes that were built with the old one can miss rows and accept duplicates.")
        .advise("Rebuild the indexes, then record the new version; refreshing it first only removes the warning.")
        .advise("Before that, bt_index_check() of the extension amcheck tells which indexes are out of order.")
        .impact("REINDEX DATABASE CONCURRENTLY rebuilds every index of the database: reads and writes continue, it needs space for the largest index and can take hours.")
        .effort(Effort::Project)
}
