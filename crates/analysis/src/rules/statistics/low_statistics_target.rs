//! The planner's statistics are coarser than the default, and tables are large.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A `default_statistics_target` below PostgreSQL's default, on a server with large tables.
    ///
    /// ## Why it matters
    ///
    /// The target is the number of common values and histogram bounds that ANALYZE stores for each column, and 300 times that is
    /// the number of rows that it samples. With fewer, the planner does not know values that are rare but not rare enough, and
    /// misjudges ranges.
    ///
    /// ## Threshold
    ///
    /// A target below {MIN_TARGET}, the default, and at least one table of {MIN_ROWS} rows. A higher one is not reported: it
    /// costs time in ANALYZE and in planning, but can be right.
    ///
    /// ## Remedy
    ///
    /// Set the default again, then `ANALYZE`. For single columns with many values, `ALTER TABLE … ALTER COLUMN … SET STATISTICS`
    /// is better than a higher target for everything.
    ///
    /// ## When to ignore this
    ///
    /// If the columns that need it have a target of their own.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "default_statistics_target", "setting": "10" } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 90000, "reltuples": 9000000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "default_statistics_target", "setting": "10" } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 90, "reltuples": 9000 } ],
    ///   "pg_stat_user_tables": [] }
    /// ```
    rule low_statistics_target {
        code: PGD804,
        title: "default_statistics_target is below its default",
        passed: "default_statistics_target is not below its default",
        worst: Notice,
        reads: [server_settings, tables],
        source: "PostgreSQL manual, Query Planning: default_statistics_target",
        thresholds: {
            /// The default.
            MIN_TARGET: i64 = 100,
            /// Rows of a table from which on the sample is small.
            MIN_ROWS: i64 = 1_000_000,
        },
    }
}

struct Low<'a> {
    target: i64,
    largest: &'a Table,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Low<'a>>> {
    let settings = view.server_settings()?;
    settings.require("default_statistics_target")?;
    let target = settings.integer("default_statistics_target").filter(|target| *target < MIN_TARGET);
    let Some(target) = target else { return Ok(None) };
    let rows = |table: &&Table| table.reltuples.unwrap_or(0.0) as i64;
    let largest = view.tables()?.all.iter().filter(|table| table.has_rows()).max_by_key(rows);
    Ok(largest.filter(|table| rows(table) >= MIN_ROWS).map(|largest| Low { target, largest }))
}

fn subject(low: &Low<'_>) -> About {
    About::parameter("default_statistics_target", Weight::rows(low.largest.rows_ever())).figures([
        Figure::parameter("default_statistics_target", low.target).against(MIN_TARGET),
        Figure::new("largest_table", low.largest.name.to_string()),
        Figure::new("rows", low.largest.reltuples.map(|rows| rows as i64)),
    ])
}

fn describe(low: &Low<'_>) -> Draft {
    let sample = display::count(low.target.saturating_mul(300));
    Draft::new(format!("Raise default_statistics_target from {} to {MIN_TARGET}", low.target))
        .confidence(Confidence::Medium)
        .because(format!("ANALYZE samples {sample} rows of each table and keeps {} values per column.", low.target))
        .because(format!("Of a table as large as {} that is too little for precise estimates.", low.largest.name))
        .set("default_statistics_target", MIN_TARGET.to_string(), Effort::Reload)
        .advise("Then run ANALYZE.")
        .impact("ANALYZE and planning take a little longer.")
}
