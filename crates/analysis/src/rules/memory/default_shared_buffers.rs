//! The buffer cache has its default size.

use crate::engine::prelude::*;
use crate::facts::relation::Size;

rule! {
    /// ## What it sees
    ///
    /// The parameter `shared_buffers`, and how much data the databases contain that were read.
    ///
    /// ## Why it matters
    ///
    /// The default of 128 MB suits a server that shares a small machine with other programs. With more data than that,
    /// pages are evicted and read again all the time.
    ///
    /// ## Threshold
    ///
    /// `shared_buffers` is at most {DEFAULT}, and the relations take at least {MIN_DATA}.
    ///
    /// ## Remedy
    ///
    /// Set it to a quarter of the memory of the machine or container. It requires a restart. Where the memory is not
    /// known, no value is proposed.
    ///
    /// ## When to ignore this
    ///
    /// If only a small part of the data is ever used, or the memory belongs to other programs.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    /// ```json found
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 2500, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "shared_buffers", "setting": "1638400", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "shared_buffers", "setting": "16384", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 524288 kB" } ] }
    /// ```
    rule default_shared_buffers {
        code: PGD1001,
        title: "shared_buffers has its default",
        passed: "shared_buffers suits the size of the data",
        worst: Warning,
        reads: [settings, data_size, hardware],
        source: "PostgreSQL manual, shared_buffers",
        thresholds: {
            /// The default; more is not reported.
            DEFAULT: Bytes = Bytes::megabytes(128),
            /// Less data than this is not reported.
            MIN_DATA: Bytes = Bytes::megabytes(1024),
        },
    }
}

struct Small {
    shared_buffers: Bytes,
    data: Size,
    memory: Option<Bytes>,
}

impl Small {
    /// A quarter of the memory, in whole megabytes.
    fn proposed(&self) -> Option<Bytes> {
        self.memory.map(|memory| Bytes::megabytes(memory.0 / 4 / Bytes::MB.0))
    }
}

fn check(view: &View<'_>) -> Checked<Option<Small>> {
    let shared_buffers = view.settings()?.require_bytes("shared_buffers")?;
    let (data, memory) = (*view.data_size()?, view.hardware()?.usable_memory());
    let small = Small { shared_buffers, data, memory };
    let is_better = small.proposed().is_none_or(|proposed| proposed > shared_buffers);
    Ok((shared_buffers <= DEFAULT && data.bytes >= MIN_DATA && is_better).then_some(small))
}

fn subject(small: &Small) -> About {
    About::parameter("shared_buffers", small.data.bytes).figures([
        Figure::parameter("shared_buffers", small.shared_buffers),
        Figure::new("data", small.data).against(MIN_DATA),
        Figure::new("memory", small.memory).labelled("memory of the host"),
    ])
}

fn describe(small: &Small) -> Draft {
    let (now, data) = (display::bytes(small.shared_buffers), display::bytes(small.data.bytes));
    let draft = match small.proposed() {
        Some(to) => Draft::new(format!("Raise shared_buffers from {now} to {}", display::bytes(to)))
            .set("shared_buffers", to.to_parameter(), Effort::Restart),
        None => Draft::new(format!("Raise shared_buffers from {now} to a quarter of the memory"))
            .advise("Set it to a quarter of the memory and restart the server. pgdba cannot tell how much memory the host has.")
            .effort(Effort::Restart),
    };
    draft
        .because(format!("The buffer cache has {now} for {data} of data, so pages are read again all the time."))
        .impact("A restart terminates all sessions.")
}
