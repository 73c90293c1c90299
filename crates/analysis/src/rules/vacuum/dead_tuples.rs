//! Dead rows are far above the autovacuum threshold.

use crate::engine::prelude::*;
use crate::engine::vacuum::{Overdue, release};
use crate::facts::counters::{NEGLIGIBLE, SETTLED as COUNTERS_SETTLED};
use crate::facts::horizon;

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
    /// At least {MIN_DEAD} dead rows. Notice at {NOTICE} times the table's autovacuum threshold, warning at {WARNING} times or if
    /// {MOSTLY_DEAD} of the rows are dead. Reaching the threshold itself is normal. If VACUUM is running on the table, it is at
    /// most a notice.
    ///
    /// It is also at most a notice if nothing shows that autovacuum has had the time to vacuum the table: the server does not record
    /// when rows died, and a mass delete or update might have ended a second ago. Autovacuum has had the time if it is disabled, if
    /// something holds the dead rows, or if the last ANALYZE has found more dead rows than the threshold and was run by autovacuum
    /// itself or at least {VISITS} times `autovacuum_naptime` ago.
    ///
    /// Four kinds of tables are left out. A table that was vacuumed, by autovacuum or manually, within {VISITS} times
    /// `autovacuum_naptime`, unless something holds the dead rows or autovacuum is disabled: a queue fills again while autovacuum
    /// works as it should. A table that autovacuum has not visited yet. And a table whose file was rewritten and has no room for the
    /// dead rows: VACUUM FULL and CLUSTER do not reset their number. And a table that PGD513 reports, because its storage parameter disables
    /// autovacuum, unless something holds the dead rows that a manual VACUUM has left.
    ///
    /// If no table is above that, the rule passes only if the server has counted the dead rows: not on a standby, and not
    /// without `track_counts`. The counters are lost in a crash, an immediate shutdown, a failover or `pg_upgrade`, and a database
    /// created from another begins without; the server does not show when. The rule therefore does not pass if a table's file might
    /// contain {MIN_DEAD} rows or more that its counters have not counted, and neither VACUUM nor ANALYZE has counted them since,
    /// unless the counters of its database are known to be {SETTLED} old: from the time of the oldest VACUUM or ANALYZE of a
    /// table in it. ANALYZE counts the rows of a table again.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table, then find out why autovacuum did not: it is disabled, too slow, or held back by an old transaction, a
    /// replication slot or a prepared transaction. If VACUUM has run while one of these was open and has left the rows, the finding
    /// names it if it has been open for {LASTING}: VACUUM removes the rows only after it has ended. A TOAST table is vacuumed and configured through its table.
    ///
    /// ## When to ignore this
    ///
    /// Right after a mass delete or update: autovacuum processes the table within minutes.
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
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 25000,
    ///                              "last_autovacuum": "2026-01-01T06:00:00Z" } ] }
    /// ```
    ///
    /// A queue that autovacuum visits every minute:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" },
    ///                    { "name": "autovacuum_naptime", "setting": "60", "unit": "s" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "queue", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100 } ],
    ///   "pg_stat_activity": [], "pg_stat_replication": [], "pg_replication_slots": [], "pg_prepared_xacts": [],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100, "n_dead_tup": 25000,
    ///                              "last_autovacuum": "2026-01-01T11:59:20Z" } ] }
    /// ```
    ///
    /// A mass update right after a manual VACUUM:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" },
    ///                    { "name": "autovacuum_naptime", "setting": "60", "unit": "s" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_activity": [], "pg_stat_replication": [], "pg_replication_slots": [], "pg_prepared_xacts": [],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 150000, "n_mod_since_analyze": 150000,
    ///                              "last_vacuum": "2026-01-01T11:59:55Z", "last_analyze": "2026-01-01T11:59:55Z" } ] }
    /// ```
    ///
    /// A table of which VACUUM FULL has removed the dead rows:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "is_rewritten": true,
    ///                   "relpages": 500, "reltuples": 50000, "size_bytes": 4096000,
    ///                   "size_source": "pg_relation_size" } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 140000, "n_live_tup": 50000, "n_dead_tup": 49750 } ] }
    /// ```
    rule dead_tuples {
        code: PGD502,
        title: "Dead rows are far above the autovacuum threshold",
        passed: "No table is far above its autovacuum threshold",
        worst: Warning,
        reads: [surroundings, settings, tables, vacuums, counters, horizon, column_statistics],
        source: "PostgreSQL manual, The Autovacuum Daemon",
        thresholds: {
            /// Fewer dead rows than this are negligible.
            MIN_DEAD: i64 = NEGLIGIBLE,
            /// Multiple of the table's autovacuum threshold that causes a notice.
            NOTICE: f64 = 2.0,
            /// Multiple of the table's autovacuum threshold that causes a warning.
            WARNING: f64 = 5.0,
            /// Share of dead rows that causes a warning.
            MOSTLY_DEAD: Ratio = Ratio(0.9),
            /// A table that was vacuumed within so many times `autovacuum_naptime` is not overdue.
            VISITS: f64 = 3.0,
            /// What has held the dead rows for less time is not named.
            LASTING: Millis = horizon::LASTING,
            /// Counters that were reset more recently do not show that a table has few dead rows.
            SETTLED: Millis = COUNTERS_SETTLED,
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Overdue<'a>>> {
    let (tables, running, horizon) = (view.tables()?, view.vacuums()?, view.horizon()?);
    let (statistics, now) = (view.column_statistics().ok(), view.now().ok());
    let visits = view.settings()?.millis("autovacuum_naptime").map(|naptime| Millis(naptime.0 * VISITS));
    let since = now.zip(visits);
    let is_far_above = |table: &&Table| {
        table.dead_rows() >= Some(MIN_DEAD)
            && table.dead_multiple() >= Some(NOTICE)
            && !table.is_new_to_autovacuum()
            && !table.is_rewritten_since(statistics)
    };
    let overdue = |table: &'a Table| {
        let keeper = now.and_then(|now| horizon.keeper(table, now).filter(|keeper| keeper.is_lasting(now)));
        Overdue {
            table,
            is_vacuumed: table.is_processed_by(running),
            keeper,
            release: keeper.and_then(|keeper| release(keeper, now)),
            is_passed_over: since.is_some_and(|(now, visits)| table.is_passed_over(now, visits)),
        }
    };
    let is_visited = |table: &Table| {
        let is_recent = since.is_some_and(|(now, visits)| table.since_vacuum(now).is_some_and(|ago| ago < visits));
        is_recent && !table.autovacuum.is_disabled()
    };
    let is_kept = |overdue: &Overdue<'_>| overdue.keeper.is_some() || horizon.hidden.is_some();
    let found = tables.all.iter().filter(is_far_above).map(overdue).filter(|overdue| !overdue.is_excluded());
    let found: Vec<_> = found.filter(|overdue| is_kept(overdue) || !is_visited(overdue.table)).collect();
    if found.is_empty() {
        view.require_dead_rows()?;
    }
    Ok(found)
}

