//! A table that only receives new rows is not vacuumed.

use crate::engine::prelude::*;
use crate::engine::vacuum::vacuum;

rule! {
    /// ## What it sees
    ///
    /// A table with many new rows that VACUUM has not processed. From version 13 on, autovacuum also counts inserted rows
    /// (`autovacuum_vacuum_insert_threshold` and `autovacuum_vacuum_insert_scale_factor`; from 18 on, only the share of pages that
    /// is not frozen counts). In version 12 it counts dead rows only, so it never vacuums a table that only grows.
    ///
    /// ## Why it matters
    ///
    /// VACUUM marks pages as visible to all and freezes rows. Without it, an index-only scan reads the table for each row. Later,
    /// the VACUUM to prevent wraparound must freeze all rows at once.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_ROWS} rows. From version 13 on: inserted rows at {MULTIPLE} times the table's threshold, and as many of them were
    /// there at its last ANALYZE, at least {WAITED} ago: autovacuum had the time. A table that PGD513 reports, because its storage
    /// parameter disables autovacuum, is left out. Version 12: the table was never vacuumed and less
    /// than {VISIBLE} of its pages are marked.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table. In version 12, schedule that; from 13 on, check why autovacuum does not do it.
    ///
    /// ## When to ignore this
    ///
    /// If the table is dropped or truncated soon.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "version": 12, "pg_settings": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "log", "relkind": "r", "relpages": 90000,
    ///                   "reltuples": 5000000, "relallvisible": 0 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 5000000, "n_dead_tup": 0 } ] }
    /// ```
    /// ```json found
    /// { "version": 17, "pg_settings": [ { "name": "autovacuum_vacuum_insert_threshold", "setting": "1000" },
    ///                                   { "name": "autovacuum_vacuum_insert_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "log", "relkind": "r", "relpages": 90000,
    ///                   "reltuples": 5000000, "relallvisible": 0 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 5000000, "n_ins_since_vacuum": 5000000,
    ///                              "n_mod_since_analyze": 1000, "last_autoanalyze": "2026-01-01T06:00:00Z" } ] }
    /// ```
    ///
    /// A table that was loaded and analyzed a moment ago:
    ///
    /// ```json passed
    /// { "version": 17, "pg_settings": [ { "name": "autovacuum_vacuum_insert_threshold", "setting": "1000" },
    ///                                   { "name": "autovacuum_vacuum_insert_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "log", "relkind": "r", "relpages": 90000,
    ///                   "reltuples": 5000000, "relallvisible": 0 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 5000000, "n_ins_since_vacuum": 5000000,
    ///                              "n_mod_since_analyze": 0, "last_analyze": "2026-01-01T11:59:00Z" } ] }
    /// ```
    rule unvacuumed_inserts {
        code: PGD515,
        title: "New rows are not vacuumed",
        passed: "New rows are vacuumed",
        worst: Notice,
        reads: [tables, vacuums],
        source: "PostgreSQL manual, autovacuum_vacuum_insert_threshold",
        thresholds: {
            /// Smaller tables are negligible.
            MIN_ROWS: i64 = 1_000_000,
            /// Multiple of the table's threshold in inserted rows.
            MULTIPLE: f64 = 2.0,
            /// Autovacuum had at least this long.
            WAITED: Millis = Millis(3_600_000.0),
            /// Share of pages marked as visible to all.
            VISIBLE: Ratio = Ratio(0.1),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    let (running, now) = (view.vacuums()?, view.now()?);
    let counts_inserts = view.version()?.major() >= 13;
    let is_neglected = |table: &&Table| {
        if counts_inserts {
            table.inserted_multiple_for(now, WAITED) >= Some(MULTIPLE) && !table.is_excluded_from_autovacuum()
        } else {
            table.last_vacuum().is_none() && table.visible.is_some_and(|visible| visible < VISIBLE)
        }
    };
    let tables = view.tables()?.all.iter().filter(|table| table.has_rows() && table.reltuples >= Some(MIN_ROWS as f64));
    Ok(tables.filter(is_neglected).filter(|table| table.is_processed_by(running) != Some(true)).collect())
}

fn subject(table: &Table) -> About {
    let inserted = table.stat.as_deref().and_then(|stat| stat.n_ins_since_vacuum);
    About::table(&table.name, Weight::rows(inserted.or(table.reltuples.map(|rows| rows as i64))))
        .figures([
            Figure::new("inserted_rows", inserted).against(table.thresholds.insert.map(|rows| rows.round() as i64)),
            Figure::new("rows", table.reltuples.map(|rows| rows as i64)),
            Figure::new("visible_pages", table.visible).labelled("pages marked as visible to all"),
            Figure::new("last_vacuum", table.last_vacuum()),
            Figure::new("autovacuum", table.autovacuum.words()),
        ])
        .run(vacuum(table))
}

fn describe(found: &Found<&Table>) -> Draft {
    let is_counted = found.any(|table| table.thresholds.insert.is_some());
    Draft::new(format!("Vacuum {}, which only {} new rows", found.named("table", "tables"), if found.only().is_some() { "receives" } else { "receive" }))
        .because("Pages with new rows are not marked as visible to all, so index-only scans read the table as well.")
        .because("In the end, the VACUUM to prevent wraparound must freeze all of these rows at once.")
        .because_if(!is_counted, "Autovacuum of version 12 does not count inserted rows.")
        .advise("Run VACUUM.")
        .advise_if(!is_counted, "Schedule it, for example each night: autovacuum will not do it.")
        .advise_if(is_counted, "Then check why autovacuum does not: it is disabled, canceled or too slow.")
        .impact("Reads and writes continue; VACUUM reads the pages that are not marked, and writes most of them.")
}
