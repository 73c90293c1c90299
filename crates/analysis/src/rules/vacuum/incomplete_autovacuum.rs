//! Autovacuum does not finish a table.

use crate::engine::prelude::*;
use crate::engine::vacuum::vacuum;

rule! {
    /// ## What it sees
    ///
    /// A table that was far past its autovacuum threshold at its last ANALYZE, a long time ago, and was not vacuumed since, although
    /// autovacuum is enabled and has free workers.
    ///
    /// ## Why it matters
    ///
    /// Autovacuum visits every database each `autovacuum_naptime`, one minute by default, and processes such a table at once. If it
    /// has not finished after an hour, something ends it each time: a statement that needs a lock on the table cancels autovacuum
    /// after `deadlock_timeout`, or an error such as a damaged page stops it. The table then grows until it must be frozen.
    ///
    /// ## Threshold
    ///
    /// At its last ANALYZE, at least {WAITED} ago, the table had at least {MIN_DEAD} dead rows and {MULTIPLE} times its threshold; this is
    /// known from the rows that have changed since. It has not been vacuumed since then, and VACUUM is not running on it.
    ///
    /// ## Remedy
    ///
    /// Run VACUUM manually: unlike autovacuum, it is not canceled when another session wants a lock. Then look in the server log
    /// for "canceling autovacuum task" and for errors, and change the job that locks the table.
    ///
    /// ## When to ignore this
    ///
    /// If a job has locked the table for hours on purpose.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "on" }, { "name": "max_connections", "setting": "100" },
    ///                    { "name": "autovacuum_max_workers", "setting": "3" },
    ///                    { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_stat_activity": [], "pg_stat_progress_vacuum": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 90000, "n_mod_since_analyze": 5000,
    ///                              "last_autoanalyze": "2026-01-01T06:00:00Z" } ] }
    /// ```
    ///
    /// The rows were deleted after the last ANALYZE, perhaps a moment ago:
    ///
    /// ```json passed
    /// { "system": [ { "is_in_recovery": false } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "on" }, { "name": "max_connections", "setting": "100" },
    ///                    { "name": "autovacuum_max_workers", "setting": "3" },
    ///                    { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_stat_activity": [], "pg_stat_progress_vacuum": [],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 10000, "n_dead_tup": 90000, "n_mod_since_analyze": 90000,
    ///                              "last_autoanalyze": "2026-01-01T06:00:00Z" } ] }
    /// ```
    rule incomplete_autovacuum {
        code: PGD516,
        title: "Autovacuum does not finish tables",
        passed: "Autovacuum finishes the tables that need it",
        worst: Warning,
        reads: [system, settings, sessions, tables, vacuums],
        source: "PostgreSQL manual, The Autovacuum Daemon",
        thresholds: {
            /// Autovacuum had at least this long.
            WAITED: Millis = Millis(3_600_000.0),
            /// Fewer dead rows than this are negligible.
            MIN_DEAD: i64 = 10_000,
            /// Multiple of the table's autovacuum threshold.
            MULTIPLE: f64 = 2.0,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    view.require_primary("run autovacuum")?;
    let (settings, running, now) = (view.settings()?, view.vacuums()?, view.now()?);
    let is_worker = |kind: Option<&str>| kind == Some("autovacuum worker");
    let workers = view.sessions()?.processes.iter().filter(|process| is_worker(process.backend_type.as_deref())).count();
    let allowed = settings.integer("autovacuum_max_workers").and_then(|allowed| usize::try_from(allowed).ok());
    if allowed.is_none_or(|allowed| workers >= allowed) {
        return Ok(Vec::new());
    }
    let is_incomplete = |table: &&Table| {
        let had = table.dead_rows_for(now, WAITED);
        had >= Some(MIN_DEAD)
            && table.dead_multiple_of(had) >= Some(MULTIPLE)
            && table.last_vacuum() < table.last_analyze()
            && !table.autovacuum.is_disabled()
            && table.is_processed_by(running) == Some(false)
    };
    Ok(view.tables()?.all.iter().filter(is_incomplete).collect())
}

fn subject(table: &Table) -> About {
    About::table(&table.name, Weight::rows(table.dead_rows()))
        .figures([
            Figure::new("dead_rows", table.dead_rows()).against(table.thresholds.vacuum.map(|rows| rows.round() as i64)),
            Figure::new("dead_rows_at_analyze", table.dead_rows_at_analyze())
                .labelled("dead rows at the last ANALYZE, at least"),
            Figure::new("last_analyze", table.last_analyze()),
            Figure::new("last_vacuum", table.last_vacuum()),
        ])
        .run(vacuum(table))
}

fn describe(found: &Found<&Table>) -> Draft {
    let dead = display::count(found.sum(|table| table.dead_rows()));
    Draft::new(format!("Vacuum {}, which autovacuum does not finish: {dead} dead rows", found.named("table", "tables")))
        .confidence(Confidence::Medium)
        .because("The dead rows were there at the last ANALYZE, and autovacuum has free workers, but it has not vacuumed since.")
        .because("Statements that need a lock on a table cancel autovacuum, and errors stop it.")
        .advise("Run VACUUM manually: other sessions do not cancel it.")
        .advise("Then look in the server log for \"canceling autovacuum task\" and for errors in autovacuum workers.")
        .impact("Reads and writes continue; DDL on the table waits until VACUUM has finished.")
}
