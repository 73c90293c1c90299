//! The server does not wait for its writes to reach durable storage.

use crate::engine::off::{Off, off, subject};
use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `fsync` is `off`.
    ///
    /// ## Why it matters
    ///
    /// Without `fsync` the server passes its writes to the operating system, but never waits until they are on durable
    /// storage. After a power failure or an operating system crash, table and WAL pages can be written in any order, or not
    /// at all: the cluster can be corrupted beyond repair, and the corruption can go unnoticed for a long time.
    ///
    /// ## Threshold
    ///
    /// None: `off` is always reported.
    ///
    /// ## Remedy
    ///
    /// Enable it; a reload is sufficient unless the command line sets it. If commits are too slow, set
    /// `synchronous_commit = off` for sessions that can afford to lose their most recent transactions: this never corrupts
    /// the cluster.
    ///
    /// ## When to ignore this
    ///
    /// On a disposable server, such as one for tests. Skip the rule there with `--ignore PGD101`.
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
        reads: [server_settings],
        source: "PostgreSQL manual, Write Ahead Log: fsync",
    }
}

fn check(view: &View<'_>) -> Checked<Option<Off>> {
    off(view, &["fsync"])
}

fn describe(off: &Off) -> Draft {
    off.enable()
        .because(
            "The server does not wait for its writes to reach durable storage. A power failure or an operating system \
             crash can corrupt the whole cluster beyond repair.",
        )
        .advise("Then take a new base backup, since existing ones might already contain corrupted pages.")
        .impact("Commits wait for the storage again, so writes are slower.")
}
