//! Autovacuum is disabled for a table.

use crate::engine::prelude::*;
use crate::engine::vacuum::enable;

rule! {
    /// ## What it sees
    ///
    /// A table or TOAST table with the storage parameter `autovacuum_enabled=false` in which rows change. A TOAST table without
    /// parameters of its own has those of its table, and is not reported separately.
    ///
    /// ## Why it matters
    ///
    /// Nobody removes the dead rows of the table and nobody updates its planner statistics. Only when it has reached
    /// `autovacuum_freeze_max_age` is it vacuumed, all of it at once.
    ///
    /// ## Threshold
    ///
    /// A table of at least {MIN_SIZE} in which rows were inserted, updated or deleted since the counters were reset. Notice; warning
    /// if the table is past its autovacuum threshold, so that autovacuum would have vacuumed it.
    ///
    /// ## Remedy
    ///
    /// Reset the parameter; for a TOAST table through its table. If autovacuum gets in the way of a batch job, run VACUUM at the end
    /// of the job instead.
    ///
    /// ## When to ignore this
    ///
    /// If a job vacuums and analyzes the table after each change.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "on" } ], "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "queue", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 1000, "reloptions": [ "autovacuum_enabled=false" ] } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 100000, "n_live_tup": 1000 } ] }
    /// ```
    ///
    /// An archive in which nothing changes:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "on" } ], "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "archive", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 1000, "reloptions": [ "autovacuum_enabled=false" ] } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 0, "n_tup_upd": 0, "n_tup_del": 0 } ] }
    /// ```
    ///
    /// The server and not the table disables autovacuum, which is another rule's finding:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "off" } ], "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "queue", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 1000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 100000, "n_live_tup": 1000 } ] }
    /// ```
    rule autovacuum_off_for_table {
        code: PGD513,
        title: "Autovacuum is disabled for tables in which rows change",
        passed: "Autovacuum is enabled for all tables in which rows change",
        worst: Warning,
        reads: [tables],
        source: "PostgreSQL manual, Storage Parameters: autovacuum_enabled",
        thresholds: {
            /// Smaller tables are negligible.
            MIN_SIZE: Bytes = Bytes::megabytes(10),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    let is_disabled = |table: &&Table| {
        table.autovacuum.is_disabled_for_table()
            && !table.autovacuum.is_inherited()
            && table.size.is_some_and(|size| size.bytes >= MIN_SIZE)
            && table.changed_rows() > Some(0)
    };
    Ok(view.tables()?.all.iter().filter(is_disabled).collect())
}

fn subject(table: &Table) -> About {
    let is_past = table.vacuum_multiple() >= Some(1.0);
    About::table(&table.name, table.size)
        .severity(if is_past { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("size", table.size),
            Figure::new("changed_rows", table.changed_rows()),
            Figure::new("dead_rows", table.dead_rows()).against(table.thresholds.vacuum.map(|rows| rows.round() as i64)),
            Figure::new("last_vacuum", table.last_vacuum()),
            Figure::new("last_analyze", table.last_analyze()),
        ])
        .run(enable(table))
}

fn describe(found: &Found<&Table>) -> Draft {
    let past = found.part(|table| table.vacuum_multiple() >= Some(1.0));
    Draft::new(format!("Re-enable autovacuum for {}", found.named("table", "tables")))
        .because("The storage parameter autovacuum_enabled disables autovacuum although rows change.")
        .because_for(past.as_ref(), "Autovacuum would already have vacuumed")
        .advise("Reset the parameter. If autovacuum gets in the way of a job, run VACUUM ANALYZE at its end.")
        .impact("ALTER TABLE waits for running VACUUM and DDL on the table; autovacuum then processes it within minutes.")
        .undo_text("Set autovacuum_enabled = false for the table again.")
}
