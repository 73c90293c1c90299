//! Applications keep transactions open while they do something else.

use crate::engine::prelude::*;
use crate::facts::observed::{Observed, require_session_counters};

rule! {
    /// ## What it sees
    ///
    /// The time that sessions of a database spent idle in a transaction, compared with the time they spent running
    /// statements (`idle_in_transaction_time` and `active_time`, version 14 and newer), in the window of a delta,
    /// otherwise since the counters were reset.
    ///
    /// ## Why it matters
    ///
    /// Between its statements the application computes, waits for the network or for another service, while its
    /// transaction keeps its locks, its connection slot and possibly its snapshot. Pooling in transaction mode cannot
    /// use the connection meanwhile.
    ///
    /// ## Threshold
    ///
    /// Idle time of at least {TIMES} times the active time, and at least {MIN} of it, or {SESSIONS} sessions on
    /// average in a delta.
    ///
    /// ## Remedy
    ///
    /// Call other services before the transaction or after it. In frameworks that open a transaction per request,
    /// enable autocommit for reads.
    ///
    /// ## When to ignore this
    ///
    /// If a tool holds one transaction open for days on purpose.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "idle_in_transaction_time": 90000000, "active_time": 9000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "idle_in_transaction_time": 90000000, "active_time": 90000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "idle_in_transaction_time": 9000, "active_time": 10 } ] }
    /// ```
    rule transactions_kept_open {
        code: PGD406,
        title: "Applications keep transactions open while they do something else",
        passed: "Transactions are mostly spent running statements",
        worst: Notice,
        reads: [databases],
        source: "PostgreSQL manual, pg_stat_database: idle_in_transaction_time",
        thresholds: {
            /// Multiple of the active time that is much.
            TIMES: f64 = 2.0,
            /// Less idle time is negligible.
            MIN: Millis = Millis(36_000_000.0),
            /// Fewer sessions on average are negligible.
            SESSIONS: f64 = 5.0,
        },
    }
}

struct Open<'a> {
    observed: Observed<'a>,
    idle: Millis,
    active: Millis,
}

impl Open<'_> {
    fn multiple(&self) -> f64 {
        self.idle.0 / self.active.0.max(1.0)
    }

    fn is_much(&self) -> bool {
        let average = self.observed.length.map(|length| self.idle.0 / length.0.max(1.0));
        let is_enough = if self.observed.is_delta { average >= Some(SESSIONS) } else { self.idle >= MIN };
        is_enough && self.multiple() >= TIMES
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Open<'a>>> {
    let counted = view.databases()?.latest(view.now().ok());
    require_session_counters(view, &counted)?;
    let open = counted.into_iter().filter_map(|observed| {
        let (idle, active) = (observed.row.idle_in_transaction_time?, observed.row.active_time?);
        Some(Open { observed, idle: Millis(idle), active: Millis(active) })
    });
    Ok(open.filter(Open::is_much).collect())
}

fn subject(open: &Open<'_>) -> About {
    About::new(Subject::named(SubjectKind::Database, open.observed.name), open.idle).figures([
        Figure::new("idle_in_transaction_time", open.idle).labelled("time idle in a transaction"),
        Figure::new("active_time", open.active).labelled("time running statements"),
        Figure::new("times_active", Quantity::Number(open.multiple())).labelled("times the active time").against(Quantity::Number(TIMES)),
        Figure::new("counted_over", open.observed.length),
    ])
}

fn describe(found: &Found<Open<'_>>) -> Draft {
    let multiple = Quantity::Number(found.max(|open| Some(open.multiple()))).display();
    let up_to = if found.only().is_some() { "" } else { "up to " };
    Draft::new(format!("Shorten transactions in {}: idle {up_to}{multiple} times as long as active", found.named("database", "databases")))
        .because("Between its statements the application waits for something else, while its transaction keeps its locks.")
        .advise("Call other services before the transaction or after it, not in it.")
        .effort(Effort::Project)
}
