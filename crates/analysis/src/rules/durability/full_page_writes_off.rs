//! Torn pages cannot be repaired after a crash.

use crate::engine::draft::Draft;
use crate::engine::off::{Off, off};
use crate::{Checked, View, rule};

rule! {
    /// ## What it sees
    ///
    /// The parameter `full_page_writes` is `off`.
    ///
    /// ## Why it matters
    ///
    /// A page of PostgreSQL is larger than what most storage writes in one piece. If the machine stops in the middle
    /// of a page, the page is half new and half old, and WAL replay cannot mend it unless WAL holds a full copy of
    /// the page from after the last checkpoint. That copy is what this parameter switches off.
    ///
    /// ## Threshold
    ///
    /// None: `off` is found, whatever else is set.
    ///
    /// ## Remedy
    ///
    /// Switch it on; a reload is enough, unless the command line sets it. To write less WAL, make checkpoints rarer
    /// (`max_wal_size`, `checkpoint_timeout`) or compress the copies (`wal_compression`).
    ///
    /// ## When to ignore this
    ///
    /// On a file system that writes whole pages or none, such as ZFS with a record size of at least 8 kB.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Write Ahead Log", parameter `full_page_writes`.
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
        reads: [settings],
        source: "PostgreSQL manual, Write Ahead Log: full_page_writes",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off(view, &["full_page_writes"])
}

fn describe(off: &Off) -> Draft {
    off.critical()
        .because(
            "A page that is being written when the machine stops stays half old and half new, and WAL contains no copy \
             to repair it from.",
        )
        .advise("Leave it off only where the file system writes whole pages or none.")
        .impact("More WAL is written after each checkpoint.")
}
