//! Neither backups while running nor standbys are possible.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// The parameter `wal_level` is `minimal`.
    ///
    /// ## Why it matters
    ///
    /// WAL then suffices only for recovery after a crash. Base backups while the server runs, point-in-time recovery and
    /// standbys are impossible: after a loss of the storage, only the last dump is left.
    ///
    /// ## Threshold
    ///
    /// None: `minimal` is always reported.
    ///
    /// ## Remedy
    ///
    /// Set `wal_level` to `replica` and `max_wal_senders`, which has to be 0 with `minimal`, to 10: the defaults. Both require a
    /// restart. Then take a base backup, which needs a WAL sender.
    ///
    /// ## When to ignore this
    ///
    /// On a server whose data can be loaded again at any time.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "wal_level", "setting": "minimal" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "wal_level", "setting": "replica" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "wal_level", "setting": "logical" } ] }
    /// ```
    rule wal_level_minimal {
        code: PGD1217,
        title: "wal_level is minimal",
        passed: "wal_level allows backups and standbys",
        worst: Warning,
        reads: [settings],
        source: "PostgreSQL manual, wal_level",
    }
}

fn check(view: &View<'_>) -> Checked<Option<()>> {
    let setting = view.settings()?.require("wal_level")?;
    Ok((setting.setting.as_deref() == Some("minimal")).then_some(()))
}

fn subject((): &()) -> About {
    About::parameter("wal_level", Weight::All).figures([Figure::parameter("wal_level", "minimal").against("replica")])
}

fn describe((): &()) -> Draft {
    Draft::new("Raise wal_level from minimal to replica")
        .set("wal_level", "replica", Effort::Restart)
        .because("WAL suffices only for crash recovery: base backups, point-in-time recovery and standbys are not possible.")
        .advise("Before the restart, also set max_wal_senders from 0, which minimal requires, to 10, the default.")
        .advise("After it, take a base backup, which needs a WAL sender.")
        .impact("A restart terminates all sessions. Bulk loads into new tables write more WAL.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn a_base_backup_is_advised_together_with_what_it_needs() {
        let document = json!({ "pg_settings": [{ "name": "wal_level", "setting": "minimal" }] });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let found = analysis.findings.iter().find(|finding| finding.code == "PGD1217").unwrap();
        let (senders, backup) = (found.remedy.text.find("max_wal_senders"), found.remedy.text.find("base backup"));
        assert!(senders.is_some() && senders < backup, "{}", found.remedy.text);
    }
}
