//! Who waits for whose locks.

pub mod graph;
pub mod held;
pub mod mode;
mod object;
pub mod party;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pgdba_pg::Millis;
use pgdba_snapshot::sections::pg_locks::PgLock;
use pgdba_snapshot::sections::pg_prepared_xacts::PgPreparedXact;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::sections::{Reader, Rows};
use super::sessions::Sessions;
use super::time;
use crate::format::{Checked, NotAssessed};
use graph::{Blockers, Graph, Link, Place};
use object::Names;
pub use party::{Holder, Party, Release, Wait};

use super::relation::Relations;

/// Sessions that wait for locks, and those that block them.
#[derive(Debug)]
pub struct Locks {
    /// Everybody who waits or blocks.
    pub parties: Vec<Party>,
    /// Where each is in the forest of chains, the root of the largest chain first.
    pub forest: Vec<Place>,
    /// Sessions that wait for one another in a circle, by their numbers in `parties`.
    pub circles: Vec<Vec<usize>>,
    /// How many processes waited for a lock in each sample of a delta, the oldest first; none of a single sample.
    pub waiting_over_time: Option<Vec<f64>>,
    /// What is hidden from the collecting role.
    pub hidden: Option<NotAssessed>,
    /// Those that are in a circle.
    in_circles: BTreeSet<usize>,
    /// How many sessions queue directly behind each, by its number.
    queues: BTreeMap<usize, i64>,
}

/// The chain below a root.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a> {
    /// Who blocks all others and waits for nobody, or the first of a circle.
    pub root: &'a Party,
    /// All of it, the root first.
    pub places: &'a [Place],
    parties: &'a [Party],
}

impl<'a> Chain<'a> {
    /// The sessions behind the root that have their place below it.
    pub fn waiters(&self) -> impl Iterator<Item = (&'a Party, &'a Place)> + use<'a> {
        let parties = self.parties;
        self.places.iter().skip(1).filter_map(move |place| Some((parties.get(place.session)?, place)))
    }

    /// The longest wait in it, and whether it is exact.
    #[must_use]
    pub fn longest(&self) -> Option<(Millis, bool)> {
        self.longest_of(|_| true)
    }

    /// The same of the waits that are so.
    pub fn longest_of(&self, is: impl Fn(&Wait) -> bool) -> Option<(Millis, bool)> {
        let waits = self.waiters().filter_map(|(party, _)| party.wait.as_ref()).filter(|wait| is(wait));
        let times = waits.filter_map(|wait| Some((wait.time?, wait.is_exact)));
        times.max_by(|(a, _), (b, _)| a.0.total_cmp(&b.0))
    }

    /// How many sessions are behind the root.
    #[must_use]
    pub fn behind(&self) -> i64 {
        i64::try_from(self.places.len().saturating_sub(1)).unwrap_or(i64::MAX)
    }

    /// How long the longest way from the root is.
    #[must_use]
    pub fn depth(&self) -> i64 {
        let deepest = self.places.iter().map(|place| place.depth).max().unwrap_or(0);
        i64::try_from(deepest).unwrap_or(i64::MAX)
    }
}

impl Locks {
    pub(super) fn derive(reader: &Reader<'_>, sessions: &Sessions, relations: Option<&Relations>) -> Checked<Self> {
        let read: Rows<PgLock> = reader.rows()?;
        let databases = reader.rows().map_or_else(|_| Vec::new(), |read| read.rows);
        let prepared = reader.rows().map_or_else(|_| Vec::new(), |read| read.rows);
        let waiting_over_time = reader.is_delta().then(|| {
            let samples = read.between.iter().map(|sample| sample.rows.as_slice()).chain([read.rows.as_slice()]);
            samples.map(|rows| rows.iter().filter(|row| is_waiting(row)).count() as f64).collect()
        });
        let moment = read.read_at;
        let draft = Draft::new(&read.rows, sessions);
        let (parties, blockers) = draft.parties(&Names::new(relations, databases), prepared, moment);
        let graph = Graph::new(blockers);
        let (forest, circles) = (graph.forest(), graph.circles());
        let in_circles = circles.iter().flatten().copied().collect();
        let mut queues = BTreeMap::new();
        for place in &forest {
            if let Some((above, Link::Queued)) = place.above {
                *queues.entry(above).or_default() += 1;
            }
        }
        let hidden = sessions.hidden.clone();
        Ok(Self { parties, forest, circles, waiting_over_time, hidden, in_circles, queues })
    }

