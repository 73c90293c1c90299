//! A table was never analyzed.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A table with many changed rows that was never analyzed: there is no time of an ANALYZE, and no row estimate in
    /// `pg_class`.
    ///
    /// ## Why it matters
    ///
    /// The planner has no statistics about the table's values and uses defaults. It plans joins and filters as if the table were
    /// tiny or its values uniform, which can make a query slower by orders of magnitude.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_CHANGES} rows were inserted, updated or deleted. If autovacuum is enabled for the table, the table is reported only
    /// after {GRACE} of server uptime, to give autovacuum time to analyze it.
    ///
    /// ## Remedy
    ///
    /// `ANALYZE` the table, and make sure that autovacuum is enabled for it.
    ///
    /// ## When to ignore this
    ///
    /// For temporary tables, and tables that are only scanned as a whole. After a crash the times of ANALYZE are lost, although the
    /// statistics still exist; this is why the rule also checks the row estimate.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "start_time": "2026-01-01T00:00:00Z" } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "on" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 0,
    ///                   "reltuples": -1 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 50000, "n_live_tup": 50000 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "start_time": "2026-01-01T00:00:00Z" } ],
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
        reads: [system, uptime, tables],
        source: "PostgreSQL manual, Statistics Used by the Planner; the thresholds are pgdba's own",
        thresholds: {
            /// Changed rows below which missing statistics do little harm.
            MIN_CHANGES: i64 = 10_000,
            /// Server uptime that autovacuum gets to analyze the table.
            GRACE: Millis = Millis(3_600_000.0),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    view.require_primary("count changed rows")?;
    let is_changed = |table: &&Table| table.changed_rows() >= Some(MIN_CHANGES);
    let never = view.tables()?.all.iter().filter(|table| table.has_rows() && table.is_never_analyzed());
    let had_time = view.uptime().map(|uptime| *uptime >= GRACE);
    let is_overdue = |table: &&Table| table.is_autovacuum_disabled() || had_time == Ok(true);
    let (overdue, early): (Vec<_>, Vec<_>) = never.filter(is_changed).partition(is_overdue);
    if overdue.is_empty() && !early.is_empty() {
        // Autovacuum might still analyze them, so the rule has not passed either.
        had_time?;
        return Err(NotAssessed(format!("the server started less than {} ago", display::duration(GRACE))));
    }
    Ok(overdue)
}

fn subject(table: &Table) -> About {
    About::table(&table.name, Weight::rows(table.changed_rows()))
        .figures([
            Figure::new("rows_changed", table.changed_rows()).against(MIN_CHANGES),
            Figure::new("live_rows", table.live_rows()),
            Figure::new("autovacuum", table.autovacuum()),
        ])
        .run(format!("ANALYZE {};", table.name.sql()))
}

fn describe(found: &Found<&Table>) -> Draft {
    let (these, them) = if found.only().is_some() { ("the table", "it") } else { ("these tables", "them") };
    let some = if found.all(|table| table.is_autovacuum_disabled()) { "" } else { " for some of them" };
    Draft::new(format!("Analyze {}", found.named("table", "tables")))
        .because(format!("The planner has no statistics about {these} and uses default estimates."))
        .because_if(
            found.any(|table| table.is_autovacuum_disabled()),
            format!("Autovacuum, which would analyze {them}, is disabled{some}."),
        )
        .advise("Run ANALYZE now, and make sure that autovacuum is enabled so that it keeps the statistics up to date.")
        .impact("ANALYZE reads a sample of the table; reads and writes continue.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::engine::find;
    use crate::facts::Beside;
    use crate::rules::statistics::missing_statistics::RULE;
    use crate::{Facts, NotAssessed, example};

    /// The outcome for a table with this many rows and an empty one, `minutes` after the start of the server.
    fn outcome(rows: i64, minutes: Option<i64>, autovacuum: &str) -> Result<usize, NotAssessed> {
        let start = minutes.map(|minutes| format!("2026-01-01T{:02}:{:02}:00Z", 11 - minutes / 60, 60 - minutes % 60 - 1));
        let class = |oid: i64| json!({ "oid": oid, "nspname": "s", "relname": "t", "relkind": "r", "reltuples": -1 });
        let document = json!({
            "system": [{ "start_time": start }],
            "pg_settings": [{ "name": "autovacuum", "setting": autovacuum }],
            "pg_class": [class(1), class(2)],
            "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": rows }, { "relid": 2, "n_tup_ins": 0 }],
        });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        find(&RULE, &Facts::of(&snapshot), Beside::default()).map(|found| found.map_or(0, |found| found.subjects.len()))
    }

    #[test]
    fn tables_that_autovacuum_had_no_time_for_do_not_pass() {
        let early = Err(NotAssessed("the server started less than 1 h ago".to_owned()));
        let unknown = Err(NotAssessed("the server's start time is unknown".to_owned()));
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
