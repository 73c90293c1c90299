//! How many locks processes hold, and how full the lock table is.

use std::collections::BTreeMap;

use pgdba_pg::Ratio;
use pgdba_snapshot::sections::lock_counts::LockCount;

use super::mode::strength;
use crate::facts::settings::Settings;

/// From this mode on a lock on a relation blocks writes to its rows.
const STRONG: &str = "ShareLock";

/// Locks that processes hold.
#[derive(Debug)]
pub struct HeldLocks {
    /// By process; those of prepared transactions under none.
    counts: BTreeMap<Option<i64>, Vec<LockCount>>,
    /// Objects for which the lock table has room.
    pub capacity: Option<i64>,
}

/// The locks of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held<'a> {
    /// All of them.
    pub locks: i64,
    /// Those on relations.
    pub relations: i64,
    /// Advisory locks.
    pub advisory: i64,
    /// The strongest mode in which it holds a relation.
    pub strongest: Option<&'a str>,
}

impl Held<'_> {
    /// Whether it holds a relation in a mode that blocks others that write to its rows, or read them.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.strongest.and_then(strength) >= strength(STRONG)
    }
}

impl HeldLocks {
    pub(in crate::facts) fn new(counts: Vec<LockCount>, settings: Option<&Settings>) -> Self {
        let number = |name: &str| settings?.integer(name);
        let transactions = ["max_connections", "max_prepared_transactions"].map(|name| number(name).unwrap_or(0));
        let transactions = transactions.into_iter().fold(0, i64::saturating_add);
        let capacity = number("max_locks_per_transaction").map(|locks| locks.saturating_mul(transactions));
        let mut by_process = BTreeMap::<Option<i64>, Vec<LockCount>>::new();
        for count in counts {
            by_process.entry(count.pid).or_default().push(count);
        }
        Self { counts: by_process, capacity: capacity.filter(|capacity| *capacity > 0) }
    }

    /// The processes that hold locks, each once.
    #[must_use]
    pub fn pids(&self) -> Vec<i64> {
        self.counts.keys().copied().flatten().collect()
    }

    /// What a process holds.
    #[must_use]
    pub fn of(&self, pid: i64) -> Held<'_> {
        let mut held = Held::default();
        let counts = self.counts.get(&Some(pid)).into_iter().flatten();
        for count in counts.filter(|count| count.granted == Some(true)) {
            let locks = count.locks.unwrap_or(0);
            held.locks = held.locks.saturating_add(locks);
            match count.locktype.as_deref() {
                Some("relation") => {
                    held.relations = held.relations.saturating_add(locks);
                    held.strongest = stronger(held.strongest, count.mode.as_deref());
                }
                Some("advisory") => held.advisory = held.advisory.saturating_add(locks),
                _ => {}
            }
        }
        held
    }

    /// Objects in the lock table.
    #[must_use]
    pub fn objects(&self) -> i64 {
        self.counts.values().flatten().find_map(|count| count.locked_objects).unwrap_or(0)
    }

    /// How full the lock table is; none if its size is unknown.
    #[must_use]
    pub fn fill(&self) -> Option<Ratio> {
        Ratio::of(self.objects(), self.capacity?)
    }
}

/// The stronger of two modes.
fn stronger<'a>(a: Option<&'a str>, b: Option<&'a str>) -> Option<&'a str> {
    if b.and_then(strength) > a.and_then(strength) { b } else { a }
}
