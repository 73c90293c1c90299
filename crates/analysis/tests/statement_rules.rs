//! The traps of the rules about statements, the planner's statistics and the memory of statements: what they must not find.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use pgdba_analysis::page::{Claim, examples};
use pgdba_analysis::{Options, Outcome, analyze, example, rules};
use serde_json::{Value, json};

/// The first example of the rule's page that it finds something in, with members of its rows replaced.
fn outcome(rule: &str, changes: &[(&str, Value)]) -> Outcome {
    let rule = rules::find(rule).unwrap();
    let example = examples(rule).into_iter().find(|example| example.claim == Claim::Found).unwrap();
    let mut document: Value = serde_json::from_str(&example.text).unwrap();
    for (path, value) in changes {
        let (section, column) = path.split_once('.').unwrap();
        if column.is_empty() {
            document[section] = value.clone();
            continue;
        }
        let row = document[section].as_array_mut().unwrap().first_mut().unwrap();
        row[column] = value.clone();
    }
    let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
    analysis.assessments.into_iter().find(|assessment| assessment.name == rule.name).unwrap().outcome
}

fn passes(rule: &str, changes: &[(&str, Value)]) {
    assert_eq!(outcome(rule, changes), Outcome::Passed, "{rule} {changes:?}");
}

fn is_not_assessed(rule: &str, changes: &[(&str, Value)], reason: &str) {
    let Outcome::NotAssessed { reason: given, .. } = outcome(rule, changes) else { panic!("{rule} {changes:?}") };
    assert!(given.contains(reason), "{rule}: {given}");
}

const MINUTES_AGO: &str = "2026-01-01T11:50:00Z";
const LONG_AGO: &str = "2025-06-01T00:00:00Z";

#[test]
fn an_idle_or_young_server_has_no_dominant_statement() {
    passes("dominant_statement", &[("pg_stat_statements_info.stats_reset", json!(LONG_AGO))]);
    passes("dominant_statement", &[("pg_stat_statements_info.stats_reset", json!(MINUTES_AGO))]);
    passes("dominant_statement", &[("pg_stat_statements.query", json!("vacuum t"))]);
    // Before PostgreSQL 14 nothing tells the time of the reset.
    let found = outcome("dominant_statement", &[("pg_stat_statements_info.", json!([]))]);
    assert_eq!(found, Outcome::Found { subjects: 1 });
}

#[test]
fn a_query_that_the_operating_system_caches_or_that_ran_a_few_times_is_not_uncached() {
    for change in [
        ("pg_stat_statements.shared_blk_read_time", json!(4000.0)),
        ("pg_stat_statements.shared_blks_hit", json!(9_000_000)),
        ("pg_stat_statements.calls", json!(19)),
        ("pg_stat_statements.shared_blks_read", json!(99_999)),
    ] {
        passes("uncached_statement", &[change]);
    }
}

#[test]
fn once_per_transaction_is_not_repeated_and_other_times_cannot_be_compared() {
    // pgbench: each statement once per transaction.
    passes("repeated_statement", &[("pg_stat_database.xact_commit", json!(100_000))]);
    passes("repeated_statement", &[("pg_stat_statements.total_exec_time", json!(900_000.0))]);
    passes("repeated_statement", &[("pg_stat_statements.rows", json!(900_000))]);
    passes("repeated_statement", &[("pg_stat_statements.toplevel", json!(false))]);
    // Counters of the database that were reset later count fewer transactions.
    let later = ("pg_stat_database.stats_reset", json!("2026-01-01T00:00:00Z"));
    is_not_assessed("repeated_statement", &[later], "number of transactions");
    is_not_assessed("repeated_statement", &[("pg_stat_statements_info.", json!([]))], "number of transactions");
    let earlier = ("pg_stat_database.stats_reset", json!(LONG_AGO));
    assert_eq!(outcome("repeated_statement", &[earlier]), Outcome::Found { subjects: 1 });
}

