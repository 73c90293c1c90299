//! A session's transaction holds the xmin horizon.

use crate::engine::horizon::{Holding, holding, lasting};
use crate::engine::prelude::*;
use crate::facts::horizon::{self, HolderKind};
use crate::facts::sessions;
use crate::rules::locks::idle_in_transaction;

rule! {
    /// ## What it sees
    ///
    /// A session, in any database, whose transaction has a snapshot or has written: `backend_xmin` or `backend_xid` in
    /// `pg_stat_activity`. This includes a session that is idle in a transaction after it has written. A parallel worker has the
    /// snapshot of its leader, and a session that only has the age of an older transaction is not blamed for it. A
    /// session that PGD1104 reports as a warning or worse, because it is idle in the transaction, is left out.
    ///
    /// ## Why it matters
    ///
    /// VACUUM must keep every row that the oldest transaction might still see. As long as it is open, dead rows accumulate in all
    /// tables of its database, and VACUUM runs again and again without removing them. A transaction that has written affects the
    /// other databases too.
    ///
    /// ## Threshold
    ///
    /// Notice if the transaction has been open for {NOTICE}, warning from {WARNING}. From {LASTING} on if it hurts: VACUUM has run
    /// since the transaction began, and has left dead rows at {HURTS} times a table's autovacuum threshold or more; warning at
    /// {HURTS_MUCH} times. The time counts, not the number of transactions.
    ///
    /// ## Remedy
    ///
    /// Ask whoever runs the session, then end it. Set `idle_in_transaction_session_timeout` for the role if it was idle.
    ///
    /// ## When to ignore this
    ///
    /// A backup with `pg_dump`, or a report that takes hours on purpose.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_stat_activity": [ { "pid": 4711, "backend_type": "client backend", "state": "idle in transaction",
    ///                           "datname": "shop", "usename": "app", "backend_xid_age": 90000,
    ///                           "xact_start": "2026-01-01T08:00:00Z" } ] }
    /// ```
    ///
    /// A report that has run for ten minutes, with a parallel worker:
    ///
    /// ```json passed
    /// { "pg_settings": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_stat_activity": [ { "pid": 4711, "backend_type": "client backend", "state": "active", "datname": "shop",
    ///                           "usename": "app", "backend_xmin_age": 900000, "xact_start": "2026-01-01T11:50:00Z" },
    ///                         { "pid": 4712, "leader_pid": 4711, "backend_type": "parallel worker", "state": "active",
    ///                           "datname": "shop", "backend_xmin_age": 900000, "xact_start": "2026-01-01T11:50:00Z" } ] }
    /// ```
    ///
    /// VACUUM has just run, but the transaction is two seconds old:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "system": [ { "is_in_recovery": false } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 150000,
    ///                              "last_vacuum": "2026-01-01T11:59:59Z" } ],
    ///   "pg_stat_activity": [ { "pid": 4711, "backend_type": "client backend", "state": "active", "datname": "shop",
    ///                           "usename": "app", "backend_xmin_age": 9, "xact_start": "2026-01-01T11:59:58Z" } ] }
    /// ```
    ///
    /// VACUUM does not hold the horizon, however long it runs:
    ///
    /// ```json passed
    /// { "pg_settings": [], "pg_class": [], "pg_stat_user_tables": [], "system": [ { "is_in_recovery": false } ],
    ///   "pg_stat_activity": [ { "pid": 4711, "backend_type": "client backend", "state": "active", "datname": "shop",
    ///                           "usename": "dba", "backend_xmin_age": 900000, "xact_start": "2026-01-01T01:00:00Z" } ],
    ///   "pg_stat_progress_vacuum": [ { "pid": 4711, "datid": 5, "relid": 16385 } ] }
    /// ```
    rule horizon_held_by_session {
        code: PGD507,
        title: "The transaction of a session holds the xmin horizon",
        passed: "No session holds the xmin horizon for long",
        worst: Warning,
        reads: [system, session_holders, horizon, tables, sessions, held_locks],
        source: "PostgreSQL manual, Recovering Disk Space",
        thresholds: {
            /// A transaction that has been open for this long is a notice.
            NOTICE: Millis = Millis(3_600_000.0),
            /// A transaction that has been open for this long is a warning.
            WARNING: Millis = Millis(86_400_000.0),
            /// Shorter transactions are normal.
            LASTING: Millis = horizon::LASTING,
            /// Multiple of a table's autovacuum threshold in dead rows that VACUUM has left.
            HURTS: f64 = 2.0,
            /// The multiple that is a warning at once.
            HURTS_MUCH: f64 = 5.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Holding<'a>>> {
    view.session_holders()?;
    let idle: Vec<Subject> = idle_in_transaction::check(view)?
        .iter()
        .filter(|idle| idle_in_transaction::severity(idle) >= Some(Severity::Warning))
        .map(|idle| sessions::subject(idle.session))
        .collect();
    let mut found = holding(view, HolderKind::Session)?;
    found.retain(|holding| !idle.contains(&holding.holder.subject()));
    found.retain(|holding| holding.lasts(NOTICE) || (holding.lasts(LASTING) && holding.multiple() >= Some(HURTS)));
    Ok(found)
}

fn subject(holding: &Holding<'_>) -> About {
    let is_warning = holding.lasts(WARNING) || holding.multiple() >= Some(HURTS_MUCH);
    holding.about().severity(if is_warning { Severity::Warning } else { Severity::Notice })
}

fn describe(found: &Found<Holding<'_>>) -> Draft {
    Draft::new(format!("End the transaction of {}{}", found.each("session", "sessions"), lasting(found)))
        .holding(found)
        .advise("Ask whoever runs it, then end the session; its transaction is rolled back.")
        .advise("If it was idle, set idle_in_transaction_session_timeout for its role.")
        .impact("The session ends, and its uncommitted changes are lost.")
        .undo_text("The application connects again and repeats the transaction.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::find;
    use crate::facts::Beside;
    use crate::{Facts, Finding, Options, analyze, example};

    /// Sessions that have held the horizon for two hours.
    fn found(pids: &[i64]) -> Finding {
        let session = |pid: &i64| {
            serde_json::json!({ "pid": pid, "backend_type": "client backend", "state": "idle in transaction",
                                "backend_xid_age": 90, "backend_start": "2026-01-01T08:00:00Z",
                                "xact_start": "2026-01-01T10:00:00Z" })
        };
        let document = serde_json::json!({
            "pg_settings": [], "pg_class": [], "pg_stat_user_tables": [], "system": [{ "is_in_recovery": false }],
            "pg_stat_activity": pids.iter().map(session).collect::<Vec<_>>(),
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default()).unwrap().unwrap()
    }

    #[test]
    fn a_session_that_is_reported_as_idle_is_not_reported_twice() {
        let codes = |idle_since: &str| {
            let document = serde_json::json!({
                "pg_settings": [], "pg_class": [], "pg_stat_user_tables": [], "system": [{ "is_in_recovery": false }],
                "pg_stat_activity": [{ "pid": 7, "backend_type": "client backend", "state": "idle in transaction", "datname": "shop",
                                       "backend_xid_age": 90, "backend_start": "2026-01-01T08:00:00Z",
                                       "xact_start": "2026-01-01T10:00:00Z", "state_change": idle_since }],
            });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            let of_session = |code: &&String| ["PGD507", "PGD1104"].contains(&code.as_str());
            findings.iter().map(|finding| &finding.code).filter(of_session).cloned().collect::<Vec<_>>()
        };
        assert_eq!(codes("2026-01-01T10:30:00Z"), ["PGD1104"]);
        assert_eq!(codes("2026-01-01T11:59:00Z"), ["PGD507"]);
    }

    #[test]
    fn only_this_session_is_terminated() {
        let finding = found(&[7]);
        assert_eq!(finding.summary, "End the transaction of session 7: xmin horizon held for 2 h");
        let sql = finding.statements().unwrap();
        assert!(sql.ends_with("WHERE pid = 7 AND backend_start = '2026-01-01T08:00:00Z';"), "{sql}");
        let several = found(&[7, 8]).summary;
        assert_eq!(several, "End the transaction of 2 sessions: xmin horizon held for up to 2 h");
    }
}
