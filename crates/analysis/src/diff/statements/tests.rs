//! Windows of which everything is known: what is flagged, and what is not.

use serde_json::json;

use super::*;
use crate::diff::tests::{Made, Run, steady, time};
use crate::diff::{Diff, RegressionKind, diff};
use crate::format::Confidence;

/// Seconds between samples: several windows a side, or one.
const SEVERAL: i64 = 20;
const ONE: i64 = 5;

/// The comparison of two windows, of which `change` makes the second.
fn compared(step: i64, change: impl FnOnce(&mut Made)) -> Diff {
    let mut second = steady(30, step);
    change(&mut second);
    diff(&steady(0, step).delta(), &second.delta())
}

fn changed(found: &Diff) -> Vec<(&str, Vec<StatementChange>, Option<Confidence>)> {
    let all = found.statements.compared.iter().filter(|one| !one.changes.is_empty());
    all.map(|one| (one.name.query_id.as_deref().unwrap(), one.changes.clone(), one.confidence)).collect()
}

#[test]
fn a_steady_load_has_no_changes() {
    for step in [SEVERAL, ONE] {
        for seed in 0..20 {
            let found = compared(step, |second| second.seed = 1000 + seed);
            assert_eq!(found.statements.compared.len(), 12);
            assert_eq!((changed(&found), found.regressions.len()), (Vec::new(), 0), "{step} {seed}");
        }
    }
}

#[test]
fn more_work_is_found_whether_it_takes_time_or_not() {
    let work = |mean: f64| {
        compared(SEVERAL, |second| {
            second.runs[3].pages *= 2;
            second.runs[3].mean = mean;
        })
    };
    let found = work(2.0);
    assert_eq!(changed(&found), [("4", vec![StatementChange::MoreWork], Some(Confidence::Medium))]);
    let pages = found.statements.compared.iter().find_map(|one| one.pages.clone().filter(|test| test.is_changed));
    assert!((pages.unwrap().ratio - 2.0).abs() < 1e-9);
    assert_eq!(found.regressions[0].kind, RegressionKind::MoreWork);
    let slower = vec![StatementChange::MoreWork, StatementChange::Slower];
    assert_eq!(changed(&work(4.0)), [("4", slower, Some(Confidence::High))]);
}

#[test]
fn work_is_found_from_a_fifth_more_on() {
    for (pages, expected) in [(44, 0), (48, 1), (60, 1), (32, 1)] {
        let found = compared(ONE, |second| second.runs[3].pages = pages);
        assert_eq!(changed(&found).len(), expected, "{pages}");
    }
    let less = compared(ONE, |second| second.runs[3].rows = 5);
    assert_eq!(changed(&less), [("4", vec![StatementChange::LessWork], Some(Confidence::Medium))]);
    assert!(less.regressions.is_empty());
}

#[test]
fn a_slower_statement_is_certain_with_several_windows_only() {
    let slower = |step| compared(step, |second| second.runs[3].mean *= 2.0);
    let found = slower(SEVERAL);
    assert_eq!(changed(&found), [("4", vec![StatementChange::Slower], Some(Confidence::Medium))]);
    assert_eq!((found.regressions.len(), found.statements.time_test.method), (1, TimeMethod::SeveralWindows));
    let found = slower(ONE);
    assert_eq!(changed(&found), [("4", vec![StatementChange::Slower], Some(Confidence::Low))]);
    assert_eq!((found.regressions.len(), found.statements.time_test.method), (0, TimeMethod::OneWindow));
    assert!(found.statements.time_test.smallest_seen > Some(1.1));
}

/// No noise of a host makes a statement a thousand times slower, however few its windows and calls are.
#[test]
fn an_extreme_change_is_certain() {
    let slower = |calls: i64, times: f64| {
        compared(ONE, |second| {
            second.runs[3].calls = calls;
            second.runs[3].mean *= times;
            second.runs[3].former = None;
        })
    };
    let certain = [("4", vec![StatementChange::Slower], Some(Confidence::Medium))];
    for (calls, times, expected) in [(200, 1000.0, &certain[..]), (2, 1000.0, &certain), (2, 5.0, &[])] {
        let found = slower(calls, times);
        assert_eq!(changed(&found), expected, "{calls} {times}");
        assert_eq!(found.regressions.len(), expected.len(), "{calls} {times}");
    }
    assert_eq!(changed(&slower(200, 5.0))[0].2, Some(Confidence::Low));
}

