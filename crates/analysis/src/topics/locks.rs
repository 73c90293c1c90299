//! Who waits for whose locks.

mod data;

use pgdba_pg::{Millis, display};

use super::{Reply, Shown, Topic};
use crate::facts::locks::graph::{Link, Place};
use crate::facts::locks::{Locks, Party};
use crate::facts::{View, declared};
use crate::format::Tree;
use crate::{Block, Checked, Figure, NotAssessed, Quantity};
pub use data::{LockSession, LockWait, LockWaits, Reference, Remedy};

/// Who waits for whose locks.
pub static TOPIC: Topic = Topic { name: "locks", title: "Locks", reads: &[&declared::locks], show };

/// Sessions that the report shows.
pub const LIMIT: usize = 100;

/// Levels of a tree. A longer chain continues on the last of them.
const LEVELS: usize = 20;

/// Sessions that a line names.
const NAMED: usize = 5;

/// Characters of a statement's text in a line.
const MAX_TEXT: usize = 80;

fn show(view: &View<'_>) -> Checked<Shown> {
    Ok(reply(view, LIMIT)?.shown)
}

/// The chains of sessions that wait for locks, of at most `limit` sessions.
///
/// # Errors
/// `pg_locks` or `pg_stat_activity` is missing.
pub fn reply(view: &View<'_>, limit: usize) -> Checked<Reply<LockWaits>> {
    let locks = view.locks()?;
    let shown: Vec<&Place> = locks.forest.iter().take(limit).collect();
    let mut blocks = vec![over_time(locks)];
    blocks.push(Block::Tree { caption: caption(locks, &shown), roots: trees(locks, &shown) });
    blocks.extend(remedies(locks, limit));
    blocks.retain(|block| !block.is_empty());
    Ok(Reply { shown: Shown { lead: lead(locks), blocks }, data: LockWaits::of(locks, limit) })
}

fn caption(locks: &Locks, shown: &[&Place]) -> String {
    let hidden = locks.forest.len().saturating_sub(shown.len());
    match hidden {
        0 => "Chains of sessions, the root blocker first".to_owned(),
        hidden => format!("Chains of sessions, the root blocker first, without {} more", display::counted(hidden, "session", "sessions")),
    }
}

fn lead(locks: &Locks) -> String {
    let waiting = locks.waiting();
    let mut sentences = vec![match waiting {
        0 => "No session was waiting for a lock.".to_owned(),
        count => {
            let roots = locks.chains().count();
            let longest = locks.chains().filter_map(|chain| chain.longest()).max_by(|(a, _), (b, _)| a.0.total_cmp(&b.0));
            let longest = longest.map(|(time, is_exact)| format!("; the longest wait is {}", waited(time, is_exact)));
            let wait = if count == 1 { "is waiting for a lock" } else { "are waiting for locks" };
            format!(
                "{} {wait} behind {}{}.",
                display::counted(count, "session", "sessions"),
                display::counted(roots, "root blocker", "root blockers"),
                longest.unwrap_or_default()
            )
        }
    }];
    if !locks.circles.is_empty() {
        let count = display::counted(locks.circles.len(), "deadlock is", "deadlocks are");
        sentences.push(format!("{count} in the making: the server cancels one statement of each after deadlock_timeout."));
    }
    if let Some(NotAssessed { reason, .. }) = locks.hidden.as_ref() {
        sentences.push(format!("States and statements of other roles are hidden from the collecting role ({reason})."));
    }
    sentences.join(" ")
}

/// `10 s`, or `at most 10 s` where only the statement's start is known.
fn waited(time: Millis, is_exact: bool) -> String {
    let time = display::duration(time);
    if is_exact { time } else { format!("at most {time}") }
}

/// How many waited over the window of a delta.
fn over_time(locks: &Locks) -> Block {
    let figure = |numbers: &Vec<f64>| {
        Figure::new("waiting_over_time", Quantity::Series(numbers.clone())).labelled("waiting processes over the delta")
    };
    Block::Figures { items: locks.waiting_over_time.iter().map(figure).collect() }
}

