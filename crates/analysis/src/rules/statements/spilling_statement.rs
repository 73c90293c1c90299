//! A query spills to temporary files.

use crate::engine::prelude::*;
use crate::engine::statements;

rule! {
    /// ## What it sees
    ///
    /// A query that writes temporary files: a sort, hash or materialize step that did not fit into `work_mem`.
    ///
    /// ## Why it matters
    ///
    /// Data that does not fit into memory is written to disk and read back. This is many times slower than working in memory, and
    /// takes I/O bandwidth from everything else.
    ///
    /// ## Threshold
    ///
    /// On average at least {MIN_SPILL} of temporary files per call, and at least {MIN_SHARE} of the execution time of all
    /// recorded statements. Utility statements such as `CREATE INDEX` are left out; they use `maintenance_work_mem`.
    ///
    /// ## Remedy
    ///
    /// Each role that runs the query is a subject of its own, since the server counts it so.
    ///
    /// First check whether an index or a smaller result makes the sort unnecessary. Otherwise raise `work_mem` for the role that
    /// runs the query, not for the whole server: each session can use it several times.
    ///
    /// ## When to ignore this
    ///
    /// For a report that runs at night and is not time-critical.
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
        reads: [statements, block_size, settings],
        source: "PostgreSQL manual, Resource Consumption: work_mem; the threshold is pgdba's own",
        thresholds: {
            /// Temporary files per call from which on a query is reported.
            MIN_SPILL: Bytes = Bytes::megabytes(10),
            /// Share of the total execution time below which a query is negligible.
            MIN_SHARE: Ratio = Ratio(0.01),
        },
    }
}

struct Spill<'a> {
    statement: &'a Statement,
    per_call: Bytes,
    work_mem: Option<Bytes>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Spill<'a>>> {
    let (statements, block_size) = (view.statements()?, *view.block_size()?);
    let work_mem = view.settings()?.bytes("work_mem");
    let spill = |statement: &'a Statement| {
        let per_call = statement.counted().temporary_files_per_call(block_size).filter(|size| *size >= MIN_SPILL)?;
        Some(Spill { statement, per_call, work_mem })
    };
    statements.conclude(statements.queries(MIN_SHARE).filter_map(spill).collect())
}

fn subject(Spill { statement, per_call, .. }: &Spill<'_>) -> About {
    let figure = Figure::new("temporary_files_per_call", *per_call).against(MIN_SPILL);
    statements::about(statement, [figure])
}

fn describe(found: &Found<Spill<'_>>) -> Draft {
    let spills = |spill: &Spill<'_>| format!("spills {} to temporary files per call", display::bytes(spill.per_call));
    let spill = found.only().map_or_else(|| "spill to temporary files".to_owned(), spills);
    let queries = || found.iter().map(|spill| spill.statement);
    Draft::new(format!("{} {spill}", found.each("Query", "queries")))
        .confidence(Confidence::Medium)
        .because("A sort or hash does not fit into work_mem and is processed on disk.")
        .evidence([Figure::parameter("work_mem", found.first().and_then(|spill| spill.work_mem))])
        .advise("Check whether an index can provide the sort order, and whether all rows and columns are needed.")
        .advise("Otherwise raise work_mem for the role that runs it.")
        .run(statements::for_roles(queries(), "ALTER ROLE @ SET work_mem = '64MB';  -- affects new sessions only"))
        .impact("Each sort and hash operation in that role's sessions can use that much memory.")
        .undo(statements::for_roles(queries(), "ALTER ROLE @ RESET work_mem;"))
        .show(statements::texts(queries()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn a_query_of_several_roles_is_several_subjects_with_texts_and_statements() {
        let statement = |userid: i64, toplevel: bool| {
            json!({ "userid": userid, "datname": "shop", "queryid": "42", "toplevel": toplevel, "calls": 10,
                    "query": "select * from t order by x", "total_exec_time": 5000.0, "temp_blks_written": 50_000 })
        };
        let document = json!({
            "system": [{ "block_size": 8192 }],
            "pg_settings": [{ "name": "work_mem", "setting": "4096", "unit": "kB" }],
            "pg_roles": [{ "oid": 1, "rolname": "app" }, { "oid": 2, "rolname": "Reports" }],
            "pg_stat_statements": [statement(1, true), statement(1, false), statement(2, true), statement(3, true)],
        });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        let finding = analysis.findings.into_iter().find(|finding| finding.code == "PGD701").unwrap();
        let ids: BTreeSet<&str> = finding.subjects.iter().map(|subject| subject.id.as_str()).collect();
        assert_eq!(
            ids,
            BTreeSet::from([
                "PGD701 query shop.42 of role app",
                "PGD701 query shop.42 (nested) of role app",
                "PGD701 query shop.42 of role \"Reports\"",
                "PGD701 query shop.42 of the role with OID 3",
            ])
        );
        let script = finding.remedy.script.unwrap().text;
        assert_eq!(script.matches("ALTER ROLE app ").count(), 1, "{script}");
        assert!(script.contains("ALTER ROLE \"Reports\" SET"), "{script}");
        // The third role was dropped.
        assert!(!script.contains("role_of_this_query") && script.matches("ALTER ROLE").count() == 2, "{script}");
        // All run the same text.
        assert_eq!(finding.details.len(), 1);
    }
}