    /// Who has this number.
    #[must_use]
    pub fn party(&self, number: usize) -> Option<&Party> {
        self.parties.get(number)
    }

    /// The chains, the largest first.
    pub fn chains(&self) -> impl Iterator<Item = Chain<'_>> {
        let starts: Vec<usize> = (0..self.forest.len())
            .filter(|at| self.forest.get(*at).is_some_and(|place| place.above.is_none()))
            .collect();
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain([self.forest.len()]).collect();
        starts.into_iter().zip(ends).filter_map(|(start, end)| {
            let places = self.forest.get(start..end)?;
            Some(Chain { root: self.party(places.first()?.session)?, places, parties: &self.parties })
        })
    }

    /// How many sessions wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.parties.iter().filter(|party| party.wait.is_some()).count()
    }

    /// Whether a session is in a circle.
    #[must_use]
    pub fn is_in_circle(&self, session: usize) -> bool {
        self.in_circles.contains(&session)
    }

    /// How many sessions queue directly behind a waiting one, whose awaited lock blocks them before it is held.
    #[must_use]
    pub fn queue_behind(&self, session: usize) -> i64 {
        self.queues.get(&session).copied().unwrap_or(0)
    }
}

/// A prepared transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Its row.
    pub row: PgPreparedXact,
    /// How long ago it was prepared.
    pub age: Option<Millis>,
}

pub(super) fn prepared(rows: Vec<PgPreparedXact>, moment: Option<Timestamp>) -> Vec<Prepared> {
    let age = |row: &PgPreparedXact| moment.zip(row.prepared).map(|(now, then)| time::since(now, then));
    rows.into_iter().map(|row| Prepared { age: age(&row), row }).collect()
}

fn is_waiting(lock: &PgLock) -> bool {
    lock.granted == Some(false)
}

/// An object that can be locked, as the columns of `pg_locks` identify it.
type Object<'a> = (Option<&'a str>, [Option<i64>; 7], Option<&'a str>, Option<&'a str>);

fn object(lock: &PgLock) -> Object<'_> {
    let numbers = [lock.database, lock.relation, lock.page, lock.tuple, lock.classid, lock.objid, lock.objsubid];
    (lock.locktype.as_deref(), numbers, lock.virtualxid.as_deref(), lock.transactionid.as_deref())
}

/// The modes in which an object is held and awaited, by whom.
type Modes<'a> = BTreeMap<(Object<'a>, Holder), Vec<(&'a str, bool)>>;

/// The rows of `pg_locks`, prepared for the questions below.
struct Draft<'a> {
    locks: &'a [PgLock],
    processes: BTreeMap<i64, &'a PgStatActivity>,
    sessions: &'a Sessions,
    modes: Modes<'a>,
    /// The lock on a row that each process holds, while it waits for the transaction that changed the row.
    rows: BTreeMap<i64, &'a PgLock>,
    /// The prepared transactions that hold a lock on an object.
    prepared: BTreeMap<Object<'a>, BTreeSet<Holder>>,
}

