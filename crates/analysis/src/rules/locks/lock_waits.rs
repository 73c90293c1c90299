//! Sessions wait often for locks of others.

use crate::engine::prelude::*;
use crate::facts::waits::Busy;

rule! {
    /// ## What it sees
    ///
    /// Client sessions that wait for a heavyweight lock in the window of a delta (wait event type `Lock`): for a row,
    /// a table, a transaction or an advisory lock.
    ///
    /// ## Why it matters
    ///
    /// Transactions that change the same rows run one after another, whatever the hardware. Each short wait is
    /// normal; together they limit the throughput.
    ///
    /// ## Threshold
    ///
    /// At least {SHARE} of the samples of active client sessions, and at least {SESSIONS} waiting sessions on
    /// average. Wait events are sampled only in a delta; one of fewer than 10 samples is not assessed.
    ///
    /// ## Remedy
    ///
    /// Find the statements that wait, and the row or table. Change a row that all transactions change, such as a
    /// counter or a balance, at the end of the transaction, or insert a row per change and add them up later.
    ///
    /// ## When to ignore this
    ///
    /// During a benchmark such as pgbench with a small scale, or if the application queues by advisory locks on
    /// purpose.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "Lock", "transactionid", 300],
    ///               ["client backend", "active", null, null, 100] ] } }
    /// ```
    /// ```json passed
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "Lock", "transactionid", 20],
    ///               ["client backend", "active", null, null, 100] ] } }
    /// ```
    /// ```json passed
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "Lock", "transactionid", 30] ] } }
    /// ```
    rule lock_waits {
        code: PGD1114,
        title: "Sessions wait often for locks of others",
        passed: "Sessions rarely wait for locks of others",
        worst: Notice,
        reads: [waits],
        source: "PostgreSQL manual, Wait Events",
        thresholds: {
            /// Share of the samples of active client sessions that is large.
            SHARE: Ratio = Ratio(0.20),
            /// Fewer waiting sessions on average are negligible.
            SESSIONS: f64 = 1.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Busy<'a>>> {
    view.waits()?.busy("Lock", SHARE, SESSIONS)
}

fn subject(busy: &Busy<'_>) -> About {
    About::new(Subject::cluster(), busy.share).figures(busy.figures(SHARE))
}

fn describe(busy: &Busy<'_>) -> Draft {
    let share = display::percent(busy.share);
    let draft = Draft::new(format!("Reduce lock waits: {share} of active sessions wait for a lock"))
        .confidence(Confidence::Medium)
        .because(busy.sentence())
        .because("Transactions that need the same lock run one after another.")
        .show([busy.table()]);
    draft
        .advise("Find the statements with pgdba query waits, and what they wait for with pgdba query locks.")
        .advise("Keep transactions short, and change rows that all transactions change last.")
        .effort(Effort::Project)
}
