//! Sessions wait mostly for I/O.

use crate::engine::prelude::*;
use crate::facts::waits::Busy;

rule! {
    /// ## What it sees
    ///
    /// Client sessions that wait for reads and writes of files in the window of a delta (wait event type `IO`).
    ///
    /// ## Why it matters
    ///
    /// Statements take as long as the storage takes. If it is DataFileRead, the data in use do not fit into shared
    /// buffers and the operating system's cache; if it is WALSync, commits wait for durable storage.
    ///
    /// ## Threshold
    ///
    /// At least {SHARE} of the samples of active client sessions, and at least {SESSIONS} waiting sessions on
    /// average. Wait events are sampled only in a delta; one of fewer than 10 samples is not assessed.
    ///
    /// ## Remedy
    ///
    /// For DataFileRead, find the statements that read most and give them an index, then consider more memory. For
    /// BufFileRead and BufFileWrite, raise `work_mem` for the role that sorts. For WALSync and WALWrite, commit less
    /// often or use faster storage for WAL.
    ///
    /// ## When to ignore this
    ///
    /// During a backup, a batch load or a report that reads everything once.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "IO", "DataFileRead", 300],
    ///               ["client backend", "active", null, null, 100] ] } }
    /// ```
    /// ```json passed
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "IO", "DataFileRead", 20],
    ///               ["client backend", "active", null, null, 100] ] } }
    /// ```
    /// ```json passed
    /// { "wait_samples": { "available": true, "readings": 60,
    ///     "columns": ["backend_type", "state", "wait_event_type", "wait_event", "samples"],
    ///     "rows": [ ["client backend", "active", "IO", "DataFileRead", 30] ] } }
    /// ```
    rule io_waits {
        code: PGD1113,
        title: "Sessions wait mostly for I/O",
        passed: "I/O is not what sessions mostly wait for",
        worst: Notice,
        reads: [waits],
        source: "PostgreSQL manual, Wait Events",
        thresholds: {
            /// Share of the samples of active client sessions that is large.
            SHARE: Ratio = Ratio(0.50),
            /// Fewer waiting sessions on average are negligible.
            SESSIONS: f64 = 1.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Busy<'a>>> {
    view.waits()?.busy("IO", SHARE, SESSIONS)
}

fn subject(busy: &Busy<'_>) -> About {
    About::new(Subject::cluster(), busy.share).figures(busy.figures(SHARE))
}

fn describe(busy: &Busy<'_>) -> Draft {
    let share = display::percent(busy.share);
    let draft = Draft::new(format!("Reduce I/O: {share} of active sessions wait for it"))
        .confidence(Confidence::Medium)
        .because(busy.sentence())
        .because("Statements take as long as the storage takes.")
        .show([busy.table()]);
    draft
        .advise("Find the statements that read most with pgdba query waits and pgdba query top.")
        .effort(Effort::Project)
}
