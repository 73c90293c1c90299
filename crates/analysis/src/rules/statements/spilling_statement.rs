//! A query spills to temporary files.

use pgdba_pg::{Bytes, Millis, Ratio, display};

use crate::engine::rule::{Parts, evidence, evidence_against};
use crate::facts::statements::Statement;
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Detail, Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// A query that writes temporary files: a sort, a hash or a materialised step that did not fit into `work_mem`.
    ///
    /// ## Why it matters
    ///
    /// What does not fit into memory is written to disk and read again, which is many times slower than memory and
    /// takes the storage away from everybody else.
    ///
    /// ## Threshold
    ///
    /// On average at least {MIN_SPILL} of temporary files a call, and at least {MIN_SHARE} of the execution time of
    /// all recorded statements. Utility statements such as `CREATE INDEX` are left out; they use
    /// `maintenance_work_mem`.
    ///
    /// ## Remedy
    ///
    /// First see whether an index or a smaller result makes the sort unnecessary. Else raise `work_mem` for the role
    /// that runs it, not for all: every session can use it several times over.
    ///
    /// ## When it is no fault
    ///
    /// A report that runs at night, and that nobody waits for.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Resource Consumption", parameter `work_mem`; the threshold is pgdba's own.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "work_mem", "setting": "4096", "unit": "kB" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t order by x", "calls": 10,
    ///                             "total_exec_time": 5000.0, "temp_blks_written": 50000 } ] }
    /// ```
    /// ```json clean
    /// { "pg_settings": [ { "name": "work_mem", "setting": "4096", "unit": "kB" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t order by x", "calls": 1000,
    ///                             "total_exec_time": 5000.0, "temp_blks_written": 50000 } ] }
    /// ```
    rule spilling_statement {
        code: "PGD701",
        title: "A query spills to temporary files",
        area: Statements,
        needs: [pg_stat_statements, pg_settings],
        thresholds: {
            /// Temporary files written per call from which it is worth a look.
            MIN_SPILL: Bytes = Bytes::megabytes(10),
            /// Share of all execution time below which it matters to nobody.
            MIN_SHARE: Ratio = Ratio(0.01),
        },
    }
}

#[derive(Debug)]
struct Found {
    queryid: String,
    query: String,
    datname: Option<String>,
    calls: i64,
    spill: Bytes,
    share: Ratio,
    mean: Millis,
    work_mem: Option<Bytes>,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let found: Vec<Found> =
        facts.statements.all.iter().filter_map(|statement| spilling(statement, facts)).collect();
    if found.is_empty() && facts.statements.any_hidden() {
        return Err(NotAssessed::because("pg_stat_statements hides the statements of other users from this role"));
    }
    Ok(found)
}

fn spilling(statement: &Statement, facts: &Facts) -> Option<Found> {
    if statement.is_hidden() || !statement.is_query() || statement.share < MIN_SHARE {
        return None;
    }
    let spill = Bytes((statement.temp_blks_written_per_call()? * facts.block_size as f64) as i64);
    let calls = statement.row.calls?;
    (spill >= MIN_SPILL).then(|| Found {
        queryid: statement.row.queryid.clone().unwrap_or_default(),
        query: statement.row.query.clone().unwrap_or_default(),
        datname: statement.row.datname.clone(),
        calls,
        spill,
        share: statement.share,
        mean: Millis(statement.row.total_exec_time.unwrap_or(0.0) / calls.max(1) as f64),
        work_mem: facts.settings.bytes("work_mem"),
    })
}

fn describe(found: &Found) -> Parts {
    Parts {
        severity: Severity::Notice,
        confidence: Confidence::Medium,
        subject: Subject::Query(found.queryid.clone()),
        summary: format!("Spare query {} its {} of temporary files a call", found.queryid, display::bytes(found.spill)),
        rationale: format!(
            "It does not fit into work_mem and works on disk instead. It takes {} of the execution time of all \
             recorded statements.",
            display::percent(found.share)
        ),
        evidence: vec![
            evidence_against("temporary files per call", found.spill, MIN_SPILL),
            evidence("calls", found.calls),
            evidence("mean time", found.mean),
            evidence("database", found.datname.clone()),
            evidence("work_mem", found.work_mem),
        ],
        details: vec![Detail::Sql { caption: "Statement".to_owned(), text: found.query.clone() }],
        remedy: Remedy {
            text: "Look for an index that delivers the order, or for rows and columns the query does not need. Else \
                   raise work_mem for the role that runs it."
                .to_owned(),
            sql: Some("ALTER ROLE role_of_this_query SET work_mem = '64MB';  -- its new sessions only".to_owned()),
            effort: Effort::Online,
            impact: Some("Each sort and hash of that role's sessions may take that much memory.".to_owned()),
            undo: Some("ALTER ROLE role_of_this_query RESET work_mem;".to_owned()),
            undo_text: None,
            sets: None,
        },
        source: "PostgreSQL manual, Resource Consumption: work_mem",
    }
}
