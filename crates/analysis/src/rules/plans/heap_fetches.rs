//! An index-only scan reads the table.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// An Index Only Scan that had to read rows from the table, because the visibility map does not mark their pages as
    /// all-visible.
    ///
    /// ## Why it matters
    ///
    /// Each of these rows is a random read of the table, which an index-only scan exists to avoid.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_FETCHES} heap fetches, for more than {MAX_FETCHED} of the rows that the index returned, those removed by a
    /// filter included; the node took at least {MIN_SHARE} of the time, or the times are not known.
    ///
    /// ## Remedy
    ///
    /// VACUUM the table: it sets the visibility map. Lower `autovacuum_vacuum_scale_factor` of the table, and
    /// `autovacuum_vacuum_insert_scale_factor` if rows are only inserted, so that autovacuum runs more often.
    ///
    /// ## When to ignore this
    ///
    /// If the statement reads rows that were changed recently: no VACUUM keeps up with them, and a transaction that is still open
    /// prevents it.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Index Only Scan using orders_day_idx on orders  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..90.000 rows=50000 loops=1)",
    ///             "  Index Cond: (day = '2026-01-01'::date)",
    ///             "  Heap Fetches: 48000",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    ///
    /// A few pages that were changed recently:
    ///
    /// ```json passed
    /// { "plan": [ "Index Only Scan using orders_day_idx on orders  (cost=0.00..100.00 rows=50000 width=8) (actual time=0.010..90.000 rows=50000 loops=1)",
    ///             "  Index Cond: (day = '2026-01-01'::date)",
    ///             "  Heap Fetches: 900",
    ///             "Planning Time: 0.1 ms",
    ///             "Execution Time: 91.0 ms" ] }
    /// ```
    rule heap_fetches {
        code: PGD1607,
        title: "An index-only scan reads the table",
        passed: "Index-only scans rarely read the table",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, Index-Only Scans and Covering Indexes; the thresholds are pgdba's own",
        thresholds: {
            /// Heap fetches below which their cost is negligible.
            MIN_FETCHES: i64 = 1000,
            /// Share of the rows that can be fetched from the table.
            MAX_FETCHED: Ratio = Ratio(0.10),
            /// Share of the time below which a node is negligible.
            MIN_SHARE: Ratio = Ratio(0.05),
        },
    }
}

/// An index-only scan with the rows that the index returned.
struct Fetching<'a> {
    node: PlanNode<'a>,
    fetches: i64,
    rows: i64,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Fetching<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.nodes().filter_map(fetching).collect())
}

fn fetching(node: PlanNode<'_>) -> Option<Fetching<'_>> {
    let (fetches, rows) = (node.node.run.heap_fetches?, node.rows_read()?);
    let is_found = fetches as i64 >= MIN_FETCHES && fetches as f64 > rows * MAX_FETCHED.0;
    (is_found && node.takes(MIN_SHARE)).then_some(Fetching { node, fetches: fetches as i64, rows: rows as i64 })
}

fn subject(found: &Fetching<'_>) -> About {
    about(&found.node).figures([
        Figure::new("heap_fetches", found.fetches).against(MIN_FETCHES),
        Figure::new("rows", found.rows),
        Figure::new("index", found.node.node.target.index.clone()),
    ])
}

fn describe(found: &Found<Fetching<'_>>) -> Draft {
    let fetches = display::count(found.sum(|one| Some(one.fetches)));
    let mut statements: Vec<String> =
        found.iter().filter_map(|one| one.node.relation()).map(|table| format!("VACUUM {table};")).collect();
    statements.sort();
    statements.dedup();
    Draft::new(format!("Vacuum the table of {}: {fetches} heap fetches", found.named("scan", "scans")))
        .because("The visibility map does not mark the pages as all-visible, so the scan reads the rows from the table.")
        .advise("Run VACUUM, and set the autovacuum parameters of the table so that it runs more often.")
        .run(statements.join("\n"))
        .impact("VACUUM reads the pages that are not all-visible and does not block reads or writes.")
        .undo_text("VACUUM does not have to be undone.")
}
