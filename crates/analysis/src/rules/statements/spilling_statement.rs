//! A query spills to temporary files.

use crate::engine::prelude::*;
use crate::engine::work_mem::{self, Advice, WorkMem};
use crate::engine::statements;

rule! {
    /// ## What it sees
    ///
    /// A query that writes temporary files: a sort, a hash or a stored intermediate result that did not fit into `work_mem`.
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
    /// The value is twice what the query writes per call, rounded up to a power of two: at least 64 MB, at most 1 GB and 1/16 of the
    /// memory where that is known. It is never below what sessions of the role have in that database already, by ALTER ROLE, ALTER
    /// DATABASE or the configuration; a value of the role in the database is changed there. No statement is given if sessions
    /// already have that much or the greatest value, if their value is not known, and for a data load (INSERT … SELECT) that ran
    /// once.
    ///
    /// Counters do not tell with which value a query ran. After the change, run `pg_stat_statements_reset()` and check again.
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
        reads: [statements, block_size, configured, hardware],
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
    /// The value with which new sessions of the role start.
    present: Option<Bytes>,
    /// That of the server.
    work_mem: Option<Bytes>,
    /// What to do about it; none of a data load that ran once.
    advice: Option<Advice<'a>>,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Spill<'a>>> {
    let (statements, block_size) = (view.statements()?, *view.block_size()?);
    let configured = view.configured()?;
    let settings = WorkMem::of(configured, view.hardware()?.usable_memory());
    let spill = |statement: &'a Statement| {
        let per_call = statement.counted().temporary_files_per_call(block_size).filter(|size| *size >= MIN_SPILL)?;
        let ran_once = statement.row.calls == Some(1);
        let advice = (!(ran_once && statement.is_load())).then(|| settings.advice(statement, per_call));
        let (present, work_mem) = (settings.present(statement), configured.bytes_for_server("work_mem"));
        Some(Spill { statement, per_call, present, work_mem, advice })
    };
    statements.conclude(statements.queries(MIN_SHARE).filter_map(spill).collect())
}

fn subject(spill: &Spill<'_>) -> About {
    let figures = [
        Figure::new("temporary_files_per_call", spill.per_call).against(MIN_SPILL),
        Figure::new("work_mem_of_role", spill.present).labelled("work_mem of new sessions"),
    ];
    statements::about(spill.statement, figures)
}

fn describe(found: &Found<Spill<'_>>) -> Draft {
    let spills = |spill: &Spill<'_>| format!("spills {} to temporary files per call", display::bytes(spill.per_call));
    let spill = found.only().map_or_else(|| "spill to temporary files".to_owned(), spills);
    let draft = Draft::new(format!("{} {spill}", found.each("Query", "queries")))
        .confidence(Confidence::Medium)
        .evidence([Figure::parameter("work_mem", found.first().and_then(|spill| spill.work_mem))])
        .show(statements::texts(found.iter().map(|spill| spill.statement)));
    advised(reasoned(draft, found), found)
}

fn reasoned(draft: Draft, found: &Found<Spill<'_>>) -> Draft {
    let queries = found.part(|spill| spill.advice.is_some());
    let loads = found.part(|spill| spill.advice.is_none());
    draft
        .because_for(queries.as_ref(), "A sort, a hash or a stored intermediate result did not fit into work_mem and was written to disk by")
        .because_for(loads.as_ref(), "Temporary files were written by a data load that ran once:")
}