impl<'a> Draft<'a> {
    fn new(locks: &'a [PgLock], sessions: &'a Sessions) -> Self {
        let processes = sessions.processes.iter().map(|process| (process.pid, process)).collect();
        let is_row = |lock: &&PgLock| lock.locktype.as_deref() == Some("tuple") && lock.granted == Some(true);
        let rows = locks.iter().filter(is_row).filter_map(|lock| Some((lock.pid?, lock))).collect();
        let mut draft = Self { locks, processes, sessions, modes: Modes::new(), rows, prepared: BTreeMap::new() };
        let ids = prepared_ids(locks);
        for lock in locks {
            let holder = match lock.pid {
                Some(pid) => draft.holder(pid),
                None => {
                    let own = lock.transactionid.clone().filter(|_| lock.locktype.as_deref() == Some("transactionid"));
                    let id = own.or_else(|| ids.get(lock.virtualtransaction.as_deref()?).map(|id| (*id).to_owned()));
                    let holder = Holder::Prepared(id);
                    draft.prepared.entry(object(lock)).or_default().insert(holder.clone());
                    holder
                }
            };
            let mode = (lock.mode.as_deref().unwrap_or_default(), lock.granted == Some(true));
            draft.modes.entry((object(lock), holder)).or_default().push(mode);
        }
        draft
    }

    /// Who holds an advisory lock that someone waits for.
    fn holders_of_advisory_locks(&self) -> BTreeSet<Holder> {
        let is_held = |modes: &[(&str, bool)]| modes.iter().any(|(_, is_granted)| *is_granted);
        let held = self.modes.iter().filter(|(((kind, ..), _), modes)| *kind == Some("advisory") && is_held(modes));
        held.map(|((_, holder), _)| holder.clone()).collect()
    }

    /// A process; a parallel worker counts as its leader, in whose name the server reports what it blocks.
    fn holder(&self, pid: i64) -> Holder {
        let process = self.processes.get(&pid).filter(|row| row.backend_type.as_deref() == Some("parallel worker"));
        Holder::Process(process.and_then(|worker| worker.leader_pid).unwrap_or(pid))
    }

    /// Everybody who waits or blocks, and the numbers of those that block each.
    fn parties(
        &self,
        names: &Names<'_>,
        prepared: Vec<PgPreparedXact>,
        moment: Option<Timestamp>,
    ) -> (Vec<Party>, Vec<Blockers>) {
        let mut prepared: BTreeMap<Option<String>, PgPreparedXact> =
            prepared.into_iter().map(|row| (row.transactionid.clone(), row)).collect();
        let mut waits = self.waits(names, moment);
        let mut holders: BTreeSet<Holder> = waits.keys().cloned().collect();
        holders.extend(waits.values().flat_map(|(_, by)| by.keys().cloned()));
        let numbers: BTreeMap<Holder, usize> = holders.iter().cloned().zip(0..).collect();
        let advisory = self.holders_of_advisory_locks();
        let party = |holder: Holder| {
            let (wait, by) = waits.remove(&holder).map_or((None, BTreeMap::new()), |(wait, by)| (Some(wait), by));
            let of = |wanted: Link| {
                let linked = by.iter().filter(|(_, link)| **link == wanted);
                linked.filter_map(|(holder, _)| numbers.get(holder).copied()).collect()
            };
            let by = Blockers { held: of(Link::Held), queued: of(Link::Queued) };
            let (process, prepared) = match &holder {
                Holder::Process(pid) => (self.processes.get(pid).map(|row| (*row).clone()), None),
                Holder::Prepared(id) => (None, prepared.remove(id)),
            };
            let (held_by, queued_behind) = (by.held.clone(), by.queued.clone());
            let party = Party {
                transaction_age: None,
                state_age: None,
                held_by,
                queued_behind,
                holds_advisory: advisory.contains(&holder),
                holder,
                process,
                prepared,
                wait,
            };
            (party.aged(moment), by)
        };
        holders.into_iter().map(party).unzip()
    }

