//! A table was never analyzed.

use crate::engine::prelude::*;
use crate::facts::column_statistics::ColumnStatistics;
use crate::facts::counters::SETTLED as COUNTERS_SETTLED;
use crate::facts::maintenance::Running;
use crate::facts::unanalyzed::Evidence;

rule! {
    /// ## What it sees
    ///
    /// A table with many rows that was never analyzed: there is no time of an ANALYZE, and the planner has no statistics about
    /// its columns (`pg_stats`). If the role cannot see these, the rule relies on the row estimate in `pg_class`, or on
    /// counters that have counted all its rows, and its confidence is medium.
    ///
    /// ## Why it matters
    ///
    /// The planner has no statistics about the table's values and uses defaults. It plans joins and filters as if the table were
    /// tiny or its values uniform, which can make a query slower by orders of magnitude.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_CHANGES} rows were inserted, updated or deleted, or VACUUM or CREATE INDEX counted as many. If autovacuum is
    /// enabled for the table, the table is reported only after {GRACE} of server uptime, to give autovacuum time to analyze it,
    /// and with medium confidence: the rows might have been loaded just now. Left out are a table that is being analyzed, an
    /// empty one, such as a staging table after TRUNCATE, and, if autovacuum is enabled for it, one that was created, refreshed
    /// or truncated within the last {YOUNG} or so: fewer transactions began since (`age(relfrozenxid)`) than the server has in
    /// that time. A table that PGD513 reports, because its storage parameter disables autovacuum, is left
    /// out too.
    ///
    /// If no such table is found, the rule passes only if the others are known to be analyzed or to have few rows. It does not pass
    /// while ANALYZE is running on one, nor if the counters of one might not cover all rows in its file, as after a crash, and those of its
    /// database are not known to be {SETTLED} old.
    ///
    /// ## Remedy
    ///
    /// `ANALYZE` the table, and make sure that autovacuum is enabled for it.
    ///
    /// ## When to ignore this
    ///
    /// For temporary tables, and tables that are only scanned as a whole. After a crash the times of ANALYZE are lost, although
    /// the statistics still exist; this is why the rule reads `pg_stats`. A role that cannot see all statistics cannot tell in
    /// that case, and the rule is not assessed.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_stat_database": [], "system": [ { "start_time": "2026-01-01T00:00:00Z" } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "on" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 0,
    ///                   "reltuples": -1 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 50000, "n_live_tup": 50000 } ] }
    /// ```
    /// ```json found
    /// { "pg_stat_database": [], "system": [ { "start_time": "2026-01-01T00:00:00Z" } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "on" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 300,
    ///                   "reltuples": 50000 } ],
    ///   "pg_stats": [],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 50000, "n_live_tup": 50000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_stat_database": [], "system": [ { "start_time": "2026-01-01T00:00:00Z" } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "on" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 300,
    ///                   "reltuples": 50000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 50000, "n_live_tup": 50000,
    ///                              "last_autoanalyze": "2026-01-01T06:00:00Z" } ] }
    /// ```
    rule missing_statistics {
        code: PGD801,
        title: "Tables were never analyzed",
        passed: "All tables with many changed rows have been analyzed",
        worst: Warning,
        reads: [system, uptime, tables, column_statistics, analyzes, counters, databases],
        source: "PostgreSQL manual, Statistics Used by the Planner; the thresholds are pgdba's own",
        thresholds: {
            /// Changed rows below which missing statistics do little harm.
            MIN_CHANGES: i64 = 10_000,
            /// Server uptime that autovacuum gets to analyze the table.
            GRACE: Millis = Millis(3_600_000.0),
            /// Counters that were reset more recently do not show that a table has few rows.
            SETTLED: Millis = COUNTERS_SETTLED,
            /// Time since the creation of a table that autovacuum gets to analyze it.
            YOUNG: Millis = Millis(600_000.0),
        },
    }
}

/// A table that was never analyzed.
struct Unanalyzed<'a> {
    table: &'a Table,
    /// Whether the planner is known to have no statistics, and ANALYZE not to be running.
    is_certain: bool,
}

