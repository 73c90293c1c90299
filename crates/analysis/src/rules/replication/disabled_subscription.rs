//! A subscription does not receive changes.

use crate::engine::prelude::*;
use crate::facts::logical::Subscription;

rule! {
    /// ## What it sees
    ///
    /// Subscriptions that are disabled, by `ALTER SUBSCRIPTION … DISABLE` or by an error with `disable_on_error` (version
    /// 15).
    ///
    /// ## Why it matters
    ///
    /// Its tables do not receive changes, while its replication slot makes the publisher keep all WAL and, in its
    /// catalogs, dead rows.
    ///
    /// ## Threshold
    ///
    /// None: a disabled subscription is always reported.
    ///
    /// ## Remedy
    ///
    /// Find the reason in the server log, resolve the conflict, and enable it. If it is not needed, drop it, which also
    /// drops the slot on the publisher.
    ///
    /// ## When to ignore this
    ///
    /// While the subscription is being set up or moved.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_subscription": [ { "subname": "orders", "subenabled": false, "datname": "shop", "subslotname": "orders" } ] }
    /// ```
    /// ```json passed
    /// { "pg_subscription": [ { "subname": "orders", "subenabled": true, "datname": "shop" } ] }
    /// ```
    /// ```json passed
    /// { "pg_subscription": [] }
    /// ```
    rule disabled_subscription {
        code: PGD1214,
        title: "A subscription is disabled",
        passed: "All subscriptions are enabled",
        worst: Warning,
        reads: [subscriptions],
        source: "PostgreSQL manual, Logical Replication: Conflicts",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Subscription>> {
    Ok(view.subscriptions()?.iter().filter(|subscription| subscription.row.subenabled == Some(false)).collect())
}

fn subject(subscription: &&Subscription) -> About {
    let row = &subscription.row;
    About::new(subscription.subject(), Weight::Count(1))
        .figures([
            Figure::new("slot", row.subslotname.clone()).labelled("slot on the publisher"),
            Figure::new("disable_on_error", row.subdisableonerr.map(|is| if is { "yes" } else { "no" })),
        ])
        .run(subscription.run(" ENABLE;"))
}

fn describe(found: &Found<&Subscription>) -> Draft {
    let subscriptions = found.each("subscription", "subscriptions");
    let by_error = found.part(|subscription| subscription.row.subdisableonerr == Some(true));
    Draft::new(format!("Enable or drop {subscriptions}: changes are not received"))
        .because("It is disabled. Its tables become outdated, and its slot holds WAL on the publisher.")
        .because_for(by_error.as_ref(), "Perhaps an error disabled")
        .advise("Find the reason in the server log and resolve it, then enable the subscription.")
        .advise("If it is not needed any more, run DROP SUBSCRIPTION.")
        .impact("The changes since then are applied.")
        .undo_text("Run ALTER SUBSCRIPTION … DISABLE.")
}
