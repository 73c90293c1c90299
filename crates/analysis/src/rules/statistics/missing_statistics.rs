//! A table was never analysed.

use pgdba_pg::{Millis, display};

use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::facts::relation::RelationName;
use crate::facts::tables::Table;
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// A table with many changed rows that was never analysed: no time of an ANALYZE, and no row estimate in
    /// `pg_class`.
    ///
    /// ## Why it matters
    ///
    /// The planner knows nothing of the table's values and guesses. Joins and filters on it are planned as if it were
    /// tiny or uniform, which can make a query slower by orders of magnitude.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_CHANGES} rows inserted, updated or deleted. Where autovacuum may work on the table, it also gets
    /// {GRACE} from the server's start to come round by itself; until then the table is not judged.
    ///
    /// ## Remedy
    ///
    /// `ANALYZE` the table, and see to it that autovacuum may.
    ///
    /// ## When it is no fault
    ///
    /// Temporary tables and tables that are only ever scanned whole. After a crash the times of ANALYZE are lost
    /// although statistics exist, which is why the row estimate is looked at too.
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
    /// ```json clean
    /// { "system": [ { "start_time": "2026-01-01T00:00:00Z" } ],
    ///   "pg_settings": [ { "name": "autovacuum", "setting": "on" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r", "relpages": 300,
    ///                   "reltuples": 50000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 50000, "n_live_tup": 50000,
    ///                              "last_autoanalyze": "2026-01-01T06:00:00Z" } ] }
    /// ```
    rule missing_statistics {
        code: "PGD801",
        title: "A table was never analysed",
        area: Statistics,
        needs: [system, pg_settings, pg_class, pg_stat_user_tables],
        thresholds: {
            /// Changed rows below which guesses do little harm.
            MIN_CHANGES: i64 = 10_000,
            /// How long autovacuum gets from the server's start to come round.
            GRACE: Millis = Millis(3_600_000.0),
        },
    }
}

#[derive(Debug)]
struct Found {
    table: RelationName,
    changes: i64,
    n_live_tup: Option<i64>,
    autovacuum_enabled: Option<bool>,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    if facts.in_recovery == Some(true) {
        return Err(NotAssessed::because("a standby does not count changes; look at the primary"));
    }
    let never: Vec<Found> = facts.tables.iter().filter_map(never_analysed).collect();
    let uptime = facts.age(facts.start_time);
    if uptime.is_some_and(|uptime| uptime >= GRACE) {
        return Ok(never);
    }
    // What autovacuum may work on is not judged yet; where that is all there is, it is not fine either.
    let (overdue, early): (Vec<_>, Vec<_>) =
        never.into_iter().partition(|found| found.autovacuum_enabled == Some(false));
    if overdue.is_empty() && !early.is_empty() {
        return Err(NotAssessed(match uptime {
            Some(_) => format!("the server started less than {} ago", display::duration(GRACE)),
            None => "it is not known when the server started".to_owned(),
        }));
    }
    Ok(overdue)
}

fn never_analysed(table: &Table) -> Option<Found> {
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

fn describe(found: &Found) -> Parts {
    let off = found.autovacuum_enabled == Some(false);
    Parts {
        severity: Severity::Warning,
        confidence: Confidence::High,
        subject: Subject::Table(found.table.to_string()),
        summary: format!("Analyze {}", found.table),
        rationale: format!(
            "The planner knows nothing of its {}, and guesses.{}",
            found.n_live_tup.map_or_else(|| "rows".to_owned(), |rows| display::counted(rows, "row", "rows")),
            if off { " Autovacuum, which would analyse it, is switched off for it." } else { "" }
        ),
        evidence: vec![
            evidence_against("changed rows", found.changes, MIN_CHANGES),
            evidence("live rows", found.n_live_tup),
            evidence("last analyze", "never"),
        ],
        details: Vec::new(),
        remedy: Remedy {
            text: "Analyse it once, and see to it that autovacuum may do it from now on.".to_owned(),
            sql: Some(found.table.run_there(format!("ANALYZE (VERBOSE) {};", found.table.sql()))),
            effort: Effort::Online,
            impact: Some("Reads a sample of the table; reads and writes go on.".to_owned()),
            undo: None,
            undo_text: None,
            sets: None,
        },
        source: "PostgreSQL manual, Updating Planner Statistics",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::engine::run;
    use crate::rules::statistics::missing_statistics::RULE;
    use crate::{Facts, NotAssessed, example};

    /// What the rule makes of a table with this many rows and of one that was never written, `minutes` after the start.
    fn outcome(rows: i64, minutes: Option<i64>, autovacuum: &str) -> Result<usize, NotAssessed> {
        let start = minutes.map(|minutes| format!("2026-01-01T{:02}:{:02}:00Z", 11 - minutes / 60, 60 - minutes % 60 - 1));
        let class = |oid: i64| json!({ "oid": oid, "nspname": "s", "relname": "t", "relkind": "r", "reltuples": -1 });
        let document = json!({
            "system": [{ "start_time": start }],
            "pg_settings": [{ "name": "autovacuum", "setting": autovacuum }],
            "pg_class": [class(1), class(2)],
            "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": rows }, { "relid": 2, "n_tup_ins": 0 }],
        });
        let facts = Facts::derive(&example::snapshot(&document.to_string()).unwrap());
        run(&RULE, &facts).map(|found| found.len())
    }

    #[test]
    fn what_autovacuum_may_not_have_come_round_to_is_not_called_fine() {
        let early = Err(NotAssessed("the server started less than 1 h ago".to_owned()));
        let unknown = Err(NotAssessed("it is not known when the server started".to_owned()));
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