fn advised(draft: Draft, found: &Found<Spill<'_>>) -> Draft {
    let part = |is: fn(&Advice<'_>) -> bool| found.part(|spill| spill.advice.as_ref().is_some_and(is));
    let is_raised = part(|advice| matches!(advice, Advice::Raise { .. }));
    let enough = part(|advice| *advice == Advice::Enough);
    let bound = part(|advice| *advice == Advice::AtBound);
    // Nobody runs anything as a role that was dropped.
    let unknown = found.part(|spill| spill.advice == Some(Advice::Unknown) && !spill.statement.is_role_dropped);
    let (set, restore) = work_mem::statements(found.iter().filter_map(|spill| spill.advice.as_ref()));
    let of = |part: &Option<String>, sentence: &str| part.as_ref().map(|part| sentence.replacen('@', part, 1)).unwrap_or_default();
    let draft = draft
        .advise_if(
            found.any(|spill| spill.advice.is_some()),
            "Check whether an index can provide the sort order, and whether all rows and columns are needed.",
        )
        .advise_if(found.all(|spill| spill.advice.is_none()), "If it runs again, check with EXPLAIN (ANALYZE, BUFFERS) which step writes them.")
        .advise_if(is_raised.is_some(), "Otherwise raise work_mem for the role that runs it, then reset pg_stat_statements and check again.")
        .advise(of(&enough, "New sessions that run @ already have room for that much: reset pg_stat_statements and check whether it still spills."))
        .advise(of(&bound, "New sessions that run @ already have as much work_mem as a session should have: a larger value is not the remedy."))
        .advise(of(&unknown, "Which work_mem the sessions that run @ have is not known: check it in pg_db_role_setting before you raise it."));
    match is_raised {
        Some(_) => draft.run(set).undo(restore).impact("Each sort and hash operation in that role's sessions can use that much memory."),
        None => draft,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use crate::format::Finding;
    use crate::{Options, analyze, example};

    const SORT: &str = "select * from t order by x";

    fn statement(userid: i64, query: &str, calls: i64, blocks: i64) -> Value {
        json!({ "userid": userid, "datname": "shop", "queryid": "42", "toplevel": true, "calls": calls, "query": query,
                "total_exec_time": 5000.0, "temp_blks_written": blocks })
    }

    /// What is found with these values of work_mem for roles and databases; none are not in the snapshot.
    fn found(overrides: Option<Value>, statements: &[Value]) -> Finding {
        let mut document = json!({
            "system": [{ "block_size": 8192 }],
            "pg_settings": [{ "name": "work_mem", "setting": "4096", "unit": "kB" }],
            "pg_roles": [{ "oid": 1, "rolname": "app" }, { "oid": 2, "rolname": "Reports" }],
            "pg_stat_statements": statements,
        });
        if let Some(overrides) = overrides {
            document["pg_db_role_setting"] = overrides;
        }
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
        analysis.findings.into_iter().find(|finding| finding.code == "PGD701").unwrap()
    }

    /// The statements that set and restore work_mem for a query that writes so many megabytes per call, and the advice.
    fn remedy(overrides: &[(Option<&str>, Option<&str>, &str)], megabytes: i64) -> (String, String, String) {
        let row = |(role, database, value): &(Option<&str>, Option<&str>, &str)| {
            json!({ "rolname": role, "datname": database, "name": "work_mem", "setting": value })
        };
        let rows = overrides.iter().map(row).collect::<Vec<_>>();
        let finding = found(Some(json!(rows)), &[statement(1, SORT, 10, megabytes * 1280)]);
        (sql(&finding), finding.remedy.undo.map(|undo| undo.text).unwrap_or_default(), finding.remedy.text)
    }

    fn sql(finding: &Finding) -> String {
        finding.remedy.script.as_ref().map(|script| script.text.clone()).unwrap_or_default()
    }

    #[test]
    fn a_query_of_several_roles_is_several_subjects_with_texts_and_statements() {
        let nested = || {
            let mut row = statement(1, SORT, 10, 50_000);
            row["toplevel"] = json!(false);
            row
        };
        let of = |role: i64| statement(role, SORT, 10, 50_000);
        let finding = found(Some(json!([])), &[of(1), nested(), of(2), of(3)]);
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
        assert!(script.matches("ALTER ROLE").count() == 2, "{script}");
        // All run the same text.
        assert_eq!(finding.details.len(), 1);
    }

    #[test]
    fn the_value_follows_the_spill_and_is_never_lowered() {
        let (app, shop) = (Some("app"), Some("shop"));
        let set = |target: &str, value: &str| format!("ALTER ROLE app{target} SET work_mem = '{value}';  -- affects new sessions only");
        for (overrides, megabytes, expected, undo) in [
            (&[][..], 20, set("", "64MB"), "ALTER ROLE app RESET work_mem;"),
            (&[], 200, set("", "512MB"), "ALTER ROLE app RESET work_mem;"),
            (&[], 9000, set("", "1GB"), "ALTER ROLE app RESET work_mem;"),
            (&[(app, None, "100MB")], 200, set("", "512MB"), "ALTER ROLE app SET work_mem = '100MB';"),
            (&[(app, None, "9GB"), (app, shop, "2MB")], 20, set(" IN DATABASE shop", "64MB"), "ALTER ROLE app IN DATABASE shop SET work_mem = '2MB';"),
            (&[(None, Some("other"), "2GB")], 20, set(" IN DATABASE shop", "64MB"), "ALTER ROLE app IN DATABASE shop RESET work_mem;"),
            (&[(None, Some("other"), "8MB")], 20, set("", "64MB"), "ALTER ROLE app RESET work_mem;"),
        ] {
            let (script, restored, _) = remedy(overrides, megabytes);
            assert_eq!((script.as_str(), restored.as_str()), (expected.as_str(), undo), "{overrides:?}");
        }
        for (overrides, megabytes, words) in [
            (&[(app, None, "100MB")][..], 20, "already have room"),
            (&[(None, shop, "131072")], 20, "already have room"),
            (&[(app, None, "1GB")], 9000, "not the remedy"),
        ] {
            let (script, restored, text) = remedy(overrides, megabytes);
            assert!(script.is_empty() && restored.is_empty() && text.contains(words), "{overrides:?} {script} {text}");
        }
        let unknown = found(None, &[statement(1, SORT, 10, 50_000)]);
        assert!(sql(&unknown).is_empty() && unknown.remedy.text.contains("not known"), "{}", unknown.remedy.text);
    }

    #[test]
    fn nothing_is_said_of_why_a_single_load_wrote_temporary_files() {
        for query in ["insert into t select * from u", "with x as (select 1) insert into t select * from x", "select * into t from u"] {
            let load = found(Some(json!([])), &[statement(1, query, 1, 50_000)]);
            assert!(sql(&load).is_empty() && !load.rationale.contains("work_mem"), "{}", load.rationale);
            assert!(!sql(&found(Some(json!([])), &[statement(1, query, 2, 50_000)])).is_empty(), "{query}");
        }
        assert!(!sql(&found(Some(json!([])), &[statement(1, SORT, 1, 5000)])).is_empty());
    }
}
