//! A query spills to temporary files.

use pgdba_pg::{Bytes, Millis, Ratio, display};

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::statements::Statement;
use crate::format::{Subject, SubjectKind};
use crate::{Block, Checked, Confidence, Figure, NotAssessed, Quantity, Severity, View, rule};

rule! {
    /// ## What it sees
    ///
    /// A query that writes temporary files: a sort, hash or materialize step that did not fit into `work_mem`.
    ///
    /// ## Why it matters
    ///
    /// Data that does not fit into memory is written to disk and read back. This is many times slower than working in memory, and takes
    /// I/O bandwidth from everything else.
    ///
    /// ## Threshold
    ///
    /// On average at least {MIN_SPILL} of temporary files per call, and at least {MIN_SHARE} of the execution time of all
    /// recorded statements. Utility statements such as `CREATE INDEX` are left out; they use `maintenance_work_mem`.
    ///
    /// ## Remedy
    ///
    /// First check whether an index or a smaller result makes the sort unnecessary. Otherwise raise `work_mem` for the role that
    /// runs the query, not for the whole server: each session can use it several times.
    ///
    /// ## When to ignore this
    ///
    /// For a report that runs at night and is not time-critical.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Resource Consumption", parameter `work_mem`; the threshold is pgdba's own.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192 } ],
    ///   "pg_settings": [ { "name": "work_mem", "setting": "4096", "unit": "kB" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t order by x", "calls": 10,
    ///                             "total_exec_time": 5000.0, "temp_blks_written": 50000 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192 } ],
    ///   "pg_settings": [ { "name": "work_mem", "setting": "4096", "unit": "kB" } ],
    ///   "pg_stat_statements": [ { "queryid": "1", "query": "select * from t order by x", "calls": 1000,
    ///                             "total_exec_time": 5000.0, "temp_blks_written": 50000 } ] }
    /// ```
    rule spilling_statement {
        code: PGD701,
        title: "Queries spill to temporary files",
        passed: "No query spills much to temporary files",
        worst: Notice,
        reads: [statements, system, settings],
        source: "PostgreSQL manual, Resource Consumption: work_mem",
        thresholds: {
            /// Temporary files per call from which on a query is reported.
            MIN_SPILL: Bytes = Bytes::megabytes(10),
            /// Share of the total execution time below which a query is negligible.
            MIN_SHARE: Ratio = Ratio(0.01),
        },
    }
}

struct Found {
    queryid: String,
    query: String,
    datname: Option<String>,
    calls: i64,
    spill: Bytes,
    share: Ratio,
    mean: Option<Millis>,
    /// Calls per second in the window of a delta.
    rate: Option<Quantity>,
    work_mem: Option<Bytes>,
}

fn check(view: &View<'_>) -> Checked<Vec<Found>> {
    let statements = view.statements()?;
    let block_size = view.system()?.block_size;
    let block_size = block_size.ok_or_else(|| NotAssessed::because("the block size is unknown"))?;
    let work_mem = view.settings()?.bytes("work_mem");
    let spilling = |statement: &Statement| spilling(statement, block_size, work_mem);
    let found: Vec<Found> = statements.all.iter().filter_map(spilling).collect();
    if found.is_empty() && statements.any_hidden() {
        return Err(NotAssessed::because("the role cannot see other roles' statements in pg_stat_statements"));
    }
    Ok(found)
}

fn spilling(statement: &Statement, block_size: i64, work_mem: Option<Bytes>) -> Option<Found> {
    let share = statement.share.filter(|share| *share >= MIN_SHARE)?;
    let spill = Bytes((statement.temp_blks_written_per_call()? * block_size as f64) as i64);
    let is_found = spill >= MIN_SPILL && !statement.is_hidden() && statement.is_query();
    let calls = statement.row.calls.filter(|_| is_found)?;
    Some(Found {
        queryid: statement.row.queryid.clone().unwrap_or_default(),
        query: statement.row.query.clone().unwrap_or_default(),
        datname: statement.row.datname.clone(),
        calls,
        spill,
        share,
        rate: statement.growth.0.as_ref().map(|_| statement.growth.per_second(|row| row.calls)),
        mean: statement.row.total_exec_time.map(|time| Millis(time / calls.max(1) as f64)),
        work_mem,
    })
}

fn describe(found: &[Found]) -> Draft {
    let draft = Draft::new(Severity::Notice, summary(found))
        .confidence(Confidence::Medium)
        .because("A sort or hash does not fit into work_mem and is processed on disk.")
        .evidence(Figure::parameter("work_mem", found.first().and_then(|found| found.work_mem)))
        .advise(
            "Check whether an index can provide the sort order, or whether the query returns rows or columns that are \
             not needed. Otherwise raise work_mem for the role that runs it.",
        )
        .run("ALTER ROLE role_of_this_query SET work_mem = '64MB';  -- affects new sessions only")
        .impact("Each sort and hash operation in that role's sessions can use that much memory.")
        .undo("ALTER ROLE role_of_this_query RESET work_mem;");
    match found {
        [only] => draft.show(Block::sql("Statement", &only.query)),
        _ => draft,
    }
}

fn summary(found: &[Found]) -> String {
    match found {
        [only] => {
            format!("Query {} spills {} to temporary files per call", only.queryid, display::bytes(only.spill))
        }
        many => format!("{} queries spill to temporary files", many.len()),
    }
}

impl Affects for Found {
    fn about(&self) -> About {
        let query = Subject::named(SubjectKind::Query, &self.queryid).in_database(self.datname.as_deref());
        About::new(query, self.share)
            .figure(Figure::new("temporary_files_per_call", self.spill).against(MIN_SPILL))
            .figure(Figure::new("share_of_execution_time", self.share))
            .figure(Figure::new("calls", self.calls))
            .figure(Figure::new("mean_time", self.mean))
            .figure(Figure::new("database", self.datname.clone()))
            .figures(self.rate.clone().map(|rate| Figure::new("calls_in_window", rate).labelled("calls over the delta")))
    }
}
