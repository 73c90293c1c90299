//! Sessions can use more memory than there is.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `shared_buffers`, and `work_mem` times `hash_mem_multiplier` for every allowed connection, compared with the
    /// memory of the machine or container, if that is known. And the same for the sessions that are connected now.
    ///
    /// ## Why it matters
    ///
    /// Each sort and each hash table of each session may use that much. If many do at once, the machine swaps, or the
    /// kernel kills the server: all sessions are terminated and the server recovers.
    ///
    /// ## Threshold
    ///
    /// The bound exceeds the memory, and the sessions of now alone could use {MAX_SHARE} of it. The first alone is common
    /// and never reached.
    ///
    /// ## Remedy
    ///
    /// Reduce `work_mem`, and raise it for the roles or statements that need it; or allow fewer connections, with a
    /// pooler.
    ///
    /// ## When to ignore this
    ///
    /// If most sessions never sort or hash.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "131072", "unit": "8kB" },
    ///                    { "name": "work_mem", "setting": "262144", "unit": "kB" },
    ///                    { "name": "hash_mem_multiplier", "setting": "2" },
    ///                    { "name": "max_connections", "setting": "300" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "numbackends": 60 } ],
    ///   "host": [ { "meminfo": "MemTotal: 16777216 kB" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "131072", "unit": "8kB" },
    ///                    { "name": "work_mem", "setting": "262144", "unit": "kB" },
    ///                    { "name": "hash_mem_multiplier", "setting": "2" },
    ///                    { "name": "max_connections", "setting": "300" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "numbackends": 6 } ],
    ///   "host": [ { "meminfo": "MemTotal: 16777216 kB" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "131072", "unit": "8kB" },
    ///                    { "name": "work_mem", "setting": "4096", "unit": "kB" },
    ///                    { "name": "max_connections", "setting": "300" } ],
    ///   "pg_stat_database": [ { "datid": 5, "datname": "shop", "numbackends": 290 } ],
    ///   "host": [ { "meminfo": "MemTotal: 16777216 kB" } ] }
    /// ```
    rule memory_overcommitted {
        code: PGD1005,
        title: "work_mem and the number of sessions exceed the memory",
        passed: "The sessions fit into the memory, as far as that is known",
        worst: Warning,
        reads: [settings, server_settings, databases, hardware],
        source: "PostgreSQL manual, work_mem; the thresholds are those of most comparable tools",
        thresholds: {
            /// Share of the memory that the sessions of now may use.
            MAX_SHARE: Ratio = Ratio(0.80),
        },
    }
}

/// New in version 13.
const MULTIPLIER: &str = "hash_mem_multiplier";

struct Overcommitted {
    bound: Bytes,
    sessions: i64,
    now: Bytes,
    memory: Bytes,
    work_mem: Bytes,
    proposed: Bytes,
}

fn check(view: &View<'_>) -> Checked<Option<Overcommitted>> {
    let settings = view.server_settings()?;
    let memory = view.hardware()?.require_memory()?;
    let (shared, work_mem) = (settings.require_bytes("shared_buffers")?, settings.require_bytes("work_mem")?);
    let multiplier = match view.settings()?.get(MULTIPLIER) {
        Some(_) => settings.require_float(MULTIPLIER)?.max(1.0),
        None => 1.0,
    };
    let per_session = work_mem.0 as f64 * multiplier;
    let using = |sessions: i64| Bytes((shared.0 as f64 + per_session * sessions as f64) as i64);
    let connections = settings.integer("max_connections").unwrap_or(100).max(1);
    let sessions = view.databases()?.sessions();
    let (bound, now) = (using(connections), using(sessions));
    let is_near = now.0 as f64 > memory.0 as f64 * MAX_SHARE.0;
    let room = (memory.0 as f64 * MAX_SHARE.0 - shared.0 as f64).max(0.0) / connections as f64 / multiplier;
    let proposed = Bytes((room as i64).max(Bytes::megabytes(4).0) / Bytes::MB.0 * Bytes::MB.0);
    let found = Overcommitted { bound, sessions, now, memory, work_mem, proposed };
    Ok((bound > memory && is_near && proposed < work_mem).then_some(found))
}

fn subject(found: &Overcommitted) -> About {
    About::parameter("work_mem", Weight::Multiple(found.bound.0 as f64 / found.memory.0.max(1) as f64)).figures([
        Figure::new("bound", found.bound).against(found.memory).labelled("if every connection uses its share"),
        Figure::new("now", found.now).labelled("if every session of now does"),
        Figure::new("sessions", found.sessions),
        Figure::new("memory", found.memory).labelled("memory of the host"),
        Figure::parameter("work_mem", found.work_mem),
    ])
}

fn describe(found: &Overcommitted) -> Draft {
    let (from, to) = (display::bytes(found.work_mem), display::bytes(found.proposed));
    let (now, memory) = (display::bytes(found.now), display::bytes(found.memory));
    let sessions = display::counted(found.sessions, "session", "sessions");
    Draft::new(format!("Reduce work_mem from {from} to {to}: {sessions} could use {now} of {memory}"))
        .set("work_mem", found.proposed.to_parameter(), Effort::Reload)
        .confidence(Confidence::Medium)
        .because("If enough sessions sort or hash at once, the host runs out of memory, and the kernel can kill the server.")
        .advise("Set a higher value for the roles that need it: ALTER ROLE … SET work_mem.")
        .impact("Sorts and hashes that no longer fit write temporary files.")
}
