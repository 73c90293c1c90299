//! Many transactions of a database are rolled back.

use crate::engine::prelude::*;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

rule! {
    /// ## What it sees
    ///
    /// A database in which a relevant part of all transactions is rolled back.
    ///
    /// ## Why it matters
    ///
    /// Mostly statements fail: on constraints, deadlocks, timeouts or missing objects. Their work is lost, and the rows that they
    /// wrote remain as dead rows.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_ROLLBACKS} rollbacks, and at least {MIN_RATIO} of all transactions since the counters were reset.
    ///
    /// ## Remedy
    ///
    /// Check the server log for errors: it has the statement of each. For duplicate keys, `INSERT … ON CONFLICT` avoids the
    /// error.
    ///
    /// ## When to ignore this
    ///
    /// Some drivers and connection poolers end reading transactions with `ROLLBACK`, and test suites roll back everything: that
    /// costs nothing.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "xact_commit": 50000, "xact_rollback": 20000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_database": [ { "datid": 5, "datname": "shop", "xact_commit": 50000, "xact_rollback": 2000 } ] }
    /// ```
    rule rollback_ratio {
        code: PGD712,
        title: "Many transactions are rolled back",
        passed: "Few transactions are rolled back",
        worst: Info,
        reads: [databases],
        source: "PostgreSQL manual, pg_stat_database; the thresholds are pgdba's own",
        thresholds: {
            /// Rollbacks below which they are negligible.
            MIN_ROLLBACKS: i64 = 1000,
            /// Share of all transactions from which on rollbacks are reported.
            MIN_RATIO: Ratio = Ratio(0.1),
        },
    }
}

struct RolledBack<'a> {
    database: &'a PgStatDatabase,
    ratio: Ratio,
    in_window: Option<Figure>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<RolledBack<'a>>> {
    let databases = view.databases()?.named();
    let found = databases.filter_map(|(database, growth)| {
        let rollbacks = database.xact_rollback.filter(|count| *count >= MIN_ROLLBACKS)?;
        let ratio = Ratio::of(rollbacks, rollbacks.saturating_add(database.xact_commit?))?;
        let in_window = growth.figure("rollbacks_in_window", "rollbacks over the delta", |row| row.xact_rollback);
        (ratio >= MIN_RATIO).then_some(RolledBack { database, ratio, in_window })
    });
    Ok(found.collect())
}

fn subject(found: &RolledBack<'_>) -> About {
    let name = found.database.datname.as_deref().unwrap_or_default();
    About::new(Subject::named(SubjectKind::Database, name), found.ratio)
        .figures([
            Figure::new("rollback_ratio", found.ratio).labelled("share of rollbacks").against(MIN_RATIO),
            Figure::new("rollbacks", found.database.xact_rollback),
            Figure::new("commits", found.database.xact_commit),
            Figure::new("deadlocks", found.database.deadlocks),
        ])
        .figures(found.in_window.clone())
}

fn describe(found: &Found<RolledBack<'_>>) -> Draft {
    let share = found.only().map(|only| format!(": {} of its transactions are rolled back", display::percent(only.ratio)));
    let share = share.unwrap_or_else(|| ": many transactions are rolled back".to_owned());
    Draft::new(format!("Check the errors in {}{share}", found.each("database", "databases")))
        .confidence(Confidence::Medium)
        .because("Mostly statements fail; their work is lost, and the rows that they wrote remain as dead rows.")
        .because("Some drivers and poolers end reading transactions with ROLLBACK, which costs nothing.")
        .advise("Check the server log for errors: it has the statement of each.")
        .effort(Effort::Project)
}
