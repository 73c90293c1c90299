//! The buffer cache takes memory that the rest needs.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `shared_buffers`, and the memory of the machine, or the lower limit of its container, if that is
    /// known.
    ///
    /// ## Why it matters
    ///
    /// PostgreSQL also relies on the operating system's cache, and sessions need memory of their own. If `shared_buffers`
    /// takes most of the memory, the machine swaps, or the kernel kills the server.
    ///
    /// ## Threshold
    ///
    /// More than {MAX_SHARE} of the memory. The manual says that more is unlikely to work better.
    ///
    /// ## Remedy
    ///
    /// Reduce it to a quarter of the memory. It requires a restart.
    ///
    /// ## When to ignore this
    ///
    /// If measurements with this workload have shown that it is faster, and memory is left for sessions.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "7864320", "unit": "8kB" } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "262144", "unit": "8kB" } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB", "cgroup_memory_max": "3221225472" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "shared_buffers", "setting": "1638400", "unit": "8kB" } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    rule large_shared_buffers {
        code: PGD1002,
        title: "shared_buffers takes most of the memory",
        passed: "shared_buffers leaves enough memory, as far as that is known",
        worst: Warning,
        reads: [settings, hardware],
        source: "PostgreSQL manual, shared_buffers",
        thresholds: {
            /// Share of the memory that is not reported.
            MAX_SHARE: Ratio = Ratio(0.40),
        },
    }
}

struct Large {
    shared_buffers: Bytes,
    memory: Bytes,
    share: Ratio,
}

fn check(view: &View<'_>) -> Checked<Option<Large>> {
    let shared_buffers = view.settings()?.require_bytes("shared_buffers")?;
    let memory = view.hardware()?.require_memory()?;
    let share = Ratio::of(shared_buffers.0, memory.0).filter(|share| *share > MAX_SHARE);
    Ok(share.map(|share| Large { shared_buffers, memory, share }))
}

fn subject(large: &Large) -> About {
    About::parameter("shared_buffers", large.share).figures([
        Figure::new("share", large.share).against(MAX_SHARE).labelled("share of the memory"),
        Figure::parameter("shared_buffers", large.shared_buffers),
        Figure::new("memory", large.memory).labelled("memory of the host"),
    ])
}

fn describe(large: &Large) -> Draft {
    let to = Bytes::megabytes(large.memory.0 / 4 / Bytes::MB.0);
    let (from, share) = (display::bytes(large.shared_buffers), display::percent(large.share));
    Draft::new(format!("Reduce shared_buffers from {from} to {}: it takes {share} of the memory", display::bytes(to)))
        .set("shared_buffers", to.to_parameter(), Effort::Restart)
        .because(format!("The host has {} of memory. Sessions and the operating system's cache need the rest.", display::bytes(large.memory)))
        .impact("A restart terminates all sessions.")
}