/// The forest as trees.
fn trees(locks: &Locks, places: &[&Place]) -> Vec<Tree> {
    let mut roots = Vec::new();
    let mut open: Vec<Tree> = Vec::new();
    for place in places {
        close(&mut open, &mut roots, place.depth.min(LEVELS));
        open.extend(locks.party(place.session).map(|party| node(locks, party, place)));
    }
    close(&mut open, &mut roots, 0);
    roots
}

/// Completes the nodes below this depth.
fn close(open: &mut Vec<Tree>, roots: &mut Vec<Tree>, depth: usize) {
    while open.len() > depth {
        let Some(node) = open.pop() else { return };
        match open.last_mut() {
            Some(above) => above.children.push(node),
            None => roots.push(node),
        }
    }
}

fn node(locks: &Locks, party: &Party, place: &Place) -> Tree {
    Tree { label: label(party), figures: figures(locks, party, place), children: Vec::new() }
}

/// `pid 4711, active (shop, role app, psql): update orders set v = ?`.
fn label(party: &Party) -> String {
    let kind = party.backend_type().filter(|kind| *kind != "client backend");
    let parts = [kind, party.state()].into_iter().flatten().map(|part| format!(", {part}"));
    let owner = [
        party.database().map(str::to_owned),
        party.role().map(|role| format!("role {role}")),
        party.application().map(str::to_owned),
    ];
    let owner: Vec<String> = owner.into_iter().flatten().collect();
    let owner = if owner.is_empty() { String::new() } else { format!(" ({})", owner.join(", ")) };
    let text = party.query().map(|text| format!(": {}", short(text))).unwrap_or_default();
    format!("{}{}{owner}{text}", party.holder, parts.collect::<String>())
}

/// The beginning of a text, in one line.
pub(super) fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn figures(locks: &Locks, party: &Party, place: &Place) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(wait) = &party.wait {
        figures.push(Figure::new("wants", format!("{} on {}", wait.mode, wait.words())));
        figures.extend(wait.time.map(|time| {
            Figure::new("waited", time).labelled(if wait.is_exact { "waited" } else { "waited at most" })
        }));
    }
    if matches!(place.above, Some((_, Link::Queued))) {
        figures.push(Figure::new("queued", "behind a lock that is awaited, not held"));
    }
    if place.above.is_none() {
        let transaction = if party.pid().is_some() { "transaction open for" } else { "prepared" };
        figures.extend(party.transaction_age.map(|age| Figure::new("transaction_age", age).labelled(transaction)));
        figures.extend(party.state_age.map(|age| Figure::new("state_age", age).labelled("in this state for")));
    }
    if locks.is_in_circle(place.session) {
        figures.push(Figure::new("deadlock", "waits in a circle"));
    }
    if !place.elsewhere.is_empty() {
        let named = place.elsewhere.iter().take(NAMED).filter_map(|number| locks.party(*number));
        let named: Vec<String> = named.map(|party| party.holder.to_string()).collect();
        let more = place.elsewhere.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        figures.push(Figure::new("also_blocks", format!("{}{more}, shown elsewhere", named.join(", "))).labelled("also blocks"));
    }
    figures
}

