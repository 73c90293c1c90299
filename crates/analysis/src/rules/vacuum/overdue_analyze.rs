//! Planner statistics are out of date.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A table in which far more rows have changed since its last ANALYZE than its threshold:
    /// `autovacuum_analyze_threshold + autovacuum_analyze_scale_factor × rows`, with the table's own storage parameters taking
    /// precedence. A table that was never analyzed is reported by `missing_statistics`.
    ///
    /// ## Why it matters
    ///
    /// The planner estimates from statistics that no longer describe the table, and chooses plans that are too slow.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_CHANGED} changed rows, {MULTIPLE} times the table's threshold, and a last ANALYZE at least {WAITED} ago. A table
    /// that PGD513 reports, because its storage parameter disables autovacuum, is left out.
    ///
    /// ## Remedy
    ///
    /// Analyze the table, then check why autovacuum did not.
    ///
    /// ## When to ignore this
    ///
    /// Right after a batch job: autovacuum processes the table within minutes.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ {} ],
    ///   "pg_settings": [ { "name": "autovacuum_analyze_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_analyze_scale_factor", "setting": "0.1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_mod_since_analyze": 90000,
    ///                              "last_autoanalyze": "2025-12-20T06:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ {} ],
    ///   "pg_settings": [ { "name": "autovacuum_analyze_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_analyze_scale_factor", "setting": "0.1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_mod_since_analyze": 90000,
    ///                              "last_autoanalyze": "2026-01-01T11:00:00Z" } ] }
    /// ```
    rule overdue_analyze {
        code: PGD517,
        title: "Planner statistics are out of date",
        passed: "Planner statistics are up to date",
        worst: Notice,
        reads: [system, tables, analyzes],
        source: "PostgreSQL manual, Updating Planner Statistics",
        thresholds: {
            /// Fewer changed rows than this are negligible.
            MIN_CHANGED: i64 = 10_000,
            /// Multiple of the table's threshold.
            MULTIPLE: f64 = 5.0,
            /// Autovacuum had at least this long.
            WAITED: Millis = Millis(86_400_000.0),
        },
    }
}

fn changed(table: &Table) -> Option<i64> {
    table.stat.as_deref()?.n_mod_since_analyze
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    view.require_primary("count changed rows")?;
    let (running, now) = (view.analyzes()?, view.now()?);
    let is_overdue = |table: &&Table| {
        table.has_rows()
            && changed(table) >= Some(MIN_CHANGED)
            && table.analyze_multiple() >= Some(MULTIPLE)
            && table.is_analyzed_before(now, WAITED)
            && table.is_processed_by(running) != Some(true)
            && !table.is_excluded_from_autovacuum()
    };
    Ok(view.tables()?.all.iter().filter(is_overdue).collect())
}

fn subject(table: &Table) -> About {
    About::table(&table.name, Weight::rows(changed(table)))
        .figures([
            Figure::new("changed_rows", changed(table))
                .against(table.thresholds.analyze.map(|rows| rows.round() as i64))
                .labelled("rows changed since the last ANALYZE"),
            Figure::new("rows", table.reltuples.map(|rows| rows as i64)),
            Figure::new("last_analyze", table.last_analyze()),
            Figure::new("autovacuum", table.autovacuum.words()),
        ])
        .run(format!("ANALYZE (VERBOSE) {};", table.name.sql()))
}

fn describe(found: &Found<&Table>) -> Draft {
    let rows = display::count(found.sum(|table| changed(table)));
    let disabled = found.part(|table| table.autovacuum.is_disabled());
    Draft::new(format!("Analyze {}: {rows} rows have changed", found.named("table", "tables")))
        .because("The planner estimates from statistics that no longer describe the data.")
        .because_for(disabled.as_ref(), "Autovacuum is disabled for")
        .advise("Run ANALYZE, then check why autovacuum has not done it.")
        .impact("Reads and writes continue; ANALYZE reads a sample of the table.")
}
