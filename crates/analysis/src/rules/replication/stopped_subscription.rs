//! A subscription is enabled, but nothing applies its changes.

use crate::engine::prelude::*;
use crate::facts::logical::Subscription;

rule! {
    /// ## What it sees
    ///
    /// Enabled subscriptions of a database, and the processes that apply changes there.
    ///
    /// ## Why it matters
    ///
    /// The process ends with an error, such as a duplicate key, and starts again every few seconds to fail at the same
    /// place. The subscriber gets older, and the publisher keeps WAL.
    ///
    /// ## Threshold
    ///
    /// Fewer apply processes are running than subscriptions are enabled in the database. This is a single sample: a
    /// process that has just been restarted can be missed.
    ///
    /// ## Remedy
    ///
    /// The server log has the error. Resolve the conflict in the data, or skip the transaction with `ALTER SUBSCRIPTION …
    /// SKIP` (version 15). Also check that `max_logical_replication_workers` and `max_worker_processes` are large enough.
    ///
    /// ## When to ignore this
    ///
    /// If the subscription has just been enabled.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [], "pg_subscription": [ { "subname": "orders", "subenabled": true, "datname": "shop" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop" },
    ///                         { "pid": 2, "backend_type": "logical replication launcher", "datname": "shop" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_subscription": [ { "subname": "orders", "subenabled": true, "datname": "shop" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "logical replication apply worker", "datname": "shop" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_subscription": [ { "subname": "orders", "subenabled": true, "datname": "shop" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "logical replication worker", "datname": "shop" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [], "pg_subscription": [ { "subname": "orders", "subenabled": false, "datname": "shop" } ],
    ///   "pg_stat_activity": [ { "pid": 1, "backend_type": "client backend", "datname": "shop" } ] }
    /// ```
    rule stopped_subscription {
        code: PGD1215,
        title: "An enabled subscription is not applied",
        passed: "Every enabled subscription has a process that applies it",
        worst: Warning,
        reads: [subscriptions],
        source: "PostgreSQL manual, Logical Replication: Conflicts",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Subscription>> {
    let enabled = view.subscriptions()?.iter().filter(|subscription| subscription.row.subenabled == Some(true));
    let enabled: Vec<&Subscription> = enabled.collect();
    if enabled.iter().any(|subscription| subscription.workers.is_none()) {
        return Err(NotAssessed::because("the role cannot see all processes"));
    }
    Ok(enabled.into_iter().filter(|subscription| subscription.workers < Some(subscription.enabled)).collect())
}

fn subject(subscription: &&Subscription) -> About {
    About::new(subscription.subject(), Weight::Count(1)).figures([
        Figure::new("apply_processes", subscription.workers).labelled("apply processes in its database"),
        Figure::new("enabled", subscription.enabled).labelled("enabled subscriptions there"),
        Figure::new("slot", subscription.row.subslotname.clone()).labelled("slot on the publisher"),
    ])
}

fn describe(found: &Found<&Subscription>) -> Draft {
    let subscriptions = found.each("subscription", "subscriptions");
    Draft::new(format!("Find out why changes of {subscriptions} are not applied"))
        .confidence(Confidence::Medium)
        .because("It is enabled, but fewer processes apply changes than there are enabled subscriptions in its database.")
        .because("Its tables become outdated, and its slot holds WAL on the publisher.")
        .advise("Read the error in the server log, resolve the conflict, or skip the transaction (ALTER SUBSCRIPTION … SKIP).")
        .advise("Check the connection to the publisher and max_logical_replication_workers.")
        .query("SELECT subname, pid, received_lsn, last_msg_receipt_time FROM pg_stat_subscription;")
        .effort(Effort::Project)
}
