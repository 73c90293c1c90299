//! A table was never analyzed.

use pgdba_pg::{Millis, display};

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::relation::RelationName;
use crate::facts::tables::Table;
use crate::facts::time::age;
use crate::format::{SubjectKind, Weight};
use crate::{Checked, Figure, NotAssessed, Severity, View, rule};

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
    /// ## Source
    ///
    /// PostgreSQL manual, "Updating Planner Statistics"; the thresholds are pgdba's own.
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
        reads: [system, tables],
        source: "PostgreSQL manual, Statistics Used by the Planner",
        thresholds: {
            /// Changed rows below which missing statistics do little harm.
            MIN_CHANGES: i64 = 10_000,
            /// Server uptime that autovacuum gets to analyze the table.
            GRACE: Millis = Millis(3_600_000.0),
        },
    }
}

struct Found {
    table: RelationName,
    changes: i64,
    n_live_tup: Option<i64>,
    autovacuum_enabled: Option<bool>,
}

fn check(view: &View<'_>) -> Checked<Vec<Found>> {
    let system = view.system()?;
    if system.is_in_recovery == Some(true) {
        return Err(NotAssessed::because("a standby does not count changed rows; check the primary"));
    }
    let never: Vec<Found> = view.tables()?.all.iter().filter_map(never_analyzed).collect();
    let uptime = system.start_time.zip(view.now().ok()).and_then(|(start, now)| age(now, start));
    if uptime.is_some_and(|uptime| uptime >= GRACE) { Ok(never) } else { without_grace(never, uptime) }
}

/// Tables that autovacuum might still analyze are not evaluated yet; if there are no others, the rule has not passed
/// either.
fn without_grace(never: Vec<Found>, uptime: Option<Millis>) -> Checked<Vec<Found>> {
    let (overdue, early): (Vec<_>, Vec<_>) =
        never.into_iter().partition(|found| found.autovacuum_enabled == Some(false));
    if !overdue.is_empty() || early.is_empty() {
        return Ok(overdue);
    }
    Err(NotAssessed(match uptime {
        Some(_) => format!("the server started less than {} ago", display::duration(GRACE)),
        None => "the server's start time is unknown".to_owned(),
    }))
}

fn never_analyzed(table: &Table) -> Option<Found> {
    let stat = table.stat.as_ref()?;
    let changes = [stat.n_tup_ins, stat.n_tup_upd, stat.n_tup_del].into_iter().flatten().fold(0, i64::saturating_add);
    let is_table = matches!(table.relkind.as_deref(), Some("r" | "m"));
    let never = table.last_analyze().is_none() && table.reltuples.is_none();
    (is_table && never && changes >= MIN_CHANGES).then(|| Found {
        table: table.name.clone(),
        changes,
        n_live_tup: stat.n_live_tup,
        autovacuum_enabled: table.autovacuum_enabled,
    })
}

fn describe(found: &[Found]) -> Draft {
    Draft::new(Severity::Warning, summary(found))
        .because(format!(
            "The planner has no statistics about {} and uses default estimates.{}",
            if found.len() == 1 { "the table" } else { "these tables" },
            disabled(found)
        ))
        .advise("Run ANALYZE now, and make sure that autovacuum is enabled, so that it keeps the statistics up to date.")
        .impact("ANALYZE reads a sample of the table; reads and writes continue.")
}

/// A sentence if autovacuum is disabled.
fn disabled(found: &[Found]) -> &'static str {
    let count = found.iter().filter(|found| found.autovacuum_enabled == Some(false)).count();
    match (count, found.len()) {
        (0, _) => "",
        (1, 1) => " Autovacuum, which would analyze it, is disabled.",
        (count, all) if count == all => " Autovacuum, which would analyze them, is disabled.",
        _ => " Autovacuum, which would analyze them, is disabled for some of them.",
    }
}

fn summary(found: &[Found]) -> String {
    match found {
        [only] => format!("Analyze {}", only.table),
        many => format!("Analyze {}", display::counted(i64::try_from(many.len()).unwrap_or(i64::MAX), "table", "tables")),
    }
}

impl Affects for Found {
    fn about(&self) -> About {
        let autovacuum = self.autovacuum_enabled.map(|enabled| if enabled { "on" } else { "off" });
        About::new(self.table.subject(SubjectKind::Table), Weight::Rows(self.changes as f64))
            .called(self.table.to_string())
            .figure(Figure::new("rows_changed", self.changes).against(MIN_CHANGES))
            .figure(Figure::new("live_rows", self.n_live_tup))
            .figure(Figure::new("autovacuum", autovacuum))
            .run(self.table.run_there(format!("ANALYZE {};", self.table.sql())))
    }
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
