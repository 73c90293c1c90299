//! Dead rows are far above the autovacuum threshold.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A table whose dead rows are far above its autovacuum threshold:
    /// `autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows`, with the table's own storage parameters taking
    /// precedence, and in version 18 and newer limited by `autovacuum_vacuum_max_threshold`.
    ///
    /// ## Why it matters
    ///
    /// Every scan reads the dead rows too, and their space cannot be reused. If their number is a multiple of the threshold,
    /// autovacuum cannot keep up, is disabled, or cannot remove the rows because something still needs them.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_DEAD} dead rows. Notice at {NOTICE} times the table's autovacuum threshold, warning at {WARNING} times.
    /// Reaching the threshold itself is normal.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table, then find out why autovacuum did not: it is disabled, too slow, or held back by an old transaction, a
    /// replication slot or a prepared transaction.
    ///
    /// ## When to ignore this
    ///
    /// Right after a mass delete or update: autovacuum processes the table within minutes. After a crash and on a standby the counters
    /// are 0, and nothing is reported.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 150000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 25000 } ] }
    /// ```
    rule dead_tuples {
        code: PGD502,
        title: "Dead rows are far above the autovacuum threshold",
        passed: "No table is far above its autovacuum threshold",
        worst: Warning,
        reads: [tables],
        source: "PostgreSQL manual, The Autovacuum Daemon",
        thresholds: {
            /// Fewer dead rows than this are negligible.
            MIN_DEAD: i64 = 10_000,
            /// Multiple of the table's autovacuum threshold that causes a notice.
            NOTICE: f64 = 2.0,
            /// Multiple of the table's autovacuum threshold that causes a warning.
            WARNING: f64 = 5.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    let is_far_above = |table: &&Table| table.dead_rows() >= Some(MIN_DEAD) && table.dead_multiple() >= Some(NOTICE);
    Ok(view.tables()?.all.iter().filter(is_far_above).collect())
}

fn subject(table: &Table) -> About {
    let name = table.name.sql();
    let vacuum = format!("VACUUM (VERBOSE, ANALYZE) {name};");
    let enable = format!("\nALTER TABLE {name} RESET (autovacuum_enabled);");
    About::table(&table.name, Weight::rows(table.dead_rows()))
        .severity(if table.dead_multiple() >= Some(WARNING) { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("dead_rows", table.dead_rows()).against(table.vacuum_threshold.map(|rows| rows.round() as i64)),
            Figure::new("times_threshold", table.dead_multiple().map(Quantity::Number)).labelled("times the threshold"),
            Figure::new("live_rows", table.live_rows()),
            Figure::new("last_vacuum", table.last_vacuum()),
            Figure::new("size", table.size),
            Figure::new("autovacuum", table.autovacuum()),
        ])
        .run(if table.is_autovacuum_disabled() { vacuum + &enable } else { vacuum })
}

fn describe(found: &Found<&Table>) -> Draft {
    let (tables, dead) = (found.named("table", "tables"), display::count(found.sum(|table| table.dead_rows())));
    let up_to = if found.only().is_some() { "" } else { "up to " };
    let multiple = found.max(|table| table.dead_multiple());
    let is_disabled = found.all(|table| table.is_autovacuum_disabled());
    Draft::new(format!("Vacuum {tables}: {dead} dead rows"))
        .because(format!("Dead rows are at {up_to}{multiple:.1} times the autovacuum threshold."))
        .because_if(is_disabled, "Autovacuum is disabled.")
        .because_if(!is_disabled, "Autovacuum cannot keep up, or something such as an old transaction needs the rows.")
        .because("Every scan reads the dead rows too.")
        .advise_if(is_disabled, "Run VACUUM, then re-enable autovacuum.")
        .advise_if(
            !is_disabled,
            "Run VACUUM, then check what holds autovacuum back: old transactions, replication slots, prepared \
             transactions, or a low cost limit.",
        )
        .impact("Reads and writes continue; VACUUM scans the table once, and DDL on it waits.")
}
