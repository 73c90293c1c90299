//! Forgotten transactions are never ended.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `idle_in_transaction_session_timeout` is 0, and a session has been idle in a transaction for
    /// long.
    ///
    /// ## Why it matters
    ///
    /// A transaction that its application has forgotten keeps its locks and holds VACUUM back until the session ends,
    /// which can take days.
    ///
    /// ## Threshold
    ///
    /// A session that has been idle in a transaction for at least {SEEN}. Without such evidence the parameter is not
    /// reported, since 0 is the default.
    ///
    /// ## Remedy
    ///
    /// Set the time limit, well above the longest pause that the application makes in a transaction. The server then
    /// terminates the session, and the application must connect again.
    ///
    /// ## When to ignore this
    ///
    /// If sessions are held open in a transaction on purpose, for example by a replication or ETL tool: then set the
    /// limit only for the other roles, with ALTER ROLE.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "idle_in_transaction_session_timeout", "setting": "0", "unit": "ms", "vartype": "integer",
    ///                        "min_val": "0", "max_val": "2147483647", "context": "user" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction",
    ///                           "state_change": "2026-01-01T11:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "idle_in_transaction_session_timeout", "setting": "600000", "unit": "ms", "vartype": "integer",
    ///                        "min_val": "0", "max_val": "2147483647", "context": "user" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction",
    ///                           "state_change": "2026-01-01T11:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "idle_in_transaction_session_timeout", "setting": "0", "unit": "ms", "vartype": "integer",
    ///                        "min_val": "0", "max_val": "2147483647", "context": "user" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop", "usename": "app", "state": "idle in transaction",
    ///                           "state_change": "2026-01-01T11:59:00Z" } ] }
    /// ```
    rule idle_in_transaction_timeout_off {
        code: PGD1111,
        title: "Forgotten transactions are never ended",
        passed: "Forgotten transactions are ended by a time limit, or there were none",
        worst: Notice,
        reads: [server_settings, sessions],
        source: "PostgreSQL manual, idle_in_transaction_session_timeout",
        thresholds: {
            /// An idle transaction that is evidence.
            SEEN: Millis = Millis(300_000.0),
        },
    }
}

/// What is recommended.
const LIMIT: &str = "5min";

struct Unlimited {
    longest: Millis,
    sessions: i64,
}

fn check(view: &View<'_>) -> Checked<Option<Unlimited>> {
    let settings = view.server_settings()?;
    settings.require("idle_in_transaction_session_timeout")?;
    if settings.integer("idle_in_transaction_session_timeout") != Some(0) {
        return Ok(None);
    }
    let idle: Vec<Millis> =
        view.sessions()?.idle_in_transaction().map(|(_, time)| time).filter(|time| *time >= SEEN).collect();
    let sessions = i64::try_from(idle.len()).unwrap_or(i64::MAX);
    let longest = idle.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    Ok(longest.map(|longest| Unlimited { longest, sessions }))
}

fn subject(unlimited: &Unlimited) -> About {
    About::parameter("idle_in_transaction_session_timeout", unlimited.longest).figures([
        Figure::parameter("idle_in_transaction_session_timeout", "0").against(LIMIT),
        Figure::new("longest_idle", unlimited.longest).labelled("longest idle transaction").against(SEEN),
        Figure::new("sessions", unlimited.sessions).labelled("sessions idle in a transaction for long"),
    ])
}

fn describe(unlimited: &Unlimited) -> Draft {
    let longest = display::duration(unlimited.longest);
    Draft::new(format!("Limit idle transactions: one has been idle for {longest}"))
        .because("The server never ends a transaction that its application has forgotten.")
        .advise("Choose a limit well above the longest pause that the application makes in a transaction.")
        .impact("Sessions that are idle in a transaction for longer are terminated, and their transactions are rolled back.")
        .set("idle_in_transaction_session_timeout", LIMIT, Effort::Reload)
}
