//! Every session can lose its last transactions.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `synchronous_commit` is `off` for the whole server. A value set for a role, a database or a session
    /// is not reported: it is the intended use.
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
    /// ```json passed
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "on", "source": "default" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "synchronous_commit", "setting": "off", "source": "user" } ] }
    /// ```
    rule synchronous_commit_off {
        code: PGD107,
        title: "synchronous_commit is off for all sessions",
        passed: "synchronous_commit is not off for all sessions",
        worst: Info,
        reads: [settings],
        source: "PostgreSQL manual, Asynchronous Commit",
    }
}

fn check(view: &View<'_>) -> Checked<Option<()>> {
    let setting = view.settings()?.require("synchronous_commit")?;
    let is_for_all = setting.source.as_deref().is_none_or(|source| matches!(source, "configuration file" | "command line"));
    Ok((setting.setting.as_deref() == Some("off") && is_for_all).then_some(()))
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
