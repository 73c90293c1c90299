//! The server does not wait for its writes to reach the storage.

use crate::engine::draft::Draft;
use crate::engine::off::{Off, off};
use crate::{Checked, View, rule};

rule! {
    /// ## What it sees
    ///
    /// The parameter `fsync` is `off`.
    ///
    /// ## Why it matters
    ///
    /// Without `fsync` the server tells the operating system to write, but never waits until the storage has done
    /// so. After a power failure or a crash of the operating system, pages of tables and WAL may be in any order and
    /// any state: the cluster can be damaged beyond repair, and it may go unnoticed for a long time.
    ///
    /// ## Threshold
    ///
    /// None: `off` is found, whatever else is set.
    ///
    /// ## Remedy
    ///
    /// Switch it on; a reload is enough, unless the command line sets it. Where commits are too slow,
    /// `synchronous_commit = off` for the sessions that can lose their last moments is safe for the data: it never
    /// damages the cluster.
    ///
    /// ## When to ignore this
    ///
    /// On a throw-away server, such as one for tests. Silence it there with `--ignore PGD101`.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Write Ahead Log", parameter `fsync`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "fsync", "setting": "off", "source": "configuration file" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "fsync", "setting": "on", "source": "default" } ] }
    /// ```
    rule fsync_off {
        code: PGD101,
        title: "fsync is off",
        passed: "fsync is on",
        worst: Critical,
        reads: [settings],
        source: "PostgreSQL manual, Write Ahead Log: fsync",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off(view, &["fsync"])
}

fn describe(off: &Off) -> Draft {
    off.critical()
        .because(
            "The server does not wait until its writes are on disk. A power failure or a crash of the operating system \
             can damage the whole cluster beyond repair.",
        )
        .advise("Then take a fresh base backup: earlier ones may already contain damaged pages.")
        .impact("Commits wait for the storage again, so writes become slower.")
}
