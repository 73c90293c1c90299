//! Chains of small snapshots.

use serde_json::{Value, json};

use super::*;
use crate::{Facts, example};

/// A session that has been in its state for a minute.
pub(crate) fn session(pid: i64, state: &str) -> Value {
    json!({ "pid": pid, "backend_type": "client backend", "state": state, "usename": "app", "datname": "shop", "datid": 5,
            "backend_start": "2026-01-01T11:00:00Z", "xact_start": "2026-01-01T11:50:00Z",
            "query_start": "2026-01-01T11:59:00Z", "state_change": "2026-01-01T11:59:00Z", "query": "select ?" })
}

/// A lock on relation 16385 that is held, or awaited for ten seconds because of these.
pub(crate) fn relation(pid: i64, mode: &str, blocked_by: Option<&[i64]>) -> Value {
    json!({ "pid": pid, "locktype": "relation", "database": 5, "relation": 16385, "mode": mode,
            "granted": blocked_by.is_none(), "blocked_by": blocked_by,
            "waitstart": blocked_by.map(|_| "2026-01-01T11:59:50Z") })
}

pub(crate) fn document(sessions: &[Value], locks: &[Value]) -> Value {
    json!({ "pg_settings": [], "pg_stat_activity": sessions, "pg_locks": locks,
            "pg_database": [{ "oid": 5, "datname": "shop" }],
            "pg_class": [{ "datname": "shop", "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" }] })
}

fn with_locks<T>(document: &Value, ask: impl FnOnce(&Locks) -> T) -> T {
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    ask(Facts::of(&snapshot).locks().unwrap())
}

#[test]
fn a_queue_behind_a_waiter_is_soft_and_the_wait_is_named() {
    let sessions = [session(1, "idle in transaction"), session(2, "active"), session(3, "active")];
    let locks = [
        relation(1, "AccessShareLock", None),
        relation(2, "AccessExclusiveLock", Some(&[1])),
        relation(3, "AccessShareLock", Some(&[2])),
    ];
    with_locks(&document(&sessions, &locks), |locks| {
        let links: Vec<_> = locks.forest.iter().map(|place| place.above.map(|(_, link)| link)).collect();
        assert_eq!(links, [None, Some(Link::Held), Some(Link::Queued)]);
        let wait = locks.parties[1].wait.as_ref().unwrap();
        assert_eq!((wait.words().as_str(), wait.mode.as_str()), ("relation public.orders", "AccessExclusiveLock"));
        assert_eq!((wait.time, wait.is_exact), (Some(Millis(10_000.0)), true));
        let chain = locks.chains().next().unwrap();
        assert_eq!((chain.behind(), chain.depth(), chain.root.release()), (2, 2, Release::Terminate));
        assert_eq!(locks.queue_behind(1), 1);
    });
}

#[test]
fn a_group_of_parallel_workers_is_one_session() {
    let mut worker = session(4, "active");
    worker["backend_type"] = json!("parallel worker");
    worker["leader_pid"] = json!(2);
    let sessions = [session(1, "active"), session(2, "active"), session(3, "active"), worker];
    let locks = [
        relation(1, "AccessExclusiveLock", None),
        relation(4, "AccessShareLock", Some(&[1, 1])),
        relation(2, "AccessShareLock", Some(&[1])),
        // The server reports the leader, as often as it has workers.
        relation(3, "AccessExclusiveLock", Some(&[1, 2, 2])),
    ];
    with_locks(&document(&sessions, &locks), |locks| {
        let pids: Vec<_> = locks.forest.iter().map(|place| (locks.parties[place.session].pid(), place.depth)).collect();
        assert_eq!(pids, [(Some(1), 0), (Some(2), 1), (Some(3), 1)]);
        assert_eq!(locks.parties[2].queued_behind, [1]);
    });
}

#[test]
fn a_prepared_transaction_is_named_by_any_of_its_locks() {
    let own = json!({ "locktype": "transactionid", "transactionid": "742", "virtualtransaction": "3/17",
                      "mode": "ExclusiveLock", "granted": true });
    let held = |transaction: &str| {
        let mut held = relation(0, "RowExclusiveLock", None);
        held["pid"] = Value::Null;
        held["virtualtransaction"] = json!(transaction);
        held
    };
    let waiter = relation(2, "AccessExclusiveLock", Some(&[0]));
    for (own, transaction) in [(Some(own), "3/17"), (None, "-1/742")] {
        let locks: Vec<Value> = own.into_iter().chain([held(transaction), waiter.clone()]).collect();
        let mut document = document(&[session(2, "active")], &locks);
        document["pg_prepared_xacts"] = json!([{ "transactionid": "742", "prepared": "2026-01-01T11:00:00Z", "owner": "app",
                                                 "database": "shop" }]);
        with_locks(&document, |locks| {
            let root = locks.chains().next().unwrap().root;
            assert_eq!((root.holder.to_string().as_str(), root.role()), ("prepared transaction 742", Some("app")));
            assert_eq!(root.transaction_age, Some(Millis(3_600_000.0)));
            assert!(root.statements().unwrap().contains("transaction = '742'"));
        });
    }
}

