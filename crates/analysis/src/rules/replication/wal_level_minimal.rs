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
    /// Set `wal_level` to `replica` and `max_wal_senders`, which has to be 0 with `minimal`, to 10: the defaults. If
    /// `max_replication_slots` is 0, set it to 10 too: standbys with slots and logical decoding need it. All require a
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

struct Minimal {
    /// Whether the server has no replication slots, which standbys and logical decoding need.
    has_no_slots: bool,
}

fn check(view: &View<'_>) -> Checked<Option<Minimal>> {
    let settings = view.settings()?;
    let is_minimal = settings.require("wal_level")?.setting.as_deref() == Some("minimal");
    Ok(is_minimal.then(|| Minimal { has_no_slots: settings.integer("max_replication_slots") == Some(0) }))
}

fn subject(_: &Minimal) -> About {
    About::parameter("wal_level", Weight::All).figures([Figure::parameter("wal_level", "minimal").against("replica")])
}

fn describe(minimal: &Minimal) -> Draft {
    Draft::new("Raise wal_level from minimal to replica")
        .set("wal_level", "replica", Effort::Restart)
        .because("WAL suffices only for crash recovery: base backups, point-in-time recovery and standbys are not possible.")
        .advise("Before the restart, also set max_wal_senders from 0, which minimal requires, to 10, the default.")
        .advise_if(
            minimal.has_no_slots,
            "Set max_replication_slots from 0 to 10, the default, too: standbys with slots and logical decoding need it.",
        )
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
        assert!(!found.remedy.text.contains("max_replication_slots"), "{}", found.remedy.text);
    }

    #[test]
    fn slots_are_advised_where_there_are_none() {
        let setting = |name: &str, setting: &str| json!({ "name": name, "setting": setting });
        let document = json!({ "pg_settings": [setting("wal_level", "minimal"), setting("max_replication_slots", "0")] });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let found = analysis.findings.iter().find(|finding| finding.code == "PGD1217").unwrap();
        assert!(found.remedy.text.contains("max_replication_slots from 0 to 10"), "{}", found.remedy.text);
    }
}