impl<'a> Unanalyzed<'a> {
    fn new(table: &'a Table, statistics: &ColumnStatistics, analyzes: &Running) -> Self {
        let is_certain =
            table.has_statistics(statistics) == Some(false) && table.is_processed_by(analyzes) == Some(false);
        Self { table, is_certain }
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Unanalyzed<'a>>> {
    view.require_primary("count changed rows")?;
    let (statistics, analyzes, counters) = (view.column_statistics()?, view.analyzes()?, view.counters()?);
    let mut never = view.tables()?.never_analyzed(&Evidence { rows: MIN_CHANGES, analyzes, counters, statistics })?;
    if !never.is_empty() {
        let transactions = view.databases().ok().and_then(|all| all.transactions_per_second(view.now().ok()));
        never.retain(|table| !is_empty(table) && (table.autovacuum.is_disabled() || !is_young(table, transactions)));
    }
    never.retain(|table| !table.is_excluded_from_autovacuum());
    let had_time = view.uptime().map(|uptime| *uptime >= GRACE);
    let is_overdue = |table: &&Table| table.autovacuum.is_disabled() || had_time == Ok(true);
    let (overdue, early): (Vec<_>, Vec<_>) = never.into_iter().partition(is_overdue);
    if overdue.is_empty() && !early.is_empty() {
        // Autovacuum might still analyze them, so the rule has not passed either.
        had_time?;
        return Err(NotAssessed::because(format!("the server started less than {} ago", display::duration(GRACE))));
    }
    Ok(overdue.into_iter().map(|table| Unanalyzed::new(table, statistics, analyzes)).collect())
}

/// Whether it has been emptied: its inserted rows are gone, or its file has no room for as many as are relevant.
fn is_empty(table: &Table) -> bool {
    let is_counted = table.stat.as_deref().is_some_and(|stat| stat.n_tup_ins > Some(0));
    is_counted && table.live_rows() == Some(0) || table.rows_that_fit().is_some_and(|rows| rows < MIN_CHANGES)
}

/// Whether few transactions began since the table was created or rewritten. Those that loaded it do not count, nor does a load
/// that is some times higher than on average.
fn is_young(table: &Table, transactions_per_second: Option<f64>) -> bool {
    const PEAK: f64 = 3.0;
    const MOST_LOADING: i64 = 100_000;
    let loading = table.changed_rows().unwrap_or(0).min(MOST_LOADING).saturating_add(100) as f64;
    let others = transactions_per_second.unwrap_or(0.0) * YOUNG.seconds() * PEAK;
    table.freeze_age.is_some_and(|age| age as f64 <= loading + others)
}

fn subject(Unanalyzed { table, .. }: &Unanalyzed<'_>) -> About {
    About::table(&table.name, Weight::rows(table.rows_ever()))
        .figures([
            Figure::new("rows", table.rows_ever()).against(MIN_CHANGES).labelled("rows or changed rows"),
            Figure::new("live_rows", table.live_rows()),
            Figure::new("autovacuum", table.autovacuum.words()),
        ])
        .run(format!("ANALYZE {};", table.name.sql()))
}

fn describe(found: &Found<Unanalyzed<'_>>) -> Draft {
    let these = if found.only().is_some() { "the table" } else { "these tables" };
    let disabled = found.part(|never| never.table.autovacuum.is_disabled());
    let is_overdue = found.all(|never| never.table.autovacuum.is_disabled());
    let is_certain = is_overdue && found.all(|never| never.is_certain);
    Draft::new(format!("Analyze {}", found.named("table", "tables")))
        .confidence(if is_certain { Confidence::High } else { Confidence::Medium })
        .because(format!("The planner has no statistics about {these} and uses default estimates."))
        .because_for(disabled.as_ref(), "Autovacuum is disabled for")
        .because_if(!is_overdue, "If rows were loaded within the last few minutes, autovacuum will soon analyze them.")
        .advise("Run ANALYZE now, and make sure that autovacuum is enabled so that it keeps the statistics up to date.")
        .impact("ANALYZE reads a sample of the table; reads and writes continue.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::engine::find;
    use crate::facts::Beside;
    use crate::rules::statistics::missing_statistics::RULE;
    use crate::{Confidence, Facts, NotAssessed, example};

    /// The outcome for a table with this many rows and an empty one, `minutes` after the start of the server.
    fn outcome(rows: i64, minutes: Option<i64>, autovacuum: &str) -> Result<usize, NotAssessed> {
        let start = minutes.map(|minutes| format!("2026-01-01T{:02}:{:02}:00Z", 11 - minutes / 60, 60 - minutes % 60 - 1));
        let class = |oid: i64, bytes: i64| json!({ "oid": oid, "nspname": "s", "relname": "t", "relkind": "r",
            "reltuples": -1, "size_bytes": bytes, "size_source": "pg_relation_size" });
        let document = json!({
            "system": [{ "start_time": start }],
            "pg_stat_database": [], "pg_settings": [{ "name": "autovacuum", "setting": autovacuum }],
            "pg_class": [class(1, rows * 36), class(2, 0)],
            "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": rows }, { "relid": 2, "n_tup_ins": 0 }],
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default()).map(|found| found.map_or(0, |found| found.subjects.len()))
    }

    /// The outcome for a table whose rows VACUUM or CREATE INDEX has counted, by what is known of the statistics.
    fn counted(changed: i64, statistics: &serde_json::Value) -> Result<usize, NotAssessed> {
        let mut document = json!({
            "system": [{ "start_time": "2025-12-01T00:00:00Z", "block_size": 8192 }],
            "pg_stat_database": [], "pg_settings": [{ "name": "autovacuum", "setting": "on" }],
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 300, "reltuples": 50_000,
                           "size_bytes": 2_457_600, "size_source": "pg_relation_size" }],
            "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": changed, "last_vacuum": "2025-12-31T00:00:00Z" }],
        });
        if !statistics.is_null() {
            document["pg_stats"] = statistics.clone();
        }
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default()).map(|found| found.map_or(0, |found| found.subjects.len()))
    }

    #[test]
    fn a_row_estimate_is_not_an_analyze() {
        let all = |rows: serde_json::Value| json!({ "available": true, "columns": ["relid", "attnum"], "rows": rows });
        let part = |rows: serde_json::Value| {
            json!({ "available": true, "limited": "superuser is required", "columns": ["relid", "attnum"], "rows": rows })
        };
        let unknown = || Err(NotAssessed::because(
                "the time of the last ANALYZE is unknown, and the role cannot see all statistics in pg_stats",
            ));
        for (changed, statistics, expected) in [
            (50_000, all(json!([])), Ok(1)),
            (0, all(json!([])), Ok(1)),
            (50_000, all(json!([[1, 1]])), Ok(0)),
            (50_000, part(json!([[1, 1]])), Ok(0)),
            // All rows are counted, and no ANALYZE.
            (50_000, part(json!([])), Ok(1)),
            (50_000, json!(null), Ok(1)),
            // A crash lost the counters, and perhaps the time of an ANALYZE.
            (20_000, part(json!([])), unknown()),
            (20_000, json!(null), unknown()),
            (0, part(json!([])), unknown()),
        ] {
            assert_eq!(counted(changed, &statistics), expected, "{changed} {statistics}");
        }
    }

    #[test]
    fn a_table_that_is_being_analyzed_or_might_just_be_loaded_is_not_certain() {
        let document = |autovacuum: &str, relid: Option<i64>, statistics: Value| {
            json!({
                "system": [{ "start_time": "2025-12-01T00:00:00Z" }],
                "pg_stat_database": [], "pg_settings": [{ "name": "autovacuum", "setting": autovacuum }],
                "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "reltuples": -1 }],
                "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": 50_000 }],
                "pg_stat_progress_analyze": [{ "pid": 1, "relid": relid }],
                "pg_stats": statistics,
            })
        };
        let confidence = |document: &Value| {
            let snapshot = example::snapshot(&document.to_string()).unwrap();
            let found = find(&RULE, &Facts::of(&snapshot), Beside::default());
            found.map(|found| found.map(|finding| finding.confidence))
        };
        let hidden = json!({ "available": false, "error": "permission denied" });
        let running = || Err(NotAssessed::because("ANALYZE is running on s.t; check again when it has finished"));
        for (autovacuum, relid, statistics, expected) in [
            ("on", Some(2), json!([]), Ok(Some(Confidence::Medium))),
            ("off", Some(2), json!([]), Ok(Some(Confidence::High))),
            // Where ANALYZE is running or what the planner has is hidden from the role.
            ("off", None, json!([]), Ok(Some(Confidence::Medium))),
            ("off", Some(2), hidden, Ok(Some(Confidence::Medium))),
            ("on", Some(1), json!([]), running()),
        ] {
            let document = document(autovacuum, relid, statistics);
            assert_eq!(confidence(&document), expected, "{document}");
        }
        // Version 12 does not show where ANALYZE is running.
        let mut document = document("off", Some(2), json!([]));
        document["version"] = json!(12);
        assert_eq!(confidence(&document), Ok(Some(Confidence::Medium)));
    }

    /// The outcome for a table whose counters were lost, of so many bytes, with so many inserted rows since, as of the last VACUUM
    /// or CREATE INDEX.
    fn lost(bytes: i64, inserted: i64, counted: (i64, i64), statistics: &Value) -> Result<usize, NotAssessed> {
        let document = json!({
            "system": [{ "start_time": "2025-12-01T00:00:00Z", "block_size": 8192 }],
            "pg_stat_database": [], "pg_settings": [{ "name": "autovacuum", "setting": "off" }],
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": counted.0,
                           "reltuples": counted.1, "size_bytes": bytes, "size_source": "pg_relation_size" }],
            "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": inserted }],
            "pg_stats": statistics,
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default()).map(|found| found.map_or(0, |found| found.subjects.len()))
    }

    #[test]
    fn lost_counters_do_not_show_that_a_table_has_few_rows_or_was_never_analyzed() {
        let all = json!([]);
        let hidden = json!({ "available": true, "limited": "superuser is required", "columns": ["relid"], "rows": [] });
        let few = || {
            Err(NotAssessed::because(
                "the counters of s.t might not cover all rows in its file, as after a crash, a failover or a restore, so the number of its \
                 rows is unknown",
            ))
        };
        let unknown = || {
            Err(NotAssessed::because(
                "the time of the last ANALYZE is unknown, and the role cannot see all statistics in pg_stats",
            ))
        };
        for (bytes, inserted, counted, statistics, expected) in [
            // A crash: there are no statistics, and nobody counted the rows.
            (11_000_000, 0, (0, -1), &all, few()),
            (11_000_000, 0, (0, -1), &hidden, few()),
            // A reset after CREATE INDEX, which counted them.
            (18_000_000, 0, (2200, 500_000), &all, Ok(1)),
            (18_000_000, 0, (2200, 500_000), &hidden, unknown()),
            // It was analyzed with as many rows as were inserted since.
            (4_300_000, 60_000, (266, 60_000), &hidden, unknown()),
            (2_179_072, 60_000, (266, 60_000), &hidden, Ok(1)),
            (4_300_000, 60_000, (266, 60_000), &json!([{ "relid": 1, "attnum": 1 }]), Ok(0)),
            (8192, 0, (0, -1), &all, Ok(0)),
        ] {
            assert_eq!(lost(bytes, inserted, counted, statistics), expected, "{bytes} {inserted} {statistics}");
        }
    }

    #[test]
    fn a_table_that_was_just_loaded_or_emptied_passes_unless_autovacuum_is_disabled() {
        let found = |autovacuum: &str, kind: &str, age: i64, live: i64, bytes: i64| {
            let document = json!({
                "system": [{ "start_time": "2025-12-01T00:00:00Z", "block_size": 8192 }],
                "pg_stat_database": [], "pg_settings": [{ "name": "autovacuum", "setting": autovacuum }],
                // Ten transactions per second.
                "pg_stat_database": [{ "datid": 5, "datname": "shop", "xact_commit": 864_000, "xact_rollback": 0,
                                       "stats_reset": "2025-12-31T12:00:00Z" }],
                "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": kind, "reltuples": -1,
                               "relfrozenxid_age": age, "size_bytes": bytes, "size_source": "pg_relation_size" }],
                "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": 50_000, "n_live_tup": live }],
            });
            let snapshot = example::snapshot(&document.to_string()).unwrap();
            find(&RULE, &Facts::of(&snapshot), Beside::default()).unwrap().is_some()
        };
        let (many, few) = (500_000, 2);
        for (autovacuum, kind, age, live, bytes, expected) in [
            ("on", "r", many, 50_000, 4_000_000, true),
            ("on", "r", few, 50_000, 4_000_000, false),
            ("on", "m", few, 50_000, 4_000_000, false),
            ("off", "r", few, 50_000, 4_000_000, true),
            // Loaded row by row, each in a transaction of its own, while others began.
            ("on", "r", 55_000, 50_000, 4_000_000, false),
            // Truncated, and emptied by DELETE.
            ("off", "r", many, 0, 0, false),
            ("off", "r", many, 0, 4_000_000, false),
        ] {
            assert_eq!(found(autovacuum, kind, age, live, bytes), expected, "{autovacuum} {kind} {age} {live} {bytes}");
        }
    }

    #[test]
    fn tables_that_autovacuum_had_no_time_for_do_not_pass() {
        let early = Err(NotAssessed::because("the server started less than 1 h ago"));
        let unknown = Err(NotAssessed::because("the server's start time is unknown"));
        for (rows, minutes, autovacuum, expected) in [
            (50_000, Some(5), "on", early),
            (50_000, None, "on", unknown),
            (50_000, Some(90), "on", Ok(1)),
            (50_000, Some(5), "off", Ok(1)),
            (9_999, Some(5), "on", Ok(0)),
            (9_999, None, "on", Ok(0)),
        ] {
            assert_eq!(outcome(rows, minutes, autovacuum), expected, "{rows} {minutes:?} {autovacuum}");
        }
    }
}
