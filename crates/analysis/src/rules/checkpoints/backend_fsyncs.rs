//! Sessions flush files themselves.

use crate::engine::prelude::*;
use crate::facts::io::Writes;

rule! {
    /// ## What it sees
    ///
    /// How often a session had to call `fsync` for a data file, because it could not hand that over to the checkpointer:
    /// `pg_stat_bgwriter.buffers_backend_fsync`, from version 16 on `pg_stat_io.fsyncs` of client backends.
    ///
    /// ## Why it matters
    ///
    /// The queue of the checkpointer is full. Each such call takes as long as the storage needs, in the middle of a
    /// query, and makes the checkpoint slower still.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_TIMES} times, and at least {MIN_PER_DAY} per day, since the counters were reset.
    ///
    /// ## Remedy
    ///
    /// Check whether the storage keeps up with checkpoints (`log_checkpoints`). A larger `shared_buffers` gives a longer
    /// queue; a longer `checkpoint_timeout` or higher `max_wal_size` gives fewer checkpoints.
    ///
    /// ## When to ignore this
    ///
    /// If it happened once, such as while thousands of tables were created.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_bgwriter": [ { "maxwritten_clean": 0 } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 5000, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 20000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json found
    /// { "version": 14,
    ///   "pg_stat_bgwriter": [ { "buffers_backend_fsync": 500, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_bgwriter": [ { "maxwritten_clean": 0 } ],
    ///   "pg_stat_io": [ { "backend_type": "client backend", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 3, "stats_reset": "2025-12-25T12:00:00Z" },
    ///                   { "backend_type": "checkpointer", "object": "relation", "context": "normal", "writes": 900000, "fsyncs": 20000, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule backend_fsyncs {
        code: PGD309,
        title: "Sessions flush data files",
        passed: "The checkpointer flushes data files",
        worst: Warning,
        reads: [writes],
        source: "PostgreSQL manual, pg_stat_bgwriter and pg_stat_io",
        thresholds: {
            /// Fewer times than this are negligible.
            MIN_TIMES: i64 = 10,
            /// Fewer times a day than this are negligible.
            MIN_PER_DAY: f64 = 1.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Option<&'a Writes>> {
    let writes = view.writes()?;
    let per_day = writes.window.per_hour(writes.backend_fsyncs).map(|per_hour| per_hour * 24.0);
    let is_frequent = writes.backend_fsyncs >= MIN_TIMES && per_day.is_some_and(|per_day| per_day >= MIN_PER_DAY);
    Ok(is_frequent.then_some(writes))
}

fn subject(writes: &&Writes) -> About {
    About::new(Subject::cluster(), Weight::Count(writes.backend_fsyncs)).figures([
        Figure::new("fsyncs_by_sessions", writes.backend_fsyncs).against(MIN_TIMES),
        Figure::new("counted_for", writes.window.length).labelled("measured over"),
    ])
}

fn describe(writes: &&Writes) -> Draft {
    let times = display::count(writes.backend_fsyncs);
    Draft::new(format!("Relieve the checkpointer: sessions flushed data files {times} times"))
        .confidence(writes.window.confidence())
        .because("The checkpointer's queue was full, so sessions had to wait for the storage themselves.")
        .advise("Check the duration of syncs in the server log (log_checkpoints), and whether the storage keeps up.")
        .advise("Raise shared_buffers if it is small, and max_wal_size if checkpoints are frequent.")
        .effort(Effort::Project)
}
