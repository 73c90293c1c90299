//! The planner assumes too little cache.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `effective_cache_size`, compared with `shared_buffers`, with the memory of the machine, and with the
    /// size of the data.
    ///
    /// ## Why it matters
    ///
    /// The planner assumes that pages in this much cache are cheap to read again. If it is too low, it prefers sequential
    /// scans to index scans. It does not allocate memory.
    ///
    /// ## Threshold
    ///
    /// It is less than `shared_buffers`, or less than {MIN_SHARE} of the memory while the relations are larger than it.
    ///
    /// ## Remedy
    ///
    /// Set it to three quarters of the memory, or where that is not known to twice `shared_buffers`. It takes effect at a
    /// reload.
    ///
    /// ## When to ignore this
    ///
    /// If other programs use most of the memory.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_cache_size", "setting": "524288", "unit": "8kB" },
    ///                    { "name": "shared_buffers", "setting": "1638400", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 25, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    /// ```json found
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_cache_size", "setting": "524288", "unit": "8kB" },
    ///                    { "name": "shared_buffers", "setting": "16384", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 2500000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_cache_size", "setting": "524288", "unit": "8kB" },
    ///                    { "name": "shared_buffers", "setting": "16384", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 25, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192, "start_time": "2025-12-25T12:00:00Z" } ],
    ///   "pg_settings": [ { "name": "effective_cache_size", "setting": "5242880", "unit": "8kB" },
    ///                    { "name": "shared_buffers", "setting": "16384", "unit": "8kB" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 25000000, "reltuples": 10000000.0 } ],
    ///   "host": [ { "meminfo": "MemTotal: 67108864 kB" } ] }
    /// ```
    rule low_effective_cache_size {
        code: PGD1003,
        title: "effective_cache_size is low",
        passed: "effective_cache_size suits the memory",
        worst: Notice,
        reads: [server_settings, data_size, hardware],
        source: "PostgreSQL manual, effective_cache_size",
        thresholds: {
            /// Share of the memory from which on it is high enough.
            MIN_SHARE: Ratio = Ratio(0.30),
        },
    }
}

struct Low {
    size: Bytes,
    shared_buffers: Bytes,
    memory: Option<Bytes>,
    proposed: Bytes,
}

fn check(view: &View<'_>) -> Checked<Option<Low>> {
    let settings = view.server_settings()?;
    let size = settings.require_bytes("effective_cache_size")?;
    let shared_buffers = settings.require_bytes("shared_buffers")?;
    let (data, memory) = (view.data_size()?.bytes, view.hardware()?.usable_memory());
    let is_small = memory.is_some_and(|memory| data > size && (size.0 as f64) < memory.0 as f64 * MIN_SHARE.0);
    let wanted = memory.map_or(shared_buffers.0.saturating_mul(2), |memory| memory.0 / 4 * 3);
    let proposed = Bytes::megabytes(wanted / Bytes::MB.0);
    let is_low = (size < shared_buffers || is_small) && proposed > size;
    Ok(is_low.then_some(Low { size, shared_buffers, memory, proposed }))
}

fn subject(low: &Low) -> About {
    About::parameter("effective_cache_size", Weight::Multiple(low.proposed.0 as f64 / low.size.0.max(1) as f64)).figures([
        Figure::parameter("effective_cache_size", low.size),
        Figure::parameter("shared_buffers", low.shared_buffers),
        Figure::new("memory", low.memory).labelled("memory of the host"),
    ])
}

fn describe(low: &Low) -> Draft {
    Draft::new(format!("Raise effective_cache_size from {} to {}", display::exact_bytes(low.size), display::exact_bytes(low.proposed)))
        .set("effective_cache_size", low.proposed.to_parameter(), Effort::Reload)
        .confidence(if low.memory.is_some() { Confidence::High } else { Confidence::Medium })
        .because("The planner assumes less cache than there is, so it overestimates the cost of index scans.")
        .impact("No memory is allocated. Plans can change.")
}