#[test]
fn a_wait_for_a_row_names_it_and_predicate_locks_block_nobody() {
    let sessions = [session(1, "idle in transaction"), session(2, "active"), session(3, "active")];
    let transaction = |pid: i64, blocked_by: Option<i64>| {
        json!({ "pid": pid, "locktype": "transactionid", "transactionid": "742", "granted": blocked_by.is_none(),
                "mode": if blocked_by.is_none() { "ExclusiveLock" } else { "ShareLock" },
                "blocked_by": blocked_by.map(|pid| [pid]) })
    };
    let tuple = |pid: i64, mode: &str, blocked_by: Option<i64>| {
        json!({ "pid": pid, "locktype": "tuple", "database": 5, "relation": 16385, "page": 0, "tuple": 1, "mode": mode,
                "granted": blocked_by.is_none(), "blocked_by": blocked_by.map(|pid| [pid]) })
    };
    let locks = [
        transaction(1, None),
        tuple(1, "SIReadLock", None),
        transaction(2, Some(1)),
        tuple(2, "ExclusiveLock", None),
        tuple(3, "ExclusiveLock", Some(2)),
    ];
    with_locks(&document(&sessions, &locks), |locks| {
        let waits: Vec<_> = locks.parties.iter().filter_map(|party| party.wait.as_ref()).collect();
        assert_eq!(waits[0].words(), "row (0,1) of relation public.orders, changed by transaction 742");
        assert_eq!(waits[1].words(), "row (0,1) of relation public.orders");
        // Before version 14 the server does not tell since when.
        assert_eq!((waits[0].time, waits[0].is_exact), (Some(Millis(60_000.0)), false));
        assert_eq!(locks.forest.iter().map(|place| place.depth).collect::<Vec<_>>(), [0, 1, 2]);
    });
}

#[test]
fn a_circle_is_a_deadlock_in_the_making() {
    let sessions = [session(1, "active"), session(2, "active")];
    let other = |pid: i64, blocked_by: Option<&[i64]>| {
        let mut lock = relation(pid, "AccessExclusiveLock", blocked_by);
        lock["relation"] = json!(16390);
        lock
    };
    let locks = [
        relation(1, "AccessExclusiveLock", None),
        other(2, None),
        relation(2, "AccessShareLock", Some(&[1])),
        other(1, Some(&[2])),
    ];
    with_locks(&document(&sessions, &locks), |locks| {
        assert_eq!((locks.circles.len(), locks.forest.len()), (1, 2));
        assert!(locks.is_in_circle(0) && locks.is_in_circle(1));
        // The relation is not in the snapshot.
        let object = &locks.parties[0].wait.as_ref().unwrap().object;
        assert_eq!(object, "relation with oid 16390 in database shop");
    });
}

#[test]
fn who_must_be_left_alone_gets_no_statement() {
    let mut worker = session(1, "active");
    worker["backend_type"] = json!("autovacuum worker");
    let release = |worker: &Value, query: &str| {
        let mut worker = worker.clone();
        worker["query"] = json!(query);
        let locks = [relation(1, "ShareUpdateExclusiveLock", None), relation(2, "AccessExclusiveLock", Some(&[1]))];
        with_locks(&document(&[worker, session(2, "active")], &locks), |locks| {
            let root = locks.chains().next().unwrap().root;
            (root.release(), root.statements().is_some())
        })
    };
    assert_eq!(release(&worker, "autovacuum: VACUUM public.orders"), (Release::GivesWay, false));
    let wraparound = "autovacuum: VACUUM public.orders (to prevent wraparound)";
    assert_eq!(release(&worker, wraparound), (Release::LetFinish, false));
    assert_eq!(release(&session(1, "active"), "select ?"), (Release::Cancel, true));
    assert!(!Release::Cancel.advice().contains("rolls its transaction back"));
    assert_eq!(release(&session(1, "idle in transaction"), "select ?"), (Release::Terminate, true));
    assert_eq!(release(&session(1, "idle"), "select ?"), (Release::Unlock, true));
    assert!(!Release::Unlock.advice().contains("rolls its transaction back"));
    let hidden = json!({ "pid": 1 });
    assert_eq!(release(&hidden, ""), (Release::Hidden, false));
}

#[test]
fn what_a_canceled_statement_may_leave_locked_takes_the_session() {
    let advisory = |pid: i64, by: Option<&[i64]>| {
        json!({ "pid": pid, "locktype": "advisory", "database": 5, "classid": 0, "objid": 77, "objsubid": 1,
                "mode": "ExclusiveLock", "granted": by.is_none(), "blocked_by": by })
    };
    let root = |locks: &[Value]| {
        with_locks(&document(&[session(1, "active"), session(2, "active")], locks), |locks| {
            let root = locks.chains().next().unwrap().root;
            (root.release(), root.statements().unwrap())
        })
    };
    let (release, sql) = root(&[advisory(1, None), advisory(2, Some(&[1]))]);
    assert!(release == Release::Disconnect && sql.starts_with("SELECT pg_terminate_backend"), "{sql}");
    let (release, sql) = root(&[relation(1, "AccessExclusiveLock", None), relation(2, "AccessShareLock", Some(&[1]))]);
    let lines: Vec<&str> = sql.lines().collect();
    assert!(release == Release::Cancel && lines.len() == 2, "{sql}");
    assert!(lines[0].starts_with("SELECT pg_cancel_backend(pid)"), "{sql}");
    assert!(lines[1].starts_with("-- only if its locks remain: SELECT pg_terminate_backend(pid)"), "{sql}");
}