/// What to do about each root.
fn remedies(locks: &Locks, limit: usize) -> Vec<Block> {
    let roots: Vec<&Party> = locks.chains().take(limit).map(|chain| chain.root).collect();
    let advice = roots.iter().map(|root| format!("{}: {}", root.holder, root.release().advice()));
    let statements: Vec<String> = roots.iter().filter_map(|root| root.statements()).collect();
    let mut blocks = Vec::new();
    if !roots.is_empty() {
        blocks.push(Block::heading("What to do"));
        blocks.push(Block::list(advice.take(NAMED)));
    }
    if !statements.is_empty() {
        blocks.push(Block::sql("Release the locks of the root blockers, after checking what they are", statements.join("\n")));
    }
    blocks
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::Beside;
    use crate::facts::locks::tests::{document, relation, session};
    use crate::{Facts, example};

    fn asked(document: &Value) -> Reply<LockWaits> {
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        reply(&View::new(&facts, Beside::default(), TOPIC.reads), LIMIT).unwrap()
    }

    fn tree(reply: &Reply<LockWaits>) -> &Tree {
        let tree = reply.shown.blocks.iter().find_map(|block| match block {
            Block::Tree { roots, .. } => roots.first(),
            _ => None,
        });
        tree.unwrap()
    }

    #[test]
    fn a_chain_is_a_tree_with_its_root_first() {
        let sessions = [session(1, "idle in transaction"), session(2, "active"), session(3, "active")];
        let locks = [
            relation(1, "AccessShareLock", None),
            relation(2, "AccessExclusiveLock", Some(&[1])),
            relation(3, "AccessShareLock", Some(&[2])),
        ];
        let reply = asked(&document(&sessions, &locks));
        let expected = "2 sessions are waiting for locks behind 1 root blocker; the longest wait is 10 s.";
        assert_eq!(reply.shown.lead, expected);
        let root = tree(&reply);
        assert_eq!(root.label, "pid 1, idle in transaction (shop, role app): select ?");
        let queued = &root.children[0].children[0];
        assert!(queued.figures.iter().any(|figure| figure.key == "queued"), "{queued:?}");
        let data = serde_json::to_value(&reply.data).unwrap();
        assert_eq!(data["sessions"][2]["waits_for"]["is_queued"], true);
        assert_eq!(data["sessions"][0]["sessions_behind"], 2);
        let sql = data["sessions"][0]["remedy"]["sql"].as_str().unwrap();
        assert!(sql.starts_with("SELECT pg_terminate_backend(pid)") && sql.contains("pid = 1"), "{sql}");
    }

    #[test]
    fn a_chain_deeper_than_the_tree_loses_nobody() {
        let count = 200;
        let sessions: Vec<Value> = (1..=count).map(|pid| session(pid, "active")).collect();
        let held = |pid: i64| json!({ "pid": pid, "locktype": "advisory", "database": 5, "classid": 0, "objid": pid,
            "objsubid": 1, "mode": "ExclusiveLock", "granted": true });
        let awaited = |pid: i64| json!({ "pid": pid, "locktype": "advisory", "database": 5, "classid": 0, "objid": pid - 1,
            "objsubid": 1, "mode": "ExclusiveLock", "granted": false, "blocked_by": [pid - 1] });
        let locks: Vec<Value> = (1..=count).map(held).chain((2..=count).map(awaited)).collect();
        let reply = asked(&document(&sessions, &locks));
        fn size(node: &Tree) -> (usize, usize) {
            let below: Vec<_> = node.children.iter().map(size).collect();
            (1 + below.iter().map(|(size, _)| size).sum::<usize>(), 1 + below.iter().map(|(_, depth)| *depth).max().unwrap_or(0))
        }
        assert_eq!(size(tree(&reply)), (LIMIT, LEVELS + 1));
        assert_eq!(reply.data.sessions.len(), LIMIT);
        assert_eq!(reply.data.waiting, 199);
    }

    #[test]
    fn nobody_waiting_is_an_answer() {
        let reply = asked(&document(&[session(1, "active")], &[]));
        assert_eq!((reply.shown.lead.as_str(), reply.shown.blocks.len()), ("No session was waiting for a lock.", 0));
    }

    #[test]
    fn a_role_that_cannot_see_others_is_told_so() {
        let mut document = document(&[], &[relation(1, "ExclusiveLock", None), relation(2, "ShareLock", Some(&[1]))]);
        document["pg_stat_activity"] = json!({ "available": true, "columns": ["pid"], "rows": [[1], [2]],
                                               "limited": "needs membership in pg_read_all_stats" });
        let reply = asked(&document);
        assert!(reply.shown.lead.contains("hidden from the collecting role"), "{}", reply.shown.lead);
        assert!(reply.data.sessions[0].remedy.as_ref().unwrap().sql.is_none());
    }
}
