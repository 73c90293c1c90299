//! The scale factor lets dead rows accumulate in a very large table.

use crate::engine::prelude::*;
use crate::engine::vacuum::scale_factors;

rule! {
    /// ## What it sees
    ///
    /// A very large table whose autovacuum threshold grows with its size: a scale factor of 0.2, the default, means that autovacuum
    /// waits until 20 % of its rows are dead.
    ///
    /// ## Why it matters
    ///
    /// The larger the table, the rarer and the longer each VACUUM: millions of dead rows accumulate, and all of them are removed in
    /// one run that reads all indexes and lasts hours. Frequent short runs keep the table and its indexes small.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_ROWS} rows, an autovacuum threshold of at least {MIN_THRESHOLD} dead rows (in version 18 and newer,
    /// `autovacuum_vacuum_max_threshold` limits it), and {MIN_CHANGED} rows updated or deleted since the counters were reset. A table
    /// that only receives new rows has no dead ones.
    ///
    /// ## Remedy
    ///
    /// Set a scale factor for the table, so that autovacuum runs after about a million dead rows.
    ///
    /// ## When to ignore this
    ///
    /// If a scheduled job vacuums the table.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "version": 17, "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 900000,
    ///                   "reltuples": 50000000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_upd": 8000000, "n_tup_del": 0 } ] }
    /// ```
    /// ```json passed
    /// { "version": 17, "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 900000,
    ///                   "reltuples": 50000000, "reloptions": [ "autovacuum_vacuum_scale_factor=0.02" ] } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_upd": 8000000, "n_tup_del": 0 } ] }
    /// ```
    ///
    /// A log that only grows:
    ///
    /// ```json passed
    /// { "version": 17, "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "log", "relkind": "r", "relpages": 900000,
    ///                   "reltuples": 50000000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 90000000, "n_tup_upd": 10, "n_tup_del": 0 } ] }
    /// ```
    rule large_scale_factor {
        code: PGD514,
        title: "The scale factor lets dead rows accumulate in very large tables",
        passed: "No very large table accumulates dead rows because of its scale factor",
        worst: Notice,
        reads: [tables],
        source: "PostgreSQL manual, The Autovacuum Daemon",
        thresholds: {
            /// Smaller tables are vacuumed often enough.
            MIN_ROWS: i64 = 10_000_000,
            /// Dead rows from which a threshold is too high.
            MIN_THRESHOLD: i64 = 2_000_000,
            /// Tables in which fewer rows change do not need it.
            MIN_CHANGED: i64 = 1_000_000,
        },
    }
}

/// Rows that left a dead one since the counters were reset.
fn updated_or_deleted(table: &Table) -> Option<i64> {
    let stat = table.stat.as_deref()?;
    Some(stat.n_tup_upd?.saturating_add(stat.n_tup_del?))
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    let is_late = |table: &&Table| {
        table.reltuples >= Some(MIN_ROWS as f64)
            && table.thresholds.vacuum >= Some(MIN_THRESHOLD as f64)
            && updated_or_deleted(table) >= Some(MIN_CHANGED)
    };
    Ok(view.tables()?.all.iter().filter(is_late).collect())
}

fn subject(table: &Table) -> About {
    let about = About::table(&table.name, Weight::rows(table.thresholds.vacuum.map(|rows| rows as i64))).figures([
        Figure::new("autovacuum_threshold", table.thresholds.vacuum.map(|rows| rows as i64)).against(MIN_THRESHOLD),
        Figure::new("scale_factor", table.thresholds.scale_factor.map(|factor| factor.to_string())),
        Figure::new("rows", table.reltuples.map(|rows| rows as i64)),
        Figure::new("dead_rows", table.dead_rows()),
        Figure::new("updated_or_deleted", updated_or_deleted(table)).labelled("rows updated or deleted"),
    ]);
    scale_factors(table).into_iter().fold(about, About::run)
}

fn describe(found: &Found<&Table>) -> Draft {
    let rows = display::count(found.max(|table| table.thresholds.vacuum) as i64);
    Draft::new(format!("Lower the scale factor of {}: VACUUM only above {rows} dead rows", found.named("table", "tables")))
        .because("The autovacuum threshold grows with the table, so VACUUM is rare and lasts long.")
        .because("Dead rows accumulate in the table and in its indexes meanwhile.")
        .advise("Set a scale factor for the table, so that autovacuum runs after about a million dead rows.")
        .impact("ALTER TABLE waits for running VACUUM and DDL on the table; VACUUM then runs more often.")
        .undo_text("Reset the storage parameters, or set their former values.")
}