    /// The longest wait of each session, and who blocks it and how.
    fn waits(&self, names: &Names<'_>, moment: Option<Timestamp>) -> BTreeMap<Holder, (Wait, BTreeMap<Holder, Link>)> {
        let mut waits = BTreeMap::<Holder, (Wait, BTreeMap<Holder, Link>)>::new();
        for lock in self.locks.iter().filter(|lock| is_waiting(lock)) {
            let Some(pid) = lock.pid else { continue };
            let waiter = self.holder(pid);
            let (wait, by) = (self.wait(lock, names, moment), self.blockers(lock, &waiter));
            let (longest, all) = waits.entry(waiter).or_insert_with(|| (wait.clone(), BTreeMap::new()));
            if wait.time.map(|time| time.0) > longest.time.map(|time| time.0) {
                *longest = wait;
            }
            by.into_iter().for_each(|(holder, link)| {
                let known = all.entry(holder).or_insert(link);
                *known = link.min(*known);
            });
        }
        waits
    }

    fn wait(&self, lock: &PgLock, names: &Names<'_>, moment: Option<Timestamp>) -> Wait {
        let waits_for_transaction = lock.locktype.as_deref() == Some("transactionid");
        let row =
            lock.pid.filter(|_| waits_for_transaction).and_then(|pid| self.rows.get(&pid)).map(|row| names.row(row));
        let statement = || lock.pid.and_then(|pid| self.processes.get(&pid)?.query_start);
        let since = lock.waitstart.or_else(statement);
        Wait {
            object: names.object(lock),
            row,
            locktype: lock.locktype.clone().unwrap_or_default(),
            mode: lock.mode.clone().unwrap_or_default(),
            time: moment.or(self.sessions.moment).zip(since).map(|(now, since)| time::since(now, since)),
            is_exact: lock.waitstart.is_some(),
        }
    }

    /// Who blocks this waiting lock, each once, and how.
    fn blockers(&self, lock: &PgLock, waiter: &Holder) -> BTreeMap<Holder, Link> {
        let mode = lock.mode.as_deref().unwrap_or_default();
        let mut blockers = BTreeMap::new();
        for pid in lock.blocked_by.iter().flatten() {
            if *pid != 0 {
                blockers.insert(self.holder(*pid), Link::Held);
                continue;
            }
            let of_object = self.prepared.get(&object(lock)).into_iter().flatten();
            let conflicting = of_object.filter(|holder| self.has_mode(lock, holder, mode, true));
            let before = blockers.len();
            blockers.extend(conflicting.map(|holder| (holder.clone(), Link::Held)));
            if blockers.len() == before {
                blockers.insert(Holder::Prepared(None), Link::Held);
            }
        }
        blockers.remove(waiter);
        for (holder, link) in &mut blockers {
            let (holds, awaits) = (self.has_mode(lock, holder, mode, true), self.has_mode(lock, holder, mode, false));
            if !holds && awaits {
                *link = Link::Queued;
            }
        }
        blockers
    }

    /// Whether `holder` holds or awaits the object of `lock` in a mode that conflicts with `mode`.
    fn has_mode(&self, lock: &PgLock, holder: &Holder, mode: &str, granted: bool) -> bool {
        let modes = self.modes.get(&(object(lock), holder.clone()));
        modes.into_iter().flatten().any(|(other, is)| *is == granted && mode::conflict(mode, other))
    }
}

/// The transaction ids of prepared transactions by the virtual ids that their locks show.
fn prepared_ids(locks: &[PgLock]) -> BTreeMap<&str, &str> {
    let of_prepared = locks.iter().filter(|lock| lock.pid.is_none());
    let own = of_prepared.clone().filter(|lock| lock.locktype.as_deref() == Some("transactionid"));
    let own = own.filter_map(|lock| Some((lock.virtualtransaction.as_deref()?, lock.transactionid.as_deref()?)));
    // After a restart the virtual id is made of the transaction id.
    let restored = of_prepared.filter_map(|lock| {
        let id = lock.virtualtransaction.as_deref()?;
        Some((id, id.strip_prefix("-1/")?))
    });
    restored.chain(own).collect()
}
