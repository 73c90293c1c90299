//! A Memoize keeps too little.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;
use pgdba_plan::Memoize;

rule! {
    /// ## What it sees
    ///
    /// A Memoize that had to remove entries for want of memory and found few lookups in its cache, or whose entries did not fit at
    /// all.
    ///
    /// ## Why it matters
    ///
    /// Each lookup that is not in the cache executes the node below, and filling the cache is added to that.
    ///
    /// ## Threshold
    ///
    /// Entries were removed and less than {MIN_HITS} of the lookups were cache hits, or the rows of a lookup did not fit; the node
    /// with all below it took at least {MIN_SHARE} of the time, or the times are not known.
    ///
    /// ## Remedy
    ///
    /// Raise `work_mem` or `hash_mem_multiplier` for the session or role. If there are more distinct keys than the planner
    /// expected, correct that estimate: ANALYZE, a higher statistics target, or `n_distinct` of the column.
    ///
    /// ## When to ignore this
    ///
    /// If the keys hardly repeat in this execution only.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..5.000 rows=5000 loops=1)",
    ///             "  ->  Memoize  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)",
    ///             "        Cache Key: o.item",
    ///             "        Hits: 500  Misses: 4500  Evictions: 4000  Overflows: 0  Memory Usage: 4097kB",
    ///             "        ->  Index Scan using items_pkey on items i  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=4500)",
    ///             "              Index Cond: (id = o.item)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json found
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..5.000 rows=5000 loops=1)",
    ///             "  ->  Memoize  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)",
    ///             "        Cache Key: o.item",
    ///             "        Hits: 4900  Misses: 100  Evictions: 0  Overflows: 3  Memory Usage: 4097kB",
    ///             "        ->  Index Scan using items_pkey on items i  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=100)",
    ///             "              Index Cond: (id = o.item)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..5.000 rows=5000 loops=1)",
    ///             "  ->  Memoize  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)",
    ///             "        Cache Key: o.item",
    ///             "        Hits: 4900  Misses: 100  Evictions: 20  Overflows: 0  Memory Usage: 4097kB",
    ///             "        ->  Index Scan using items_pkey on items i  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=100)",
    ///             "              Index Cond: (id = o.item)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// Few hits, but everything fits:
    ///
    /// ```json passed
    /// { "plan": [ "Nested Loop  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..90.000 rows=5000 loops=1)",
    ///             "  ->  Seq Scan on orders o  (cost=0.00..100.00 rows=5000 width=8) (actual time=0.010..5.000 rows=5000 loops=1)",
    ///             "  ->  Memoize  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=5000)",
    ///             "        Cache Key: o.item",
    ///             "        Hits: 500  Misses: 4500  Evictions: 0  Overflows: 0  Memory Usage: 4097kB",
    ///             "        ->  Index Scan using items_pkey on items i  (cost=0.00..100.00 rows=1 width=8) (actual time=0.010..0.016 rows=1 loops=4500)",
    ///             "              Index Cond: (id = o.item)",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule memoize_thrash {
        code: PGD1615,
        title: "A Memoize finds few of its lookups in its cache",
        passed: "Every Memoize finds its lookups in its cache",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Share of lookups that must be cache hits.
            MIN_HITS: Ratio = Ratio(0.50),
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// A Memoize with what all processes counted.
struct Thrashing<'a> {
    node: PlanNode<'a>,
    hits: i64,
    misses: i64,
    evictions: i64,
    overflows: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Thrashing<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(thrashing).collect())
}

fn thrashing(node: PlanNode<'_>) -> Option<Thrashing<'_>> {
    let sum = |figure: fn(&Memoize) -> u64| Some(node.sum(|run| run.memoize.as_ref().map(figure))? as i64);
    let (hits, misses) = (sum(|memoize| memoize.hits)?, sum(|memoize| memoize.misses)?);
    let (evictions, overflows) = (sum(|memoize| memoize.evictions)?, sum(|memoize| memoize.overflows)?);
    let has_few_hits = Ratio::of(hits, hits.saturating_add(misses)).is_some_and(|ratio| ratio < MIN_HITS);
    let is_found = overflows > 0 || (evictions > 0 && has_few_hits);
    (is_found && node.subtree_takes(MIN_SHARE)).then_some(Thrashing { node, hits, misses, evictions, overflows })
}

fn subject(found: &Thrashing<'_>) -> About {
    about(&found.node).figures([
        Figure::new("hits", found.hits),
        Figure::new("misses", found.misses),
        Figure::new("evictions", found.evictions),
        Figure::new("overflows", found.overflows),
        Figure::new("cache_key", found.node.node.keys.cache.clone()),
    ])
}

fn describe(found: &Found<Thrashing<'_>>) -> Draft {
    let misses = display::count(found.sum(|one| Some(one.misses)));
    Draft::new(format!("Let {} keep more: {misses} lookups were not cache hits", found.named("node", "nodes")))
        .because("The cache did not fit into memory.")
        .advise("Raise work_mem or hash_mem_multiplier for the session or role that runs the statement.")
        .advise("If there are more distinct keys than the planner expected, correct that estimate.")
        .impact("Every hash of every session with that setting can use work_mem times hash_mem_multiplier.")
}
