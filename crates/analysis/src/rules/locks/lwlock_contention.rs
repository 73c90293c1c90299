//! Sessions wait for data structures in shared memory.

use crate::engine::prelude::*;
use crate::facts::waits::Busy;

rule! {
    /// ## What it sees
    ///
    /// Client sessions that wait for an `LWLock` in the window of a delta. These locks protect data structures in
    /// shared memory and are normally held for microseconds.
    ///
    /// ## Why it matters
    ///
    /// The sessions get in one another's way: more connections or CPUs do not make the server faster, and often
    /// slower.
    ///
    /// ## Threshold
    ///
    /// At least {SHARE} of the samples of active client sessions, and at least {SESSIONS} waiting sessions on
    /// average. Wait events are sampled only in a delta; one of fewer than 10 samples is not assessed.
    ///
    /// ## Remedy
    ///
    /// Which lock it is decides: for LockManager, touch fewer partitions and indexes per statement, or on version 18
    /// raise `max_locks_per_transaction`; for BufferContent, spread writes over several rows or index pages; for
    /// ProcArray, use fewer connections with a pooler; for WALInsert and WALWrite, commit less often; for
    /// SubtransSLRU, use fewer savepoints.
    ///
    /// ## When to ignore this
    ///
    /// During a benchmark that is meant to saturate the server.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "LWLock", "BufferMapping", 300],
    ///               ["client backend", "active", null, null, 100] ] } }
    /// ```
    /// ```json passed
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "LWLock", "BufferMapping", 20],
    ///               ["client backend", "active", null, null, 100] ] } }
    /// ```
    /// ```json passed
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "LWLock", "BufferMapping", 30] ] } }
    /// ```
    rule lwlock_contention {
        code: PGD1112,
        title: "Sessions wait for data structures in shared memory",
        passed: "Few sessions wait for data structures in shared memory",
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
    view.waits()?.busy("LWLock", SHARE, SESSIONS)
}

fn subject(busy: &Busy<'_>) -> About {
    About::new(Subject::cluster(), busy.share).figures(busy.figures(SHARE))
}

fn describe(busy: &Busy<'_>) -> Draft {
    let share = display::percent(busy.share);
    let draft = Draft::new(format!("Reduce contention in shared memory: {share} of active sessions wait for an LWLock"))
        .confidence(Confidence::Medium)
        .because(busy.sentence())
        .because("More connections make this worse.")
        .show([busy.table()]);
    let draft = draft.advise("Reduce the number of active sessions with a connection pooler.");
    let lock_manager = busy.is_mostly("lockmanager");
    draft
        .advise_if(lock_manager, "Have statements touch fewer partitions and indexes, so that their locks fit into the fast path.")
        .effort(Effort::Project)
}
