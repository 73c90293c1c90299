//! Commits wait for standbys that are not connected.

use crate::engine::prelude::*;
use crate::facts::synchronous::Synchronous;

rule! {
    /// ## What it sees
    ///
    /// How many standbys `synchronous_standby_names` requires, and how many of those that are connected count as
    /// synchronous.
    ///
    /// ## Why it matters
    ///
    /// Every commit waits until enough standbys have confirmed it. If there are too few, commits wait until one connects:
    /// to applications the server hangs, without an error.
    ///
    /// ## Threshold
    ///
    /// Fewer synchronous standbys are streaming than required, and `synchronous_commit` waits for them: it is neither
    /// `off` nor `local`.
    ///
    /// ## Remedy
    ///
    /// Start the missing standbys. If they do not come back soon, reduce the number or the list in
    /// `synchronous_standby_names` and reload: waiting commits then continue, with less protection.
    ///
    /// ## When to ignore this
    ///
    /// Never: commits are waiting now.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "synchronous_standby_names", "setting": "ANY 2 (a, b, c)" },
    ///                    { "name": "synchronous_commit", "setting": "on" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "a", "state": "streaming", "sync_state": "quorum" } ] }
    /// ```
    /// ```json found
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "synchronous_standby_names", "setting": "*" } ], "pg_stat_replication": [] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "synchronous_standby_names", "setting": "ANY 2 (a, b, c)" },
    ///                    { "name": "synchronous_commit", "setting": "on" } ],
    ///   "pg_stat_replication": [ { "pid": 1, "application_name": "a", "state": "streaming", "sync_state": "quorum" },
    ///                            { "pid": 2, "application_name": "b", "state": "streaming", "sync_state": "quorum" } ] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "synchronous_standby_names", "setting": "" } ], "pg_stat_replication": [] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": false, "insert_lsn": "FF/0" } ],
    ///   "pg_settings": [ { "name": "synchronous_standby_names", "setting": "*" },
    ///                    { "name": "synchronous_commit", "setting": "local" } ],
    ///   "pg_stat_replication": [] }
    /// ```
    /// ```json passed
    /// { "pg_wal_position": [ { "is_in_recovery": true } ],
    ///   "pg_settings": [ { "name": "synchronous_standby_names", "setting": "ANY 2 (a, b, c)" },
    ///                    { "name": "synchronous_commit", "setting": "on" } ],
    ///   "pg_stat_replication": [] }
    /// ```
    rule sync_standby_missing {
        code: PGD1208,
        title: "Commits wait for missing standbys",
        passed: "Enough synchronous standbys are connected",
        worst: Critical,
        reads: [senders, settings, wal],
        source: "PostgreSQL manual, Synchronous Replication",
    }
}

struct Missing {
    wanted: Synchronous,
    connected: i64,
    setting: String,
}

fn check(view: &View<'_>) -> Checked<Option<Missing>> {
    let settings = view.settings()?;
    let setting = settings.require("synchronous_standby_names")?.setting.clone().unwrap_or_default();
    let is_waiting = !matches!(settings.text("synchronous_commit"), Some("off" | "local"));
    let is_primary = view.wal()?.position.is_in_recovery != Some(true);
    let Some(wanted) = Synchronous::parse(&setting).filter(|_| is_waiting && is_primary) else { return Ok(None) };
    let synchronous = view.senders()?.followers()?.into_iter().filter(|sender| sender.is_synchronous());
    let connected = i64::try_from(synchronous.count()).unwrap_or(i64::MAX);
    Ok((connected < wanted.number).then_some(Missing { wanted, connected, setting }))
}

fn subject(missing: &Missing) -> About {
    About::parameter("synchronous_standby_names", Weight::All).figures([
        Figure::new("connected", missing.connected).against(missing.wanted.number).labelled("synchronous standbys connected"),
        Figure::parameter("synchronous_standby_names", missing.setting.as_str()),
    ])
}

fn describe(missing: &Missing) -> Draft {
    let required = display::counted(missing.wanted.number, "synchronous standby", "synchronous standbys");
    Draft::new(format!("Connect {required}: commits wait, and {} of them are streaming", missing.connected))
        .because(format!("synchronous_standby_names is \"{}\". Commits wait until enough of these standbys confirm them.", missing.setting))
        .advise(format!("Start the missing standbys ({}).", missing.wanted.names.join(", ")))
        .advise("If they do not come back soon, shorten synchronous_standby_names and reload: waiting commits continue at once.")
        .query("SELECT application_name, state, sync_state FROM pg_stat_replication;\nSHOW synchronous_standby_names;")
        .effort(Effort::Reload)
        .impact("With fewer synchronous standbys, a failover can lose commits.")
}
