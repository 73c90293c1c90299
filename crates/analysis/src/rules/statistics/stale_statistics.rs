//! The statistics of a table no longer fit its rows.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A table of which many rows changed since the last ANALYZE, far more than the number from which on autovacuum analyzes it.
    ///
    /// ## Why it matters
    ///
    /// The planner estimates with the values of the past. New values, such as today's date, are estimated as a single row, so
    /// that a query gets a plan that takes hours instead of seconds.
    ///
    /// ## Threshold
    ///
    /// Changed rows at {MIN_MULTIPLE} times the table's own threshold (`autovacuum_analyze_threshold` and
    /// `autovacuum_analyze_scale_factor`, storage parameters first), at least {MIN_PART} of its rows and at least {MIN_CHANGES};
    /// the table has at least {MIN_ROWS} rows. A table that is being analyzed or was never analyzed (PGD801) is left out, and if
    /// autovacuum is enabled for it, one that was analyzed less than {GRACE} ago. Then the confidence is medium: the rows might
    /// have changed just now.
    ///
    /// ## Remedy
    ///
    /// `ANALYZE` the table. If autovacuum is disabled for it, enable it; if all autovacuum workers are busy, raise
    /// `autovacuum_vacuum_cost_limit`. Let jobs that change many rows run `ANALYZE` at their end.
    ///
    /// ## When to ignore this
    ///
    /// For tables that are only read as a whole, and between the steps of a load.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "off" }, { "name": "autovacuum_analyze_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_analyze_scale_factor", "setting": "0.1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 900, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 150000, "n_mod_since_analyze": 50000,
    ///                              "last_analyze": "2025-12-01T00:00:00Z" } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "off" }, { "name": "autovacuum_analyze_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_analyze_scale_factor", "setting": "0.1" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 900, "reltuples": 100000,
    ///                   "reloptions": ["autovacuum_analyze_scale_factor=0.5"] } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 150000, "n_mod_since_analyze": 50000,
    ///                              "last_analyze": "2025-12-01T00:00:00Z" } ] }
    /// ```
    rule stale_statistics {
        code: PGD802,
        title: "Statistics of tables are stale",
        passed: "The statistics of all large tables are recent",
        worst: Notice,
        reads: [system, tables, analyze_thresholds, analyzes],
        source: "PostgreSQL manual, The Autovacuum Daemon; pgassistant reports 20 to 30 % of the rows",
        thresholds: {
            /// Changed rows as a multiple of the table's threshold; 1 is when autovacuum analyzes it.
            MIN_MULTIPLE: f64 = 2.0,
            /// Changed rows as a share of the table's rows.
            MIN_PART: Ratio = Ratio(0.2),
            /// Changed rows below which they are negligible.
            MIN_CHANGES: i64 = 10_000,
            /// Rows of the table below which a wrong estimate does little harm.
            MIN_ROWS: i64 = 10_000,
            /// Time since the last ANALYZE in which a table that changes fast may exceed its threshold again.
            GRACE: Millis = Millis(600_000.0),
        },
    }
}

struct Stale<'a> {
    table: &'a Table,
    changed: i64,
    threshold: f64,
    part: Ratio,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Stale<'a>>> {
    view.require_primary("count changed rows")?;
    let thresholds = view.analyze_thresholds()?;
    let analyzes = view.analyzes()?;
    let stale = |table: &'a Table| {
        let rows = table.reltuples.filter(|rows| *rows >= MIN_ROWS as f64)?;
        let changed = table.stat.as_ref()?.n_mod_since_analyze.filter(|rows| *rows >= MIN_CHANGES)?;
        let threshold = thresholds.of(table)?;
        let part = Ratio(changed as f64 / rows);
        let is_stale = changed as f64 >= threshold * MIN_MULTIPLE && part >= MIN_PART && table.has_rows();
        let age = view.window(Some(table.last_analyze()?)).length;
        let is_settled = table.autovacuum.is_disabled() || age >= Some(GRACE);
        let is_processed = table.is_processed_by(analyzes) == Some(true);
        (is_stale && is_settled && !is_processed).then_some(Stale { table, changed, threshold, part })
    };
    Ok(view.tables()?.all.iter().filter_map(stale).collect())
}

fn subject(stale: &Stale<'_>) -> About {
    About::table(&stale.table.name, Weight::rows(Some(stale.changed)))
        .figures([
            Figure::new("changed_rows", stale.changed).labelled("rows changed since ANALYZE").against(stale.threshold as i64),
            Figure::new("share_of_rows", stale.part).against(MIN_PART),
            Figure::new("live_rows", stale.table.live_rows()),
            Figure::new("last_analyze", stale.table.last_analyze()),
            Figure::new("autovacuum", stale.table.autovacuum.words()),
        ])
        .run(format!("ANALYZE {};", stale.table.name.sql()))
}

fn describe(found: &Found<Stale<'_>>) -> Draft {
    let disabled = found.part(|stale| stale.table.autovacuum.is_disabled());
    let is_certain = found.all(|stale| stale.table.autovacuum.is_disabled());
    let changed = display::count(found.sum(|stale| Some(stale.changed)));
    Draft::new(format!("Analyze {}: {changed} rows changed since the last ANALYZE", found.named("table", "tables")))
        .confidence(if is_certain { Confidence::High } else { Confidence::Medium })
        .because("The planner estimates with statistics of rows that have changed since.")
        .because_for(disabled.as_ref(), "Autovacuum is disabled for")
        .because_if(!is_certain, "If the rows changed within the last few minutes, autovacuum will soon analyze them.")
        .advise("Run ANALYZE now, and at the end of jobs that change many rows.")
        .advise_if(disabled.is_some(), "Enable autovacuum, so that it keeps the statistics up to date.")
        .impact("ANALYZE reads a sample of the table; reads and writes continue.")
}
