//! Corruption by the storage goes unnoticed.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// Whether the cluster has data checksums (`data_checksums`), and how much data the databases contain that were read.
    ///
    /// ## Why it matters
    ///
    /// Without checksums, a page that the storage damaged is used as it is: queries return wrong results, and the damage
    /// reaches standbys' base backups and all backups before anyone notices.
    ///
    /// ## Threshold
    ///
    /// `data_checksums` is off, and the relations take at least {MIN_DATA}.
    ///
    /// ## Remedy
    ///
    /// Stop the server, run `pg_checksums --enable` on the data directory, and start it again; it reads and rewrites
    /// every page. With replication, do that on the standbys first, then switch over.
    ///
    /// ## When to ignore this
    ///
    /// If the file system has checksums of its own, such as ZFS, or the service that hosts the server verifies its
    /// storage.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192 } ], "pg_settings": [ { "name": "data_checksums", "setting": "off" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 250000, "reltuples": 10000000.0 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192 } ], "pg_settings": [ { "name": "data_checksums", "setting": "off" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 25, "reltuples": 1000 } ] }
    /// ```
    rule data_checksums_off {
        code: PGD105,
        title: "Data checksums are disabled",
        passed: "Data checksums are enabled where there is much data",
        worst: Notice,
        reads: [settings, data_size],
        source: "PostgreSQL manual, Data Checksums; initdb enables them from version 18 on",
        thresholds: {
            /// Less data than this is not reported.
            MIN_DATA: Bytes = Bytes::megabytes(1024),
        },
    }
}

fn check(view: &View<'_>) -> Checked<Option<Size>> {
    let size = *view.data_size()?;
    let is_off = view.settings()?.require("data_checksums")?.setting.as_deref() == Some("off");
    Ok((is_off && size.bytes >= MIN_DATA).then_some(size))
}

fn subject(size: &Size) -> About {
    About::new(Subject::cluster(), size.bytes)
        .figures([Figure::parameter("data_checksums", "off").against("on"), Figure::new("data", *size).against(MIN_DATA)])
}

fn describe(size: &Size) -> Draft {
    let size = display::bytes(size.bytes);
    Draft::new(format!("Enable data checksums for {size} of data"))
        .because("Pages that the storage damages are not detected: they are read, copied and backed up as if they were valid.")
        .advise("Stop the server, run pg_checksums --enable on its data directory, then start it.")
        .advise("With replication, begin with a standby and switch over to it.")
        .effort(Effort::Restart)
        .impact("The server is stopped while every page is read and rewritten. Afterwards, writes cost slightly more CPU and WAL.")
        .undo_text("Stop the server and run pg_checksums --disable.")
}
