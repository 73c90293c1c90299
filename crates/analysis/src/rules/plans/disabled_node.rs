//! The plan contains a node of a disabled type.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{Explained, PlanNode};

rule! {
    /// ## What it sees
    ///
    /// A node of a type that a parameter such as `enable_seqscan` disables, and that the planner used because there is no
    /// alternative.
    ///
    /// ## Why it matters
    ///
    /// The parameters are meant for tests. The planner avoids the node at any cost, so the rest of the plan can be much slower than
    /// it needs to be.
    ///
    /// ## Threshold
    ///
    /// Version 18 marks the node as disabled. Before, its cost is at least {DISABLED_COST}, and so is that of all nodes above it:
    /// only the lowest is reported. If the plan lists settings and none of them disables a type of node, the cost is real. A node
    /// that took less than {MIN_SHARE} of the time, with all below it, is left out.
    ///
    /// ## Remedy
    ///
    /// Reset the parameter where it is set: for the session, the role, the database, the function or the server.
    ///
    /// ## When to ignore this
    ///
    /// If the parameter was set to test what the planner would do otherwise.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Sort  (cost=0.00..9.00 rows=100 width=8) (actual time=0.010..9.000 rows=100 loops=1)",
    ///             "  Sort Key: id",
    ///             "  ->  Seq Scan on orders  (cost=0.00..8.00 rows=100 width=8) (actual time=0.010..8.000 rows=100 loops=1)",
    ///             "        Disabled: true",
    ///             "Settings: enable_seqscan = 'off'",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    ///
    /// Before version 18:
    ///
    /// ```json found
    /// { "plan": [ "Sort  (cost=0.00..10000000009.00 rows=100 width=8) (actual time=0.010..9.000 rows=100 loops=1)",
    ///             "  Sort Key: id",
    ///             "  ->  Seq Scan on orders  (cost=0.00..10000000008.00 rows=100 width=8) (actual time=0.010..8.000 rows=100 loops=1)",
    ///             "Settings: enable_seqscan = 'off'",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Sort  (cost=0.00..9.00 rows=100 width=8) (actual time=0.010..9.000 rows=100 loops=1)",
    ///             "  Sort Key: id",
    ///             "  ->  Seq Scan on orders  (cost=0.00..8.00 rows=100 width=8) (actual time=0.010..8.000 rows=100 loops=1)",
    ///             "Settings: enable_seqscan = 'off'",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    ///
    /// A high cost without a disabled type of node:
    ///
    /// ```json passed
    /// { "plan": [ "Sort  (cost=0.00..20000000001.00 rows=100 width=8) (actual time=0.010..9.000 rows=100 loops=1)",
    ///             "  Sort Key: id",
    ///             "  ->  Seq Scan on orders  (cost=0.00..20000000000.00 rows=100 width=8) (actual time=0.010..8.000 rows=100 loops=1)",
    ///             "Settings: work_mem = '64MB'",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 9.9 ms" ] }
    /// ```
    rule disabled_node {
        code: PGD1624,
        title: "The plan contains a node of a disabled type",
        passed: "The plan contains no node of a disabled type",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Query Planning: Planner Method Configuration",
        thresholds: {
            /// Cost that a disabled node adds before version 18.
            DISABLED_COST: f64 = 1e10,
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<PlanNode<'a>>> {
    let explained = view.plan()?;
    let is_marked = explained.nodes().any(|node| node.node.is_disabled);
    let has_settings = !explained.plan.settings.is_empty();
    let is_costly = |node: &PlanNode<'_>| node.node.estimate.is_some_and(|estimate| estimate.total_cost >= DISABLED_COST);
    let is_lowest = |node: &PlanNode<'_>| is_costly(node) && !node.children().any(|child| is_costly(&child));
    let by_cost = !is_marked && (!has_settings || disabling(explained).is_some());
    let is_found = |node: &PlanNode<'_>| node.node.is_disabled || (by_cost && is_lowest(node));
    Ok(explained.nodes().filter(is_found).filter(|node| node.subtree_takes(MIN_SHARE)).collect())
}

/// The parameters that disable types of nodes, as far as the plan shows them.
fn disabling(explained: &Explained) -> Option<String> {
    let off = explained.plan.settings.iter().filter(|(name, value)| name.starts_with("enable_") && value == "off");
    let names: Vec<&str> = off.map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn subject(node: &PlanNode<'_>) -> About {
    about(node).figures([
        Figure::new("cost", node.node.estimate.map(|estimate| estimate.total_cost as i64)),
        Figure::new("disabled_by", disabling(node.explained)),
    ])
}

fn describe(found: &Found<PlanNode<'_>>) -> Draft {
    let by = found.first().and_then(|node| disabling(node.explained));
    let by = by.map_or_else(|| "its type is disabled".to_owned(), |names| format!("disabled by {names}"));
    Draft::new(format!("Reset the parameters that disable {}: {by}", found.named("node", "nodes")))
        .because("The planner had no alternative to these nodes, although their type is disabled.")
        .advise("Reset the parameter where it is set: session, role, database, function or server.")
        .query("SELECT name, setting, source FROM pg_catalog.pg_settings WHERE name LIKE 'enable\\_%' AND setting = 'off';")
}