/// CALL, COPY and VACUUM have no identifier in a snapshot, so that they cannot be matched.
#[test]
fn utility_statements_are_part_of_the_whole_time() {
    let with = |minute: i64, mean: f64| {
        let mut made = steady(minute, SEVERAL);
        made.runs.push(Run { mean, ..Run::new(0, "CALL") });
        made.delta()
    };
    // Twelve statements of 2 ms, as often as one of 24 ms.
    let found = diff(&with(0, 0.1), &with(30, 24.0)).statements;
    let covered = found.covered.unwrap();
    assert!((0.4..0.6).contains(&covered), "{covered}");
    assert_eq!(found.uncompared.iter().map(|one| one.statements).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_statement_whose_counters_were_reset_in_the_other_window_might_have_run() {
    let first = steady(0, SEVERAL).delta();
    let mut second = steady(30, SEVERAL).document_of_delta();
    second["sections"]["pg_stat_statements"]["earlier"]["rows"][1][6] = json!(10_000_000);
    let second = pgdba_snapshot::read(second.to_string().as_bytes()).unwrap();
    let found = diff(&first, &second).statements;
    let [removed] = &found.removed[..] else { panic!("{:?}", found.removed) };
    assert_eq!((removed.name.query_id.as_deref(), removed.reason), (Some("2"), OneSided::Unknown));
}

#[test]
fn windows_without_a_common_statement_have_nothing_in_common() {
    let found = compared(ONE, |second| second.runs = vec![Run::new(77, "select other from t77")]).statements;
    let covered = found.covered.unwrap();
    assert!(covered == 0.0 && covered.is_sign_positive(), "{covered:?}");
}

#[test]
fn a_slower_server_is_one_regression() {
    let found = compared(SEVERAL, |second| second.host = 1.5);
    assert_eq!(changed(&found), []);
    let kinds: Vec<_> = found.regressions.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [RegressionKind::SlowerServer]);
    assert!((found.statements.time_test.host_ratio.unwrap() - 1.5).abs() < 0.15);
    let found = compared(ONE, |second| second.host = 1.5);
    assert_eq!((changed(&found), found.regressions.len()), (Vec::new(), 0), "one window confirms nothing");
    assert!(found.statements.time_test.is_host_slower());
}

#[test]
fn an_unsteady_server_is_no_regression() {
    let found = (0..20).map(|seed| {
        compared(SEVERAL, |second| {
            (second.host, second.unsteadiness, second.seed) = (1.15, 0.6, 500 + seed);
        })
    });
    let slower: Vec<Diff> = found.filter(|found| found.statements.time_test.is_host_slower()).collect();
    let confirmed = slower.iter().filter(|found| found.statements.time_test.is_host_confirmed).count();
    let regressions = slower.iter().filter(|found| !found.regressions.is_empty()).count();
    assert!(slower.len() > 5 && confirmed < 3, "{} {confirmed}", slower.len());
    assert_eq!(regressions, confirmed);
}

#[test]
fn few_calls_are_not_judged() {
    let found = compared(SEVERAL, |second| {
        second.runs[3].calls = 1;
        second.runs[3].pages *= 9;
        second.runs[3].mean *= 9.0;
    });
    assert_eq!(changed(&found), []);
    assert!(found.statements.compared.iter().any(|one| one.time.is_none() && one.pages.is_none()));
}

#[test]
fn statements_of_one_window_are_new_gone_or_did_not_run() {
    let mut first = steady(0, SEVERAL);
    first.runs[0].calls = 0;
    let mut second = steady(30, SEVERAL);
    second.runs[1].calls = 0;
    second.runs.remove(2);
    second.runs.push(Run { former: None, ..Run::new(99, "select new from t99") });
    let found = diff(&first.delta(), &second.delta()).statements;
    let reasons = |lone: &[LoneStatement]| -> Vec<(String, OneSided)> {
        let mut all: Vec<_> = lone.iter().map(|one| (one.name.query_id.clone().unwrap(), one.reason)).collect();
        all.sort();
        all
    };
    assert_eq!(
        reasons(&found.added),
        [("1".to_owned(), OneSided::DidNotRun), ("99".to_owned(), OneSided::NotRecorded)]
    );
    assert_eq!(
        reasons(&found.removed),
        [("2".to_owned(), OneSided::DidNotRun), ("3".to_owned(), OneSided::NotRecorded)]
    );
    assert_eq!(found.compared.len(), 9);
    let added = found.added.iter().find(|one| one.reason == OneSided::NotRecorded).unwrap();
    assert_eq!(added.figures.calls, 1200.0, "its whole life is in the window");
}

/// A table that is created again has another OID, and before version 18 its statements have another query ID.
#[test]
fn a_statement_with_another_id_is_recognized_by_its_text() {
    let found = compared(SEVERAL, |second| {
        second.runs[3].query_id = 400;
        second.runs[3].query = "SELECT a4  FROM t4 WHERE b = $2 -- again".to_owned();
        second.runs[3].pages *= 3;
    });
    assert_eq!(changed(&found), [("400", vec![StatementChange::MoreWork], Some(Confidence::Medium))]);
    assert_eq!(found.statements.compared.iter().filter(|one| one.matched_by == MatchedBy::Text).count(), 1);
    let upgraded = compared(SEVERAL, |second| second.version = 18);
    assert!(upgraded.statements.compared.iter().all(|one| one.matched_by == MatchedBy::Text));
    assert_eq!(upgraded.statements.compared.len(), 12);
}

fn information(from: (i64, &str), to: (i64, &str)) -> [serde_json::Value; 2] {
    [from, to].map(|(dealloc, reset)| json!([{ "dealloc": dealloc, "stats_reset": reset }]))
}

#[test]
fn a_reset_in_a_window_leaves_nothing_to_compare() {
    let [from, to] = information((0, &time(-9, 0)), (0, &time(31, 0)));
    let second = steady(30, SEVERAL).with("pg_stat_statements_info", Some(&from), &to).delta();
    let found = diff(&steady(0, SEVERAL).delta(), &second);
    assert_eq!((found.statements.compared.len(), found.regressions.len()), (0, 0));
    let [reason] = &found.statements.uncompared[..] else { panic!("{:?}", found.statements.uncompared) };
    assert_eq!((reason.snapshot, reason.statements, reason.reason.contains("reset")), ("after", 12, true));
}

#[test]
fn a_reset_between_deltas_is_told_and_their_windows_are_compared() {
    let made = |minute, reset: &str| {
        let [from, to] = information((0, reset), (0, reset));
        steady(minute, SEVERAL).with("pg_stat_statements_info", Some(&from), &to).delta()
    };
    let found = diff(&made(0, &time(-9, 0)), &made(30, &time(15, 0)));
    assert_eq!(found.statements.compared.len(), 12);
    assert!(found.identity.notes.iter().any(|note| note.text.starts_with("pg_stat_statements was reset at")));
}

#[test]
fn evictions_lower_the_confidence_where_much_is_not_compared() {
    let reset = time(-9, 0);
    let evicted = |count: i64, is_replaced: bool| {
        let [from, to] = information((5, &reset), (5 + count, &reset));
        let mut second = steady(30, SEVERAL).with("pg_stat_statements_info", Some(&from), &to);
        second.runs[3].pages *= 2;
        if is_replaced {
            second.runs.truncate(6);
            second.runs.extend((50..56).map(|id| Run::new(id, &format!("select other{id}"))));
        }
        let first = steady(0, SEVERAL).with("pg_stat_statements_info", Some(&from), &from);
        let found = diff(&first.delta(), &second.delta());
        (found.statements.evicted, changed(&found).first().and_then(|one| one.2), found.regressions.len())
    };
    assert_eq!(evicted(0, true), (Some(0), Some(Confidence::Medium), 1));
    assert_eq!(evicted(70, false), (Some(70), Some(Confidence::Medium), 1));
    assert_eq!(evicted(70, true), (Some(70), Some(Confidence::Low), 0));
}

#[test]
fn two_single_snapshots_have_one_window_in_which_statements_are_ranked() {
    let mut second = steady(30, SEVERAL);
    second.runs.iter_mut().for_each(|run| run.former = Some(9000));
    second.runs[7].mean = 50.0;
    let first = steady(0, SEVERAL).single();
    let found = diff(&first, &second.single()).statements;
    assert!(matches!(found.basis, Basis::Growth { seconds: 1800.0, .. }), "{:?}", found.basis);
    assert!(found.time_test.reason.unwrap().contains("not tested"));
    assert_eq!((found.compared.len(), found.ranked.len()), (0, 12));
    assert_eq!(found.ranked[0].name.query_id.as_deref(), Some("8"));
    assert_eq!(found.ranked[1].figures.calls, 8000.0);

    let restarted = |start: &str, made: Made| made.with("system", None, &json!([{ "start_time": start }])).single();
    let found = diff(&restarted(&time(-9, 0), steady(0, SEVERAL)), &restarted(&time(9, 0), second.clone())).statements;
    let Basis::Nothing { reason } = &found.basis else { panic!("{:?}", found.basis) };
    assert!(reason.contains("restarted"), "{reason}");
    let mixed = diff(&first, &second.delta()).statements;
    assert!(matches!(mixed.basis, Basis::Growth { ref reason, .. } if reason.contains("first")), "{:?}", mixed.basis);
}

/// Pages of a table that is written drift by themselves.
#[test]
fn work_on_written_tables_must_change_more() {
    let tables = |made: Made, rows: i64| {
        let class = json!([{ "datname": "shop", "oid": 4, "nspname": "public", "relname": "t4", "relkind": "r", "relpages": 9,
                             "reltuples": 10.0 }]);
        let stat = |rows: i64| json!([{ "datname": "shop", "relid": 4, "n_tup_ins": 0, "n_tup_upd": rows, "n_tup_del": 0, "n_live_tup": 10 }]);
        let settings = json!([{ "name": "port", "setting": "5432", "vartype": "integer", "source": "default" }]);
        let made = made.with("pg_class", None, &class).with("pg_settings", None, &settings);
        made.with("pg_stat_user_tables", Some(&stat(0)), &stat(rows)).delta()
    };
    let found = |rows: i64, pages: i64, query: &str| {
        let (mut first, mut second) = (steady(0, SEVERAL), steady(30, SEVERAL));
        for made in [&mut first, &mut second] {
            made.runs[3].query = query.to_owned();
        }
        second.runs[3].pages = pages;
        changed(&diff(&tables(first, 0), &tables(second, rows))).len()
    };
    let (select, update) = ("select a4 from t4 where b = $1", "update t4 set a = $1 where b = $2");
    assert_eq!([found(0, 48, select), found(7, 48, select), found(7, 56, select)], [1, 0, 1]);
    assert_eq!([found(7, 100, update), found(7, 140, update)], [0, 1]);
}

/// Without samples inside, only large changes of work are found, and none of time.
#[test]
fn without_samples_inside_only_work_is_judged() {
    let without = |made: Made| {
        let mut text = made.document_of_delta();
        text["sections"]["pg_stat_statements"]["between"] = json!([]);
        pgdba_snapshot::read(text.to_string().as_bytes()).unwrap()
    };
    let found = |pages: i64| {
        let mut second = steady(30, SEVERAL);
        second.runs[3].pages = pages;
        second.runs[3].mean = 9.0;
        diff(&without(steady(0, SEVERAL)), &without(second))
    };
    assert_eq!(found(60).statements.time_test.method, TimeMethod::NotTested);
    assert_eq!(changed(&found(60)), [("4", vec![StatementChange::MoreWork], Some(Confidence::Medium))]);
    assert_eq!(changed(&found(45)), []);
}
