//! Databases whose DROP DATABASE was interrupted.

use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_database::PgDatabase;

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// Databases that DROP DATABASE marked as invalid before it was interrupted (16 and newer, and recent minor versions of 12 to 15).
    ///
    /// ## Why it matters
    ///
    /// Part of the files is gone. Nobody can connect to the database, it still occupies space, and it holds back the oldest transaction
    /// ID, since autovacuum cannot process it.
    ///
    /// ## Threshold
    ///
    /// None.
    ///
    /// ## Remedy
    ///
    /// Drop it again. Its data cannot be recovered, except from a backup.
    ///
    /// ## When to ignore this
    ///
    /// Never.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_database": [ { "oid": 16384, "datname": "old", "datconnlimit": -2 } ] }
    /// ```
    /// ```json passed
    /// { "pg_database": [ { "oid": 16384, "datname": "shop", "datconnlimit": -1 } ] }
    /// ```
    rule invalid_database {
        code: PGD1407,
        title: "A database is invalid because DROP DATABASE was interrupted",
        passed: "No database is invalid",
        worst: Warning,
        reads: [database_catalog],
        source: "PostgreSQL manual, DROP DATABASE",
    }
}

/// `pg_database.datconnlimit` of an invalid database.
const INVALID: i64 = -2;

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a PgDatabase>> {
    Ok(view.database_catalog()?.iter().filter(|database| database.datconnlimit == Some(INVALID)).collect())
}

fn subject(database: &&PgDatabase) -> About {
    About::new(Subject::named(SubjectKind::Database, &database.datname), Weight::All)
        .figures([Figure::new("age_of_oldest_transaction_id", database.datfrozenxid_age)])
        .run(format!("DROP DATABASE {};", quote_identifier(&database.datname)))
}

fn describe(found: &Found<&PgDatabase>) -> Draft {
    Draft::new(format!("Drop {} again", found.each("the invalid database", "invalid databases")))
        .because("DROP DATABASE was interrupted: part of the files is gone, and nobody can connect to it.")
        .because("It occupies space, and autovacuum cannot process it.")
        .advise("Drop it again. If its data is needed, restore it from a backup under another name first.")
        .impact("It removes what is left of the database.")
        .undo_text("It cannot be undone; the data cannot be read already.")
}
