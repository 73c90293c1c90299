//! A scan reads many rows and keeps few.

use std::collections::BTreeSet;

use crate::engine::condition::{Sought, improvable};
use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::{ConditionKind, NodeType};

rule! {
    /// ## What it sees
    ///
    /// A scan whose filter removes nearly all of the rows that it reads.
    ///
    /// ## Why it matters
    ///
    /// The rows are read from the table, and checked, for nothing. An index on the filter's columns finds the others directly,
    /// if the filter compares the columns themselves.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_REMOVED} rows removed over all loops, less than {MAX_KEPT} kept, and at least {MIN_SHARE} of the time taken.
    ///
    /// ## Remedy
    ///
    /// Create an index on the columns of the filter, those compared for equality first; a partial index where the condition is
    /// always the same. If the node is an index scan already, add the columns of the filter to its index.
    ///
    /// Such an index is not used for a cast or a function of the column: compare the column itself, for a time with a range (`ts >=
    /// … AND ts < …`). Otherwise an index on the expression is needed, whose functions must all be IMMUTABLE; those that depend on
    /// the time zone are not.
    ///
    /// A pattern with a fixed beginning needs the operator class `text_pattern_ops` unless the collation is C, one without the
    /// extension pg_trgm, and operators such as `@>` a GIN or GiST index. `5 = ANY (column)` must be written as `column @>
    /// ARRAY[5]`. A subquery that is executed for each row cannot be indexed: join its table instead.
    ///
    /// If such an index exists already, compare `random_page_cost` and `effective_cache_size` with the storage and the memory: the plan
    /// does not show what the planner rejected.
    ///
    /// ## When to ignore this
    ///
    /// If the condition cannot be indexed, such as a function without an operator class, or the statement runs rarely.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..1693.00 rows=90 width=8) (actual time=0.010..9.000 rows=100 loops=1)",
    ///             "  Filter: (state = 'open'::text)", "  Rows Removed by Filter: 99900",
    ///             "Planning Time: 0.1 ms", "Execution Time: 9.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Seq Scan on orders  (cost=0.00..1693.00 rows=50000 width=8) (actual time=0.010..9.000 rows=50000 loops=1)",
    ///             "  Filter: (state = 'open'::text)", "  Rows Removed by Filter: 50000",
    ///             "Planning Time: 0.1 ms", "Execution Time: 9.0 ms" ] }
    /// ```
    rule rows_removed {
        code: PGD1603,
        title: "A scan reads many rows and keeps few",
        passed: "No scan reads many rows to keep few",
        worst: Warning,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Removed rows over all loops below which a scan is cheap.
            MIN_REMOVED: i64 = 10_000,
            /// Share of the rows read that are kept.
            MAX_KEPT: Ratio = Ratio(0.10),
            /// Share of the time below which a scan is negligible.
            MIN_SHARE: Ratio = Ratio(0.20),
        },
    }
}

/// The plan shows the indexes that the planner chose, not those that it considered too expensive.
const EXISTING: &str = "If such an index exists already (\\d in psql lists the indexes of a table), the planner considered it more \
                        expensive: compare random_page_cost and effective_cache_size with the storage and the memory instead of \
                        creating another one.";

/// A scan with the rows that it removed and kept over all loops.
struct Wasteful<'a> {
    node: PlanNode<'a>,
    removed: f64,
    kept: f64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Wasteful<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(wasteful).collect())
}