#[test]
fn planning_is_judged_only_where_it_is_measured() {
    passes("planning_overhead", &[("pg_stat_statements.plans", json!(999))]);
    passes("planning_overhead", &[("pg_stat_statements.total_exec_time", json!(9000.0))]);
    let off = json!([{ "name": "pg_stat_statements.track_planning", "setting": "off" }]);
    let zero = [("pg_settings.", off), ("pg_stat_statements.total_plan_time", json!(0.0))];
    is_not_assessed("planning_overhead", &zero, "track_planning is off");
    is_not_assessed("planning_overhead", &[("pg_stat_statements.total_plan_time", Value::Null)], "PostgreSQL 13");
}

#[test]
fn ordinary_deviations_and_few_calls_are_not_unstable() {
    passes("unstable_statement", &[("pg_stat_statements.stddev_exec_time", json!(149.0))]);
    passes("unstable_statement", &[("pg_stat_statements.calls", json!(49))]);
    passes("unstable_statement", &[("pg_stat_statements.total_exec_time", json!(9000.0))]);
}

#[test]
fn only_what_a_select_returns_is_a_large_result() {
    passes("large_result", &[("pg_stat_statements.query", json!("insert into u select * from t"))]);
    passes(
        "large_result",
        &[("pg_stat_statements.query", json!("with x as (delete from t returning 1) insert into u table x"))],
    );
    passes("large_result", &[("pg_stat_statements.query", json!("copy t to stdout"))]);
    passes("large_result", &[("pg_stat_statements.rows", json!(999_999))]);
}

#[test]
fn wal_counts_by_its_rate_and_only_where_it_is_counted() {
    passes("wal_heavy_statement", &[("pg_stat_statements_info.stats_reset", json!(LONG_AGO))]);
    passes("wal_heavy_statement", &[("pg_stat_statements_info.stats_reset", json!(MINUTES_AGO))]);
    passes("wal_heavy_statement", &[("pg_stat_statements.query", json!("copy t from stdin"))]);
    is_not_assessed("wal_heavy_statement", &[("pg_stat_statements.wal_bytes", Value::Null)], "PostgreSQL 13");
}

#[test]
fn evictions_count_by_their_rate() {
    passes("statement_evictions", &[("pg_stat_statements_info.stats_reset", json!(LONG_AGO))]);
    passes("statement_evictions", &[("pg_stat_statements_info.stats_reset", json!(MINUTES_AGO))]);
    is_not_assessed("statement_evictions", &[("pg_stat_statements_info.", json!([]))], "PostgreSQL 14");
}

#[test]
fn a_query_that_must_read_all_or_reads_little_is_not_a_whole_table_scan() {
    for change in [
        ("pg_stat_statements.query", json!("select * from orders")),
        ("pg_stat_statements.query", json!("select sum(a) from orders where b = $1")),
        ("pg_stat_statements.query", json!("select * from orders join items using (id) where b = $1")),
        ("pg_stat_statements.query", json!("select * from other.orders where b = $1")),
        ("pg_stat_statements.rows", json!(50_000_000)),
        ("pg_stat_statements.shared_blks_hit", json!(3_000_000)),
        ("pg_stat_statements.calls", json!(19)),
        ("pg_stat_user_tables.seq_scan", json!(0)),
        ("pg_class.reltuples", json!(9999)),
        ("pg_class.relkind", json!("v")),
    ] {
        // Two tables, of which the query above names one or both.
        let mut tables = json!([{ "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r", "relpages": 1000,
                                  "reltuples": 100_000, "size_bytes": 8_192_000, "size_source": "pg_relation_size" },
                                { "oid": 16386, "nspname": "public", "relname": "items", "relkind": "r", "reltuples": 5 }]);
        if let Some(column) = change.0.strip_prefix("pg_class.") {
            tables.as_array_mut().unwrap().first_mut().unwrap()[column] = change.1.clone();
            passes("whole_table_scan", &[("pg_class.", tables)]);
        } else {
            passes("whole_table_scan", &[("pg_class.", tables), change]);
        }
    }
}

