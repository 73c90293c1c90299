//! A CTE is computed in full and then filtered.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::{ConditionKind, NodeType};

rule! {
    /// ## What it sees
    ///
    /// A CTE that is read once, by a CTE Scan whose filter removes nearly all of its rows.
    ///
    /// ## Why it matters
    ///
    /// A materialized CTE is computed before its filter applies. Inlined into the statement, the filter can use an index.
    ///
    /// ## Threshold
    ///
    /// The CTE took at least {MIN_SHARE} of the time, and the filter of its only scan removes at least {MIN_REMOVED} of the rows.
    /// Recursive CTEs, CTEs that write or lock rows, and CTEs that are read more than once are left out.
    ///
    /// ## Remedy
    ///
    /// Write `WITH name AS NOT MATERIALIZED (…)`, or remove the word MATERIALIZED. Otherwise move the condition into the CTE.
    ///
    /// ## When to ignore this
    ///
    /// If the CTE calls volatile functions: they must be called once for each of its rows, and the server then never inlines it.
    /// The plan does not show whether a function is volatile.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "CTE Scan on recent  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..80.000 rows=100 loops=1)",
    ///             "  Filter: (customer = 7)",
    ///             "  Rows Removed by Filter: 99900",
    ///             "  CTE recent",
    ///             "    ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..60.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "CTE Scan on recent  (cost=0.00..100.00 rows=60000 width=8) (actual time=0.010..80.000 rows=60000 loops=1)",
    ///             "  Filter: (customer = 7)",
    ///             "  Rows Removed by Filter: 40000",
    ///             "  CTE recent",
    ///             "    ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..60.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// It is read twice:
    ///
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..90.000 rows=100 loops=1)",
    ///             "  CTE recent",
    ///             "    ->  Seq Scan on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..40.000 rows=100000 loops=1)",
    ///             "  ->  CTE Scan on recent  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..80.000 rows=100 loops=1)",
    ///             "        Filter: (customer = 7)",
    ///             "        Rows Removed by Filter: 99900",
    ///             "  ->  CTE Scan on recent r2  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.100 rows=1 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// It writes:
    ///
    /// ```json passed
    /// { "plan": [ "CTE Scan on recent  (cost=0.00..100.00 rows=100 width=8) (actual time=0.010..80.000 rows=100 loops=1)",
    ///             "  Filter: (customer = 7)",
    ///             "  Rows Removed by Filter: 99900",
    ///             "  CTE recent",
    ///             "    ->  Delete on orders  (cost=0.00..100.00 rows=100000 width=8) (actual time=0.010..60.000 rows=100000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule materialized_cte {
        code: PGD1620,
        title: "A CTE is computed in full and then filtered",
        passed: "No CTE is computed in full to be filtered",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Common Table Expression Materialization; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the time below which a CTE is negligible.
            MIN_SHARE: Ratio = Ratio(0.20),
            /// Share of the rows that the filter removes.
            MIN_REMOVED: Ratio = Ratio(0.90),
        },
    }
}

/// The scan of a CTE with the rows that it read and returned.
struct Filtered<'a> {
    scan: PlanNode<'a>,
    time: Option<Millis>,
    read: i64,
    kept: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Filtered<'a>>> {
    let explained = view.plan()?;
    explained.require_times()?;
    Ok(explained.nodes().filter_map(filtered).collect())
}

fn filtered(cte: PlanNode<'_>) -> Option<Filtered<'_>> {
    let name = cte.node.subplan.as_ref()?.strip_prefix("CTE ")?;
    let is_fixed = matches!(cte.node.kind, NodeType::RecursiveUnion | NodeType::ModifyTable | NodeType::LockRows);
    let mut scans = cte.explained.nodes().filter(|node| node.node.target.cte.as_deref() == Some(name));
    let (scan, other) = (scans.next()?, scans.next());
    let (read, kept) = (scan.rows_read()?, scan.rows()?);
    let is_found = !is_fixed && other.is_none() && read - kept >= read * MIN_REMOVED.0 && read > 0.0;
    let is_costly = cte.inclusive_share()? >= MIN_SHARE;
    let time = cte.inclusive_time();
    (is_found && is_costly).then_some(Filtered { scan, time, read: read as i64, kept: kept as i64 })
}

fn subject(found: &Filtered<'_>) -> About {
    about(&found.scan).figures([
        Figure::new("time_of_the_cte", found.time),
        Figure::new("rows_read", found.read),
        Figure::new("rows_kept", found.kept),
        Figure::new("filter", found.scan.node.condition(ConditionKind::Filter).map(str::to_owned)),
    ])
}

fn describe(found: &Found<Filtered<'_>>) -> Draft {
    let removed = display::count(found.sum(|one| Some(one.read - one.kept)));
    Draft::new(format!("Inline the CTE of {}: {removed} of its rows removed by the filter", found.named("scan", "scans")))
        .confidence(Confidence::Medium)
        .because("The CTE was computed in full before the filter applied.")
        .advise("Write NOT MATERIALIZED, or move the condition into the CTE.")
        .advise("A CTE that calls volatile functions is never inlined.")
}