fn wasteful(node: PlanNode<'_>) -> Option<Wasteful<'_>> {
    let loops = node.actual()?.loops as f64;
    let removed = node.node.removed.filter? * loops;
    let kept = node.rows()?;
    let is_scan = matches!(
        node.node.kind,
        NodeType::SeqScan | NodeType::IndexScan | NodeType::IndexOnlyScan | NodeType::BitmapHeapScan
    );
    let is_wasteful = removed >= MIN_REMOVED as f64 && kept / (kept + removed) < MAX_KEPT.0;
    (is_scan && is_wasteful && node.takes(MIN_SHARE)).then_some(Wasteful { node, removed, kept })
}

fn subject(found: &Wasteful<'_>) -> About {
    about(&found.node).severity(Severity::Warning).figures([
        Figure::new("rows_removed", found.removed as i64).against(MIN_REMOVED),
        Figure::new("rows_kept", found.kept as i64),
        Figure::new("filter", found.node.node.condition(ConditionKind::Filter).map(str::to_owned)),
    ])
}

fn describe(found: &Found<Wasteful<'_>>) -> Draft {
    let removed = display::count(found.sum(|one| Some(one.removed as i64)));
    let filter = |one: &Wasteful<'_>| one.node.node.condition(ConditionKind::Filter).map(improvable).unwrap_or_default();
    let is_column = |one: &Wasteful<'_>| filter(one).first().is_some_and(|easiest| *easiest <= Sought::Text);
    let is_indexed = found.any(|one| one.node.node.target.index.is_some() && is_column(one));
    let sought: BTreeSet<Sought> = found.iter().flat_map(filter).collect();
    let is_indexable = sought.iter().any(|sought| sought.is_indexable());
    let draft = Draft::new(format!("Read fewer rows in {}: {removed} rows read for nothing", found.named("node", "nodes")))
        .because("The scan reads these rows and its filter removes them.");
    let draft = sought.iter().fold(draft, |draft, sought| draft.advise(sought.index_advice()));
    let draft = draft.advise_if(is_indexable, EXISTING).advise_if(is_indexed, "Of an index scan, add the columns of the filter to its index.");
    if !is_indexable {
        return draft;
    }
    draft.impact("CREATE INDEX CONCURRENTLY does not block writes; every index slows them down.")
}

#[cfg(test)]
mod tests {
    use crate::explain::explain;

    /// The remedy for a scan with this filter.
    fn remedy(filter: &str) -> String {
        let lines = format!(
            "Seq Scan on big  (cost=0.00..1693.00 rows=90 width=8) (actual time=0.010..9.000 rows=100 loops=1)\n  Filter: {filter}\n  \
             Rows Removed by Filter: 99900\nExecution Time: 9.0 ms"
        );
        let (explanation, _) = explain(pgdba_plan::read(&lines).unwrap().remove(0));
        let found = explanation.findings.iter().find(|finding| finding.code == "PGD1603").unwrap();
        serde_json::to_string(found).unwrap()
    }

    #[test]
    fn an_index_is_advised_only_where_it_is_used() {
        let of_columns = "Create an index on the columns of the filter";
        for (filter, is_advised, other) in [
            ("(c = 7)", true, "lists the indexes"),
            ("((note ~~ '%abc%'::text) AND (c = 7))", true, ""),
            ("((v)::text = 'y'::text)", true, "of its own type"),
            ("((ts)::date = '2001-01-01'::date)", false, "IMMUTABLE"),
            ("((ts + '1 day'::interval) < now())", false, "to the other side"),
            ("((ts < now()) AND ((now() - ts) < '01:00:00'::interval))", true, "to the other side"),
            ("((v)::text ~~ 'x77%'::text)", false, "text_pattern_ops"),
            ("(j @> '{\"k\": 5}'::jsonb)", false, "GIN"),
            ("(5 = ANY (arr))", false, "@> ARRAY[value]"),
            ("(note ~~ '%abc%'::text)", false, "pg_trgm"),
            ("(NOT (hashed SubPlan 1))", false, "subquery"),
            ("(random() < '0.0001'::double precision)", false, "does not compare a column"),
            ("(c <> 7)", false, "excludes values"),
        ] {
            let remedy = remedy(filter);
            assert_eq!(remedy.contains(of_columns), is_advised, "{filter}: {remedy}");
            assert!(remedy.contains(other), "{filter}: {remedy}");
            let is_indexable = !["subquery", "does not compare a column"].contains(&other);
            assert_eq!(remedy.contains("CREATE INDEX"), is_indexable, "{filter}: {remedy}");
        }
    }
}