#[test]
fn a_partitioned_table_is_reported_once_and_only_if_its_statistics_can_be_seen() {
    passes("unanalyzed_partitioned_table", &[("pg_stat_user_tables.last_analyze", json!(LONG_AGO))]);
    passes("unanalyzed_partitioned_table", &[("pg_class.relispartition", json!(true))]);
    let part =
        json!({ "available": true, "limited": "superuser is required", "columns": ["relid", "attnum"], "rows": [] });
    is_not_assessed("unanalyzed_partitioned_table", &[("pg_stats.", part)], "cannot see all statistics");
}

#[test]
fn temporary_files_count_by_the_hour_and_not_of_a_young_window() {
    passes("temporary_files", &[("pg_stat_database.stats_reset", json!(LONG_AGO))]);
    is_not_assessed(
        "temporary_files",
        &[("pg_stat_database.stats_reset", json!(MINUTES_AGO))],
        "were reset 10 min ago",
    );
    is_not_assessed("temporary_files", &[("pg_stat_database.stats_reset", Value::Null)], "unknown since when");
    // Counters that were never reset count since the server began its statistics.
    let begun = |time: &str| {
        let row = json!([{ "stats_reset": time }]);
        [("pg_stat_database.stats_reset", Value::Null), ("pg_stat_bgwriter.", row.clone()), ("pg_stat_archiver.", row)]
    };
    passes("temporary_files", &begun(LONG_AGO));
    assert_eq!(outcome("temporary_files", &begun("2025-12-25T12:00:00Z")), Outcome::Found { subjects: 1 });
}

#[test]
fn jit_is_judged_only_where_it_is_enabled_and_counted() {
    passes("jit_overhead", &[("pg_stat_statements.jit_time", json!(49_000.0))]);
    is_not_assessed("jit_overhead", &[("pg_stat_statements.jit_time", Value::Null)], "PostgreSQL 15");
}

#[test]
fn parallel_workers_are_judged_only_where_they_are_counted() {
    passes("parallel_workers_missing", &[("pg_stat_database.parallel_workers_to_launch", json!(999))]);
    is_not_assessed("parallel_workers_missing", &[("pg_stat_database.parallel_workers_launched", Value::Null)], "18");
}

#[test]
fn a_low_hit_ratio_needs_time_spent_reading() {
    passes("low_cache_hit", &[("pg_stat_database.blks_read", json!(999_999))]);
    is_not_assessed("low_cache_hit", &[("pg_stat_database.blk_read_time", json!(0.0))], "track_io_timing");
    is_not_assessed("low_cache_hit", &[("pg_stat_database.active_time", Value::Null)], "track_io_timing");
}

#[test]
fn few_rollbacks_are_negligible() {
    passes(
        "rollback_ratio",
        &[("pg_stat_database.xact_rollback", json!(999)), ("pg_stat_database.xact_commit", json!(1))],
    );
    passes("rollback_ratio", &[("pg_stat_database.datname", Value::Null)]);
}

#[test]
fn recording_that_another_setting_prevents_is_found_and_a_missing_extension_is_not() {
    let settings = |track: &str, compute: &str| {
        json!([{ "name": "pg_stat_statements.max", "setting": "5000" },
               { "name": "pg_stat_statements.track", "setting": track }, { "name": "compute_query_id", "setting": compute }])
    };
    for (track, compute, expected) in [
        ("top", "auto", Outcome::Passed),
        ("all", "on", Outcome::Passed),
        ("top", "off", Outcome::Found { subjects: 1 }),
        ("none", "auto", Outcome::Found { subjects: 1 }),
    ] {
        assert_eq!(outcome("statements_not_tracked", &[("pg_settings.", settings(track, compute))]), expected);
    }
}
