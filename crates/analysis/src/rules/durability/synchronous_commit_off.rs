//! Every session can lose its last transactions.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `synchronous_commit` is `off` for the whole server or, by ALTER ROLE ALL, for all roles. A value set for a
    /// role, a database or a session is not reported: it is the intended use.
    ///
    /// ## Why it matters
    ///
    /// Commits return before their WAL is on durable storage. After a crash the transactions of the last moments, at most
    /// three times `wal_writer_delay`, are missing, although their clients were told that they committed. The cluster is
    /// not corrupted.
    ///
    /// ## Threshold
    ///
    /// None: `off` is always reported, as information.
    ///
    /// ## Remedy
    ///
    /// Set it to `on`, and to `off` only for the roles or transactions that can afford the loss.
    ///
    /// ## When to ignore this
    ///
    /// If no transaction of this server matters so much, for example if all data can be loaded again.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "off", "source": "configuration file" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "off", "source": "global" } ],
    ///   "pg_db_role_setting": [ { "name": "synchronous_commit", "setting": "off" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "on", "source": "user" } ],
    ///   "pg_db_role_setting": [ { "name": "synchronous_commit", "setting": "off" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "on", "source": "default" } ] }
    /// ```
    /// ```json found
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "on", "source": "user" } ],
    ///   "pg_file_settings": [ { "seqno": 1, "name": "synchronous_commit", "setting": "off", "applied": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "off", "boot_val": "on", "source": "user" } ],
    ///   "pg_file_settings": [] }
    /// ```
    rule synchronous_commit_off {
        code: PGD107,
        title: "synchronous_commit is off for all sessions",
        passed: "synchronous_commit is not off for all sessions",
        worst: Info,
        reads: [server_settings],
        source: "PostgreSQL manual, Asynchronous Commit",
    }
}

fn check(view: &View<'_>) -> Checked<Option<()>> {
    let is_off = view.server_settings()?.require("synchronous_commit")?.setting.as_deref() == Some("off");
    Ok(is_off.then_some(()))
}

fn subject((): &()) -> About {
    About::parameter("synchronous_commit", Weight::All)
        .figures([Figure::parameter("synchronous_commit", "off").against("on")])
}

fn describe((): &()) -> Draft {
    Draft::new("Enable synchronous_commit for transactions that must not be lost")
        .set("synchronous_commit", "on", Effort::Reload)
        .because("Commits return before their WAL is on durable storage, so a crash loses the transactions of the last moments.")
        .advise("Then disable it for the roles that can afford that: ALTER ROLE … SET synchronous_commit = off.")
        .impact("Commits wait for the storage.")
}
