//! Much of a table is free or dead space.

use crate::engine::bloat::{figures, rewrite_time, wasted};
use crate::engine::prelude::*;
use crate::facts::bloat::{Bloated, require_estimates};

rule! {
    /// ## What it sees
    ///
    /// A table or materialized view of which VACUUM FULL would return a large part: the pages that it has, less those that its
    /// live rows need. Those are estimated from the number of rows, the widths and alignment of the columns, nulls and
    /// `fillfactor`, without reading the table. `pgdba query bloat` shows the estimate of every table.
    ///
    /// ## Why it matters
    ///
    /// Sequential scans read the empty space, backups copy it, and the cache holds pages that are mostly empty.
    ///
    /// ## Threshold
    ///
    /// The low end of the estimate's interval counts: at least {MIN_SHARE} and {MIN_WASTED} would come back. Notice, from
    /// {WARNING} on warning. If no table is above that, but the bloat of one of at least {MIN_WASTED} cannot be estimated,
    /// for example because it was never analyzed, the rule is not assessed.
    ///
    /// ## Remedy
    ///
    /// First decide whether the space must come back: VACUUM makes it available to new rows of the same table, and if those
    /// will fill it, nothing needs to be done. VACUUM FULL returns it. It blocks reads and writes and needs disk space for a
    /// second copy of the table and its indexes. The extensions pg_repack and pg_squeeze do the same with a short lock only.
    /// A materialized view is also rewritten by REFRESH MATERIALIZED VIEW.
    ///
    /// ## When to ignore this
    ///
    /// If the table grows again soon, or as many rows are deleted as are inserted, such as in a queue: the free space is then
    /// in use, and a rewrite would only make room that has to be extended again.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relnatts": 2,
    ///                   "relpages": 100000, "reltuples": 4000000, "size_bytes": 819200000, "size_source": "pg_relation_size" } ],
    ///   "pg_attribute": [ { "attrelid": 16385, "attnum": 1, "attname": "id", "atttypid": 20 },
    ///                     { "attrelid": 16385, "attnum": 2, "attname": "n", "atttypid": 20 } ],
    ///   "pg_type": [ { "oid": 20, "typname": "int8", "typlen": 8, "typalign": "d" } ],
    ///   "pg_stats": [ { "relid": 16385, "attnum": 1, "null_frac": 0, "avg_width": 8, "n_distinct": -1 },
    ///                 { "relid": 16385, "attnum": 2, "null_frac": 0, "avg_width": 8, "n_distinct": -1 } ],
    ///   "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 18000000, "n_tup_del": 14000000, "n_live_tup": 4000000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relnatts": 2,
    ///                   "relpages": 100000, "reltuples": 8500000, "reloptions": ["fillfactor=50"],
    ///                   "size_bytes": 819200000, "size_source": "pg_relation_size" } ],
    ///   "pg_attribute": [ { "attrelid": 16385, "attnum": 1, "attname": "id", "atttypid": 20 },
    ///                     { "attrelid": 16385, "attnum": 2, "attname": "n", "atttypid": 20 } ],
    ///   "pg_type": [ { "oid": 20, "typname": "int8", "typlen": 8, "typalign": "d" } ],
    ///   "pg_stats": [ { "relid": 16385, "attnum": 1, "null_frac": 0, "avg_width": 8, "n_distinct": -1 },
    ///                 { "relid": 16385, "attnum": 2, "null_frac": 0, "avg_width": 8, "n_distinct": -1 } ],
    ///   "pg_settings": [], "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 8500000, "n_live_tup": 8500000 } ] }
    /// ```
    rule table_bloat {
        code: PGD1502,
        title: "Tables are bloated",
        passed: "No table is bloated",
        worst: Warning,
        reads: [surroundings, bloat],
        source: "PostgreSQL manual, Recovering Disk Space",
        thresholds: {
            /// The least share of a table that would come back.
            MIN_SHARE: Ratio = Ratio(0.4),
            /// The least space that would come back.
            MIN_WASTED: Bytes = Bytes::megabytes(100),
            /// Space from which it is a warning.
            WARNING: Bytes = Bytes::megabytes(1024),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Bloated>> {
    let tables = &view.bloat()?.tables;
    let found: Vec<&Bloated> = tables.iter().filter(|table| table.wastes(MIN_SHARE, MIN_WASTED)).collect();
    if found.is_empty() {
        require_estimates(tables, MIN_WASTED)?;
    }
    Ok(found)
}

fn subject(table: &&Bloated) -> About {
    let time = display::duration(rewrite_time(table));
    About::table(&table.name, Weight::Bytes(table.wasted().unwrap_or_default().0))
        .severity(if table.wastes(MIN_SHARE, WARNING) { Severity::Warning } else { Severity::Notice })
        .figures(figures(table, MIN_SHARE))
        .run(format!("-- blocks reads and writes for about {time}\nVACUUM (FULL, ANALYZE) {};", table.name.sql()))
}

fn describe(found: &Found<&Bloated>) -> Draft {
    let space = display::bytes(wasted(found.iter().copied()));
    let named = found.named("table", "tables");
    let rewritten = display::bytes(Bytes(found.sum(|table| Some(table.rewritten.0))));
    Draft::new(format!("Reclaim {space} from {named}, or let new rows fill it"))
        .because("Scans, backups and the cache handle space without live rows as well.")
        .estimated(found)
        .advise("If new rows will fill the space soon, do nothing: VACUUM makes it available to the same table.")
        .advise(
            "To return it, use pg_repack or pg_squeeze if the table must remain usable; both need a primary key or a \
             unique index. Otherwise run VACUUM FULL in a maintenance window.",
        )
        .impact(format!(
            "VACUUM FULL holds an ACCESS EXCLUSIVE lock, which blocks reads and writes, and needs {rewritten} of free disk \
             space for all of them. pg_repack needs as much, and that lock only briefly at its start and end. The times \
             assume 50 MB/s."
        ))
        .undo_text("A rewrite does not have to be undone.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::engine::find;
    use crate::facts::Beside;
    use crate::rules::bloat::table_bloat::RULE;
    use crate::{Confidence, Facts, Finding, NotAssessed, Severity, example};

    /// What the rule finds of a table of this many pages with a million rows, which need 4425.
    fn found(pages: i64, change: impl FnOnce(&mut Value)) -> Result<Option<Finding>, NotAssessed> {
        let mut document = json!({
            "system": [{ "is_in_recovery": false, "block_size": 8192 }], "pg_settings": [],
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relnatts": 1, "relpages": pages,
                           "reltuples": 1_000_000, "size_bytes": pages * 8192, "size_source": "pg_relation_size" }],
            "pg_attribute": [{ "attrelid": 1, "attnum": 1, "attname": "a", "atttypid": 20 }],
            "pg_type": [{ "oid": 20, "typname": "int8", "typlen": 8, "typalign": "d" },
                        { "oid": 25, "typname": "text", "typlen": -1, "typalign": "i" }],
            "pg_stats": [{ "relid": 1, "attnum": 1, "null_frac": 0, "avg_width": 8, "n_distinct": -1 }],
            "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": 90_000_000, "n_tup_del": 89_000_000, "n_live_tup": 1_000_000 }],
        });
        change(&mut document);
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default())
    }

    #[test]
    fn the_space_that_comes_back_decides() {
        let severity = |pages: i64| found(pages, |_| ()).unwrap().map(|finding| finding.severity);
        // 94 MB, 180 MB and 1.5 GB more than the rows need; and much of a small table.
        let found = [16_500, 28_000, 200_000, 6000].map(severity);
        assert_eq!(found, [None, Some(Severity::Notice), Some(Severity::Warning), None]);
    }

    #[test]
    fn a_large_table_without_an_estimate_has_not_passed() {
        let outcome = found(28_000, |document| {
            document["pg_attribute"][0]["atttypid"] = json!(25);
            document["pg_stats"] = json!([]);
            document["pg_stat_user_tables"][0]["n_tup_ins"] = json!(95_000_000);
            document["pg_stat_user_tables"][0]["last_vacuum"] = json!("2026-01-01T00:00:00Z");
        });
        let reason = outcome.unwrap_err().reason;
        assert!(reason.starts_with("the bloat of s.t cannot be estimated: the planner has no statistics"), "{reason}");
        assert_eq!(found(5500, |document| document["pg_stats"] = json!([])).unwrap(), None);
    }

    #[test]
    fn the_remedy_says_what_it_costs_and_that_a_doubtful_estimate_is_one() {
        let finding = found(28_000, |_| ()).unwrap().unwrap();
        assert_eq!(finding.confidence, Confidence::Medium);
        let sql = finding.statements().unwrap();
        assert!(sql.starts_with("-- blocks reads and writes for about 6 s\nVACUUM (FULL, ANALYZE) s.t;"), "{sql}");
        let impact = finding.remedy.impact.unwrap();
        assert!(impact.contains("ACCESS EXCLUSIVE") && impact.contains("34.6 MB"), "{impact}");
        let standby = found(28_000, |document| {
            document["system"][0]["is_in_recovery"] = json!(true);
            document["pg_stat_user_tables"] = json!([{ "relid": 1 }]);
        });
        let finding = standby.unwrap().unwrap();
        assert_eq!(finding.confidence, Confidence::Low);
        assert!(finding.rationale.contains("a standby does not count"), "{}", finding.rationale);
        assert!(finding.remedy.text.starts_with("Run this on the primary."), "{}", finding.remedy.text);
    }
}
