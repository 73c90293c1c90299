//! Autovacuum is disabled for a table.

use crate::engine::prelude::*;
use crate::engine::vacuum::enable;
use crate::facts::neglect::EXCLUDED_FROM;

rule! {
    /// ## What it sees
    ///
    /// A table or TOAST table with the storage parameter `autovacuum_enabled=false` in which rows change. A TOAST table without
    /// parameters of its own has those of its table, and is not reported separately.
    ///
    /// ## Why it matters
    ///
    /// Nobody removes the dead rows of the table and nobody updates its planner statistics. Only when it has reached
    /// `autovacuum_freeze_max_age` is it vacuumed, all of it at once.
    ///
    /// ## Threshold
    ///
    /// A table of at least {MIN_SIZE} in which rows were inserted, updated or deleted since the counters were reset. Notice; warning
    /// if autovacuum would have vacuumed it, or analyzed it for the first time: it is past that threshold. Its dead rows, its new rows
    /// and its missing or old statistics follow from this, so PGD502, PGD515, PGD517 and PGD801 leave the table out.
    ///
    /// ## Remedy
    ///
    /// Reset the parameter; for a TOAST table through its table. If autovacuum gets in the way of a batch job, run VACUUM at the end
    /// of the job instead.
    ///
    /// ## When to ignore this
    ///
    /// If a job vacuums and analyzes the table after each change, and the job is monitored: the rules that would find that it failed
    /// leave the table out.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "on" } ], "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "queue", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 1000, "reloptions": [ "autovacuum_enabled=false" ] } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 100000, "n_live_tup": 1000 } ] }
    /// ```
    ///
    /// An archive in which nothing changes:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "on" } ], "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "archive", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 1000, "reloptions": [ "autovacuum_enabled=false" ] } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 0, "n_tup_upd": 0, "n_tup_del": 0 } ] }
    /// ```
    ///
    /// The server and not the table disables autovacuum, which is another rule's finding:
    ///
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum", "setting": "off" } ], "system": [ { "block_size": 8192 } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "queue", "relkind": "r", "relpages": 5000,
    ///                   "reltuples": 1000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_tup_ins": 100000, "n_live_tup": 1000 } ] }
    /// ```
    rule autovacuum_off_for_table {
        code: PGD513,
        title: "Autovacuum is disabled for tables in which rows change",
        passed: "Autovacuum is enabled for all tables in which rows change",
        worst: Warning,
        reads: [tables],
        source: "PostgreSQL manual, Storage Parameters: autovacuum_enabled",
        thresholds: {
            /// Smaller tables are negligible.
            MIN_SIZE: Bytes = EXCLUDED_FROM,
        },
    }
}

/// Whether autovacuum would have vacuumed a table, or analyzed it for the first time.
fn is_past(table: &Table) -> bool {
    let is_never_analyzed = table.last_analyze().is_none() && table.analyze_multiple() >= Some(1.0);
    table.vacuum_multiple() >= Some(1.0) || is_never_analyzed
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    Ok(view.tables()?.all.iter().filter(|table| table.is_excluded_from_autovacuum()).collect())
}

fn subject(table: &Table) -> About {
    About::table(&table.name, table.size)
        .severity(if is_past(table) { Severity::Warning } else { Severity::Notice })
        .figures([
            Figure::new("size", table.size),
            Figure::new("changed_rows", table.changed_rows()),
            Figure::new("dead_rows", table.dead_rows()).against(table.thresholds.vacuum.map(|rows| rows.round() as i64)),
            Figure::new("last_vacuum", table.last_vacuum()),
            Figure::new("last_analyze", table.last_analyze()),
        ])
        .run(enable(table))
}

