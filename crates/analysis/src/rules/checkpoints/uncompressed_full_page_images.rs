//! Full pages in WAL are not compressed.

use crate::engine::prelude::*;
use crate::facts::time::Window;

rule! {
    /// ## What it sees
    ///
    /// The share of WAL that copies of whole pages take (`pg_stat_wal.wal_fpi`), if `wal_compression` is off. Version 14
    /// and newer.
    ///
    /// ## Why it matters
    ///
    /// After a checkpoint, the first change of each page writes the whole page to WAL. Compressed, such copies take a
    /// third to a half. That is less to write, to send to standbys, to archive and to replay.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_SHARE} of WAL, and at least {MIN_WAL} of WAL since the counters were reset.
    ///
    /// ## Remedy
    ///
    /// Set `wal_compression` to `lz4` where the server was built with it (15 and newer), otherwise to `on`. No restart is
    /// needed.
    ///
    /// ## When to ignore this
    ///
    /// If the CPU is the bottleneck, or the storage compresses by itself.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_compression", "setting": "off", "vartype": "enum", "enumvals": [ "pglz", "lz4", "on", "off" ] } ],
    ///   "pg_stat_wal": [ { "wal_records": 9000000, "wal_fpi": 900000, "wal_bytes": 12000000000, "wal_buffers_full": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_compression", "setting": "lz4" } ],
    ///   "pg_stat_wal": [ { "wal_records": 9000000, "wal_fpi": 900000, "wal_bytes": 12000000000, "wal_buffers_full": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "wal_compression", "setting": "off" } ],
    ///   "pg_stat_wal": [ { "wal_records": 9000000, "wal_fpi": 90000, "wal_bytes": 12000000000, "wal_buffers_full": 0, "stats_reset": "2025-12-25T12:00:00Z" } ] }
    /// ```
    rule uncompressed_full_page_images {
        code: PGD303,
        title: "Much of WAL is uncompressed pages",
        passed: "Little of WAL is uncompressed pages",
        worst: Notice,
        reads: [wal, server_settings],
        source: "PostgreSQL manual, wal_compression",
        thresholds: {
            /// Share of WAL from which on compression is worthwhile.
            MIN_SHARE: Ratio = Ratio(0.40),
            /// Less WAL than this is negligible.
            MIN_WAL: Bytes = Bytes::megabytes(1024),
        },
    }
}

struct Uncompressed {
    share: Ratio,
    bytes: Bytes,
    window: Window,
    method: &'static str,
}

fn check(view: &View<'_>) -> Checked<Option<Uncompressed>> {
    let (wal, setting) = (view.wal()?, view.server_settings()?.require("wal_compression")?);
    let bytes = Bytes(wal.counters()?.wal_bytes.unwrap_or(0));
    let share = wal.full_page_share().filter(|share| *share >= MIN_SHARE && bytes >= MIN_WAL);
    let is_off = setting.setting.as_deref() == Some("off");
    let has_lz4 = setting.enumvals.iter().flatten().any(|value| value == "lz4");
    let method = if has_lz4 { "lz4" } else { "on" };
    Ok(share.filter(|_| is_off).map(|share| Uncompressed { share, bytes, window: wal.window(), method }))
}

fn subject(found: &Uncompressed) -> About {
    About::parameter("wal_compression", found.share).figures([
        Figure::new("full_pages", found.share).against(MIN_SHARE).labelled("full pages, at most"),
        Figure::new("wal", found.bytes).labelled("WAL written"),
        Figure::new("counted_for", found.window.length).labelled("measured over"),
    ])
}

fn describe(found: &Uncompressed) -> Draft {
    let share = display::percent(found.share);
    Draft::new(format!("Compress full pages in WAL: they are up to {share} of it"))
        .set("wal_compression", found.method, Effort::Reload)
        .confidence(found.window.confidence())
        .because(format!("Of {} of WAL, up to {share} are copies of whole pages, uncompressed.", display::bytes(found.bytes)))
        .impact("Writing the first change of a page after a checkpoint takes a little more CPU time.")
}
