//! Torn pages cannot be repaired after a crash.

use crate::engine::off::{Off, off, subject};
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `full_page_writes` is `off`.
    ///
    /// ## Why it matters
    ///
    /// A PostgreSQL page is larger than what most storage writes atomically. If the machine stops while a page is being
    /// written, the page is half new and half old. WAL replay cannot repair such a torn page unless WAL contains a full copy of
    /// the page from after the last checkpoint, and this parameter disables that copy.
    ///
    /// ## Threshold
    ///
    /// None: `off` is always reported.
    ///
    /// ## Remedy
    ///
    /// Enable it; a reload is sufficient unless the command line sets it. To reduce the amount of WAL, make checkpoints less
    /// frequent (`max_wal_size`, `checkpoint_timeout`) or compress the copies (`wal_compression`).
    ///
    /// ## When to ignore this
    ///
    /// On a file system that writes pages atomically, such as ZFS with a record size of at least 8 kB.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "full_page_writes", "setting": "off", "source": "configuration file" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "full_page_writes", "setting": "on", "source": "default" } ] }
    /// ```
    rule full_page_writes_off {
        code: PGD102,
        title: "full_page_writes is off",
        passed: "full_page_writes is on",
        worst: Critical,
        reads: [server_settings],
        source: "PostgreSQL manual, Write Ahead Log: full_page_writes",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off(view, &["full_page_writes"])
}

fn describe(off: &Off) -> Draft {
    off.enable()
        .because(
            "If the machine stops while a page is being written, the page is torn, and WAL does not contain a copy to \
             repair it.",
        )
        .advise("Leave it off only if the file system writes pages atomically.")
        .impact("More WAL is written after each checkpoint.")
}