fn describe(found: &Found<&Table>) -> Draft {
    let past = found.part(|table| is_past(table));
    Draft::new(format!("Re-enable autovacuum for {}", found.named("table", "tables")))
        .because("The storage parameter autovacuum_enabled disables autovacuum although rows change.")
        .because_for(past.as_ref(), "Autovacuum would already have processed")
        .advise("Reset the parameter. If autovacuum gets in the way of a job, run VACUUM ANALYZE at its end.")
        .impact("ALTER TABLE waits for running VACUUM and DDL on the table; autovacuum then processes it within minutes.")
        .undo_text("Set autovacuum_enabled = false for the table again.")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{Options, Severity, analyze, example};

    /// What is found about a table of 20 MB, which has this and these storage parameters, in order of the codes.
    fn found(options: &[&str], change: impl FnOnce(&mut Value)) -> Vec<(String, Severity)> {
        let setting = |(name, value): (&str, &str)| json!({ "name": name, "setting": value });
        let settings = [
            ("autovacuum", "on"), ("track_counts", "on"), ("autovacuum_vacuum_threshold", "50"), ("autovacuum_vacuum_scale_factor", "0.2"),
            ("autovacuum_vacuum_insert_threshold", "1000"), ("autovacuum_vacuum_insert_scale_factor", "0.2"),
            ("autovacuum_analyze_threshold", "50"), ("autovacuum_analyze_scale_factor", "0.1"),
        ];
        let mut document = json!({
            "system": [{ "is_in_recovery": false, "start_time": "2025-12-01T00:00:00Z" }],
            "pg_settings": settings.map(setting), "pg_stat_database": [], "pg_stats": [],
            "pg_stat_activity": [], "pg_stat_replication": [], "pg_replication_slots": [], "pg_prepared_xacts": [],
            "pg_stat_progress_vacuum": [], "pg_stat_progress_analyze": [],
            "pg_class": [{ "oid": 1, "nspname": "s", "relname": "t", "relkind": "r", "relpages": 2500, "reltuples": 200_000,
                           "reloptions": options, "size_bytes": 20_480_000, "size_source": "pg_relation_size" }],
            "pg_stat_user_tables": [{ "relid": 1, "n_tup_ins": 200_000, "n_live_tup": 200_000, "n_dead_tup": 0 }],
        });
        change(&mut document);
        let of_autovacuum = ["PGD502", "PGD513", "PGD515", "PGD517", "PGD801"];
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings.into_iter();
        let mut found: Vec<_> = findings.map(|finding| (finding.code, finding.severity)).collect();
        found.retain(|(code, _)| of_autovacuum.contains(&code.as_str()));
        found.sort();
        found
    }

    fn stat(row: Value) -> impl FnOnce(&mut Value) {
        move |document| document["pg_stat_user_tables"][0].as_object_mut().unwrap().extend(row.as_object().unwrap().clone())
    }

    #[test]
    fn what_autovacuum_has_not_done_has_one_cause_where_the_table_disables_it() {
        let analyzed = "2025-12-20T00:00:00Z";
        for (row, code, severity) in [
            (json!({ "n_dead_tup": 300_000, "last_analyze": analyzed, "n_mod_since_analyze": 0 }), "PGD502", Severity::Warning),
            (json!({ "n_mod_since_analyze": 200_000 }), "PGD801", Severity::Warning),
            (json!({ "n_mod_since_analyze": 150_000, "last_analyze": analyzed }), "PGD517", Severity::Notice),
        ] {
            let others = found(&[], stat(row.clone()));
            assert_eq!(others.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), [code], "{row}");
            assert_eq!(found(&["autovacuum_enabled=off"], stat(row.clone())), [("PGD513".to_owned(), severity)], "{row}");
        }
        let many = |document: &mut Value| {
            document["pg_class"][0]["reltuples"] = json!(2_000_000);
            stat(json!({ "n_ins_since_vacuum": 2_000_000, "last_analyze": analyzed, "n_mod_since_analyze": 0 }))(document);
        };
        assert_eq!(found(&[], many), [("PGD515".to_owned(), Severity::Notice)]);
        assert_eq!(found(&["autovacuum_enabled=off"], many), [("PGD513".to_owned(), Severity::Warning)]);
    }

    #[test]
    fn dead_rows_that_a_session_holds_have_another_cause() {
        let held = |document: &mut Value| {
            document["pg_stat_activity"] = json!([{ "pid": 7, "backend_type": "client backend", "state": "idle in transaction",
                "backend_xid_age": 9, "xact_start": "2026-01-01T11:00:00Z", "backend_start": "2026-01-01T10:00:00Z" }]);
            let vacuumed = json!({ "n_dead_tup": 300_000, "last_vacuum": "2026-01-01T11:59:50Z", "last_analyze": "2025-12-31T12:00:00Z",
                                   "n_mod_since_analyze": 0 });
            stat(vacuumed)(document);
        };
        let codes: Vec<String> = found(&["autovacuum_enabled=off"], held).into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["PGD502", "PGD513"]);
    }
}
