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
    /// The default of 128 MB suits a server that shares a small machine with other programs. If more data than that is in use,
    /// pages are evicted and have to be read again, from the operating system's cache at best.
    ///
    /// ## Threshold
    ///
    /// `shared_buffers` is at most {DEFAULT}, and the relations take at least {MIN_DATA}.
    ///
    /// ## Remedy
    ///
    /// Set it to a quarter of the memory of the machine or container, but where all databases were read to no more than {ROOM} times
    /// the size of their data. It requires a restart. Where the memory is not known, no value is proposed.
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
        reads: [settings, data_size, is_all_data, hardware],
        source: "PostgreSQL manual, shared_buffers",
        thresholds: {
            /// The default; more is not reported.
            DEFAULT: Bytes = Bytes::megabytes(128),
            /// Less data than this is not reported.
            MIN_DATA: Bytes = Bytes::megabytes(1024),
            /// So many times as large as all data, with room for growth, more is not needed.
            ROOM: f64 = 1.5,
        },
    }
}

struct Small {
    shared_buffers: Bytes,
    data: Size,
    /// Whether that is all data of the server.
    is_all_data: bool,
    memory: Option<Bytes>,
}

impl Small {
    /// A quarter of the memory or what the data need, in whole megabytes.
    fn proposed(&self) -> Option<Bytes> {
        let megabytes = |bytes: i64| Bytes::megabytes(bytes / Bytes::MB.0);
        let needed = megabytes((self.data.bytes.0 as f64 * ROOM) as i64);
        self.memory.map(|memory| megabytes(memory.0 / 4)).map(|quarter| if self.is_all_data { quarter.min(needed) } else { quarter })
    }
}

fn check(view: &View<'_>) -> Checked<Option<Small>> {
    let shared_buffers = view.settings()?.require_bytes("shared_buffers")?;
    let (data, memory) = (*view.data_size()?, view.hardware()?.usable_memory());
    let small = Small { shared_buffers, data, is_all_data: *view.is_all_data()?, memory };
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
    let (now, data) = (display::exact_bytes(small.shared_buffers), display::bytes(small.data.bytes));
    let draft = match small.proposed() {
        Some(to) => Draft::new(format!("Raise shared_buffers from {now} to {}", display::exact_bytes(to)))
            .set("shared_buffers", to.to_parameter(), Effort::Restart),
        None => Draft::new(format!("Raise shared_buffers from {now} to a quarter of the memory"))
            .advise("Set it to a quarter of the memory and restart the server. pgdba cannot tell how much memory the host has.")
            .effort(Effort::Restart),
    };
    draft
        .because(format!("The buffer cache has {now} for {data} of data. If more than that is in use, pages have to be read again."))
        .impact("A restart terminates all sessions.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn what_is_proposed_is_no_more_than_all_data_need() {
        for (databases, summary) in [
            (&["shop"][..], "Raise shared_buffers from 128 MB to 3000 MB"),
            (&["shop", "crm"], "Raise shared_buffers from 128 MB to 16 GB"),
            (&[], "Raise shared_buffers from 128 MB to 16 GB"),
        ] {
            let database = |name: &&str| json!({ "oid": 5, "datname": name, "datallowconn": true, "datistemplate": false });
            let document = json!({
                "system": [{ "block_size": 8192, "current_database": "shop", "start_time": "2025-12-25T12:00:00Z" }],
                "pg_settings": [{ "name": "shared_buffers", "setting": "16384", "unit": "8kB" }],
                "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 256_000, "reltuples": 1000 }],
                "pg_database": databases.iter().map(database).collect::<Vec<_>>(),
                "host": [{ "meminfo": "MemTotal: 67108864 kB" }],
            });
            let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
            let finding = findings.into_iter().find(|finding| finding.code == "PGD1001").unwrap();
            assert_eq!(finding.summary, summary, "{databases:?}");
        }
    }
}
