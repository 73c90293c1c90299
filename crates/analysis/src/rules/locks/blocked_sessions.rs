//! Sessions wait long for locks.

use crate::engine::prelude::*;
use crate::facts::locks::{Chain, Wait};

rule! {
    /// ## What it sees
    ///
    /// Sessions that wait for a lock of another session, of a prepared transaction or of autovacuum, at the moment of
    /// collection. Each subject is a root blocker: it blocks the others of its chain, directly or through one
    /// another, and waits for nobody.
    ///
    /// ## Why it matters
    ///
    /// The waiting sessions do nothing, but keep their connections, their own locks and their snapshots. Sessions
    /// that need one of those locks wait too, so the chain grows until the root blocker ends its transaction.
    ///
    /// ## Threshold
    ///
    /// Warning if a session of the chain has waited for at least {WARNING}, critical from {CRITICAL}. Before version 14
    /// the server does not record when a wait began; the age of the waiting statement is used instead, so it is at most
    /// a warning, with medium confidence. Waits for advisory locks are a notice from {CRITICAL} on, since applications
    /// use them to have one process wait for another; CREATE INDEX CONCURRENTLY, which waits for older transactions, is
    /// not reported.
    ///
    /// ## Remedy
    ///
    /// End the transaction of the root blocker, in the mildest way that works: a session that runs no statement is
    /// terminated, a running statement is canceled, a prepared transaction is committed or rolled back. If the locks of a
    /// canceled statement remain, its session is terminated: session-level advisory locks outlast the transaction, and locks
    /// from before a savepoint the statement. So a session whose advisory lock others wait for is terminated at once. A session that
    /// is idle outside a transaction holds advisory locks: it must release them, or is terminated. Autovacuum gives way
    /// by itself, except when it prevents transaction ID wraparound: then it must finish.
    ///
    /// ## When to ignore this
    ///
    /// During planned DDL, such as a migration in a maintenance window.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:50:00Z", "blocked_by": [1] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": true },
    ///                 { "pid": 2, "locktype": "relation", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:59:50Z", "blocked_by": [1] } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction" }, { "pid": 2, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "active" } ],
    ///   "pg_locks": [ { "pid": 1, "locktype": "virtualxid", "database": 5, "relation": 16385, "mode": "AccessExclusiveLock",
    ///                   "granted": true },
    ///                 { "pid": 2, "locktype": "virtualxid", "database": 5, "relation": 16385, "mode": "AccessShareLock",
    ///                   "granted": false, "waitstart": "2026-01-01T11:00:00Z", "blocked_by": [1] } ] }
    /// ```
    rule blocked_sessions {
        code: PGD1101,
        title: "Sessions wait long for locks",
        passed: "No session waits long for a lock",
        worst: Critical,
        reads: [locks],
        source: "PostgreSQL manual, pg_locks and pg_blocking_pids()",
        thresholds: {
            /// A wait of this length causes a warning.
            WARNING: Millis = Millis(60_000.0),
            /// A wait of this length is critical.
            CRITICAL: Millis = Millis(300_000.0),
        },
    }
}

struct Blocked<'a> {
    chain: Chain<'a>,
    longest: Millis,
    is_exact: bool,
    severity: Severity,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Blocked<'a>>> {
    Ok(view.locks()?.chains().filter_map(blocked).collect())
}

/// What is wrong with a chain: waits that nobody wants, or else waits for an advisory lock.
fn blocked(chain: Chain<'_>) -> Option<Blocked<'_>> {
    let is_advisory = |wait: &Wait| wait.locktype == "advisory";
    let unwanted = chain.longest_of(Wait::is_unwanted).filter(|(time, _)| *time >= WARNING);
    let advisory = || chain.longest_of(is_advisory).filter(|(time, _)| *time >= CRITICAL);
    let is_critical = unwanted.is_some_and(|(time, is_exact)| is_exact && time >= CRITICAL);
    let of_unwanted = if is_critical { Severity::Critical } else { Severity::Warning };
    let severity = unwanted.map_or(Severity::Notice, |_| of_unwanted);
    let (longest, is_exact) = unwanted.or_else(advisory)?;
    Some(Blocked { chain, longest, is_exact, severity })
}

fn subject(blocked: &Blocked<'_>) -> About {
    About::party(blocked.chain.root, blocked.longest).severity(blocked.severity).figures([
        Figure::new("longest_wait", blocked.longest).against(WARNING),
        Figure::new("sessions_behind", blocked.chain.behind()),
        Figure::new("depth", blocked.chain.depth()).labelled("longest chain"),
    ])
}

fn describe(found: &Found<Blocked<'_>>) -> Draft {
    let behind = found.sum(|blocked| Some(blocked.chain.behind()));
    let up_to = if behind == 1 { "" } else { "up to " };
    let behind = display::counted(behind, "session", "sessions");
    let who = found.only().map(|blocked| blocked.chain.root.words());
    let who = who.unwrap_or_else(|| found.counted("root blocker", "root blockers"));
    let longest = display::duration(Millis(found.max(|blocked| Some(blocked.longest.0))));
    let is_exact = found.all(|blocked| blocked.is_exact);
    let waited = match is_exact {
        true => format!("The longest wait is {longest}."),
        false => format!("The waiting statement that started first did so {longest} ago."),
    };
    Draft::new(format!("Release the locks of {who}: {behind} waiting for {up_to}{longest}"))
        .confidence(if is_exact { Confidence::High } else { Confidence::Medium })
        .because(waited)
        .because("The sessions behind a root blocker cannot continue before it releases its locks.")
        .release(found.iter().map(|blocked| blocked.chain.root))
        .advise("Then find out why it held the locks for so long; pgdba query locks shows the whole chain.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::find;
    use crate::facts::Beside;
    use crate::facts::locks::tests::{document, relation, session};
    use crate::{Facts, Finding, example};

    /// Two sessions wait for one in this state; since when is exact or not.
    fn found(state: &str, is_exact: bool) -> Finding {
        let mut locks = [relation(1, "AccessExclusiveLock", None), relation(2, "AccessShareLock", Some(&[1]))];
        locks[1]["waitstart"] = if is_exact { "2026-01-01T11:58:00Z".into() } else { serde_json::Value::Null };
        let mut waiting = session(2, "active");
        waiting["query_start"] = "2026-01-01T11:57:00Z".into();
        let snapshot = example::snapshot(&document(&[session(1, state), waiting], &locks).to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default()).unwrap().unwrap()
    }

    #[test]
    fn a_wait_that_is_not_exact_is_the_age_of_the_statement() {
        let starts = |is_exact: bool, words: &str| {
            let rationale = found("idle in transaction", is_exact).rationale;
            assert!(rationale.starts_with(words), "{rationale}");
        };
        starts(true, "The longest wait is 2 min.");
        starts(false, "The waiting statement that started first did so 3 min ago.");
    }

    #[test]
    fn a_session_outside_a_transaction_has_none_to_roll_back() {
        let words = |state: &str| {
            let remedy = found(state, true).remedy;
            format!("{} {}", remedy.text, remedy.impact.unwrap())
        };
        assert!(words("idle in transaction").contains("rolls its transaction back"));
        let idle = words("idle");
        assert!(idle.contains("session-level advisory locks") && !idle.contains("rolled back"), "{idle}");
    }
}
