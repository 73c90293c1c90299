//! Prepared transactions were never completed.

use crate::engine::prelude::*;
use crate::facts::locks::party::completions;
use crate::facts::locks::{Prepared, Release};

rule! {
    /// ## What it sees
    ///
    /// A prepared transaction that nobody has committed or rolled back for a long time.
    ///
    /// ## Why it matters
    ///
    /// It holds its locks and prevents VACUUM from removing rows without a session that could be seen in
    /// `pg_stat_activity`, and it survives a restart. If it is forgotten, it leads to transaction ID wraparound.
    ///
    /// ## Threshold
    ///
    /// Warning from {WARNING} on, critical from {CRITICAL} on. A transaction manager completes a transaction within
    /// seconds.
    ///
    /// ## Remedy
    ///
    /// Ask the transaction manager whether the transaction was committed elsewhere: then COMMIT PREPARED, otherwise
    /// ROLLBACK PREPARED, in the database where it was prepared. Its name is not part of a snapshot; the query
    /// shows it with both commands and runs neither. If no transaction manager is used, set `max_prepared_transactions` to 0.
    ///
    /// ## When to ignore this
    ///
    /// While a transaction manager recovers after a failure.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_prepared_xacts": [ { "transactionid": "742", "transaction_age": 100, "prepared": "2026-01-01T10:00:00Z", "owner": "app",
    ///                            "database": "shop" } ] }
    /// ```
    /// ```json passed
    /// { "pg_prepared_xacts": [ { "transactionid": "742", "transaction_age": 100, "prepared": "2026-01-01T11:59:00Z", "owner": "app",
    ///                            "database": "shop" } ] }
    /// ```
    /// ```json passed
    /// { "pg_prepared_xacts": [] }
    /// ```
    rule prepared_transaction_old {
        code: PGD1106,
        title: "Prepared transactions were never completed",
        passed: "No prepared transaction is old",
        worst: Critical,
        reads: [prepared_transactions],
        source: "PostgreSQL manual, PREPARE TRANSACTION",
        thresholds: {
            /// An age that causes a warning.
            WARNING: Millis = Millis(3_600_000.0),
            /// An age that is critical.
            CRITICAL: Millis = Millis(86_400_000.0),
        },
    }
}

pub(crate) fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Prepared>> {
    let is_old = |prepared: &&Prepared| prepared.age >= Some(WARNING);
    Ok(view.prepared_transactions()?.iter().filter(is_old).collect())
}

fn subject(prepared: &&Prepared) -> About {
    let row = &prepared.row;
    let age = prepared.age.unwrap_or_default();
    let subject = Subject::named(SubjectKind::PreparedTransaction, row.transactionid.as_deref().unwrap_or("unknown"));
    About::new(subject.in_database(row.database.as_deref()), age)
        .severity(if age >= CRITICAL { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("age", age).against(WARNING),
            Figure::new("owner", row.owner.clone()),
            Figure::new("database", row.database.clone()),
            Figure::new("transaction_age", row.transaction_age).labelled("age in transactions"),
        ])
}

fn describe(found: &Found<&Prepared>) -> Draft {
    let oldest = display::duration(Millis(found.max(|prepared| Some(prepared.age?.0))));
    let up_to = if found.only().is_some() { "" } else { "up to " };
    let statements = found.iter().filter_map(|prepared| prepared.row.transactionid.as_deref()).map(completions);
    Draft::new(format!(
        "Commit or roll back {}: prepared {up_to}{oldest} ago",
        found.counted("prepared transaction", "prepared transactions")
    ))
    .because("It keeps its locks, and VACUUM must keep rows for it, although no session runs it.")
    .advise(Release::CompletePrepared.advice())
    .query(statements.collect::<Vec<_>>().join("\n"))
}