fn subject(overdue: &Overdue<'_>) -> About {
    let table = overdue.table;
    let is_worst = table.dead_multiple() >= Some(WARNING) || table.dead_share() >= Some(MOSTLY_DEAD);
    let is_notice = overdue.is_vacuumed() || !overdue.has_waited() || !is_worst;
    let about = About::table(&table.name, Weight::rows(table.dead_rows()))
        .severity(if is_notice { Severity::Notice } else { Severity::Warning })
        .figures([
            Figure::new("dead_rows", table.dead_rows()).against(table.thresholds.vacuum.map(|rows| rows.ceil() as i64)),
            Figure::new("times_threshold", shown_multiple(table).map(Quantity::Number)).labelled("times the threshold"),
            Figure::new("live_rows", table.live_rows()),
            Figure::new("last_vacuum", table.last_vacuum()),
            Figure::new("size", table.size),
            Figure::new("autovacuum", table.autovacuum.words()),
            Figure::new("vacuum_running", overdue.is_vacuumed.map(|is| if is { "yes" } else { "no" })),
            Figure::new("held_by", overdue.keeper.map(|keeper| keeper.words())),
        ]);
    overdue.statements().into_iter().fold(about, About::run)
}

/// Rounded down, so that no table seems to have reached a threshold that it has not.
fn shown_multiple(table: &Table) -> Option<f64> {
    table.dead_multiple().map(|multiple| (multiple * 10.0).floor() / 10.0)
}

fn describe(found: &Found<Overdue<'_>>) -> Draft {
    let dead = display::count(found.sum(|overdue| overdue.table.dead_rows()));
    let up_to = if found.only().is_some() { "" } else { "up to " };
    let multiple = Quantity::Number(found.max(|overdue| shown_multiple(overdue.table))).display();
    let verb = if found.all(Overdue::is_vacuumed) { "Wait for the running VACUUM of" } else { "Vacuum" };
    Draft::new(format!("{verb} {}: {dead} dead rows", found.named("table", "tables")))
        .because(format!("Dead rows are at {up_to}{multiple} times the autovacuum threshold."))
        .vacuum(found)
        .because("Every scan reads the dead rows too.")
}

#[cfg(test)]
mod tests;
