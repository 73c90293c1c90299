//! The data of `query locks`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::locks::graph::{Link, Place};
use crate::facts::locks::{Holder, Locks, Party};

/// The data of `query locks`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LockWaits {
    /// How many sessions wait for a lock; a group of parallel workers counts as its leader.
    pub waiting: usize,
    /// Sessions that wait or block, each once: a session is listed before those that wait for it, the largest chain first.
    pub sessions: Vec<LockSession>,
    /// Sessions that are left out because of the limit.
    pub more: usize,
    /// Sessions that wait for one another in a circle: deadlocks in the making.
    pub deadlocks: Vec<Vec<Reference>>,
    /// What is hidden from the collecting role.
    pub hidden: Option<String>,
    /// How many processes waited in each sample of a delta, the oldest first.
    pub waiting_over_time: Option<Vec<f64>>,
}

/// A process, or a prepared transaction.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reference {
    /// The process id; of a parallel worker, that of its leader.
    pub pid: Option<i64>,
    /// The transaction id of a prepared transaction.
    pub prepared_transaction: Option<String>,
}

/// A session, background process or prepared transaction that waits or blocks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LockSession {
    /// Who it is.
    #[serde(flatten)]
    pub who: Reference,
    /// How many sessions are above it in its chain; 0 for a root blocker.
    pub depth: usize,
    /// How many sessions are behind it, for a root blocker.
    pub sessions_behind: Option<i64>,
    /// The type of the process.
    pub backend_type: Option<String>,
    /// `active`, `idle in transaction` and others; `prepared` for a prepared transaction.
    pub state: Option<String>,
    /// Its database.
    pub database: Option<String>,
    /// Its role.
    pub role: Option<String>,
    /// Its application name.
    pub application: Option<String>,
    /// Its current or last statement, without literals.
    pub query: Option<String>,
    /// How long its transaction has been open or prepared, in milliseconds.
    pub transaction_age_ms: Option<f64>,
    /// How long it has been in its state, in milliseconds.
    pub state_age_ms: Option<f64>,
    /// What it waits for; none of a root blocker.
    pub waits_for: Option<LockWait>,
    /// Whether it is part of a deadlock in the making.
    pub is_in_deadlock: bool,
    /// How its locks are released, for a root blocker.
    pub remedy: Option<Remedy>,
}

/// A lock that a session waits for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LockWait {
    /// `pg_locks.locktype`.
    pub locktype: String,
    /// What is locked, in words.
    pub object: String,
    /// The mode that it awaits.
    pub mode: String,
    /// How long it has waited, in milliseconds.
    pub waited_ms: Option<f64>,
    /// Whether that is exact; before version 14 it is the age of the statement, which began before it waited.
    pub is_exact: bool,
    /// Whether only sessions before it in the queue block it, and none that hold the lock.
    pub is_queued: bool,
    /// The sessions that hold the lock.
    pub held_by: Vec<Reference>,
    /// The sessions before it in the queue.
    pub queued_behind: Vec<Reference>,
}

/// How the locks of a root blocker are released.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Remedy {
    /// What to do.
    pub text: String,
    /// Statements that do it; none where it is better left alone.
    pub sql: Option<String>,
}

impl Reference {
    fn to(party: &Party) -> Self {
        match &party.holder {
            Holder::Process(pid) => Self { pid: Some(*pid), prepared_transaction: None },
            Holder::Prepared(id) => Self { pid: None, prepared_transaction: id.clone() },
        }
    }
}

impl LockWaits {
    pub(super) fn of(locks: &Locks, limit: usize) -> Self {
        let behind: Vec<(usize, i64)> =
            locks.chains().filter_map(|chain| Some((chain.places.first()?.session, chain.behind()))).collect();
        let session = |place: &Place| Some(session(locks, place, locks.party(place.session)?, &behind));
        let circle = |circle: &Vec<usize>| circle.iter().filter_map(|number| locks.party(*number)).map(Reference::to).collect();
        Self {
            waiting: locks.waiting(),
            sessions: locks.forest.iter().take(limit).filter_map(session).collect(),
            more: locks.forest.len().saturating_sub(limit),
            deadlocks: locks.circles.iter().map(circle).collect(),
            hidden: locks.hidden.as_ref().map(|missing| missing.reason.clone()),
            waiting_over_time: locks.waiting_over_time.clone(),
        }
    }
}

fn session(locks: &Locks, place: &Place, party: &Party, behind: &[(usize, i64)]) -> LockSession {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let is_root = place.above.is_none();
    let behind = behind.iter().find(|(root, _)| is_root && *root == place.session).map(|(_, behind)| *behind);
    LockSession {
        who: Reference::to(party),
        depth: place.depth,
        sessions_behind: behind,
        backend_type: owned(party.backend_type()),
        state: owned(party.state()),
        database: owned(party.database()),
        role: owned(party.role()),
        application: owned(party.application()),
        query: owned(party.query()),
        transaction_age_ms: party.transaction_age.map(|age| age.0),
        state_age_ms: party.state_age.map(|age| age.0),
        waits_for: wait(locks, place, party),
        is_in_deadlock: locks.is_in_circle(place.session),
        remedy: is_root.then(|| Remedy { text: party.release().advice().to_owned(), sql: party.statements() }),
    }
}

fn wait(locks: &Locks, place: &Place, party: &Party) -> Option<LockWait> {
    let references = |numbers: &[usize]| numbers.iter().filter_map(|number| locks.party(*number)).map(Reference::to).collect();
    let wait = party.wait.as_ref()?;
    Some(LockWait {
        locktype: wait.locktype.clone(),
        object: wait.words(),
        mode: wait.mode.clone(),
        waited_ms: wait.time.map(|time| time.0),
        is_exact: wait.is_exact,
        is_queued: matches!(place.above, Some((_, Link::Queued))),
        held_by: references(&party.held_by),
        queued_behind: references(&party.queued_behind),
    })
}
