//! Whether indexes are scanned, on all nodes of the cluster of which a snapshot was given.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pgdba_pg::{Millis, display};

use crate::facts::View;
use crate::facts::counters::Counters;
use crate::facts::databases::Databases;
use crate::facts::foreign_keys::ForeignKey;
use crate::facts::indexes::Index;
use crate::facts::tables::Table;
use crate::facts::time::age;
use crate::format::{Checked, NotAssessed};

/// The file name of WAL of a server that was never promoted begins with this timeline.
const FIRST_TIMELINE: &str = "00000001";

/// An oid in its database.
type Key<'a> = (Option<&'a str>, i64);

/// Scans of indexes on the primary and on the nodes given beside it.
#[derive(Debug)]
pub struct IndexUse<'a> {
    now: Timestamp,
    counters: &'a Counters,
    databases: &'a Databases,
    /// The database that was read, where the snapshot does not name those of its relations.
    database: Option<&'a str>,
    /// Whether it has always been a primary, so that its counters have counted the scans of its whole workload.
    was_always_primary: bool,
    nodes: Vec<Node<'a>>,
    /// Standbys that are connected; none if the role cannot see them.
    standbys: Option<usize>,
    tables: BTreeMap<Key<'a>, &'a Table>,
    /// The tables that have an index that is scanned.
    found: BTreeSet<Key<'a>>,
    /// The indexes without which no index finds the rows of some foreign key.
    sole: BTreeSet<Key<'a>>,
}

/// Another node of the cluster.
#[derive(Debug)]
struct Node<'a> {
    now: Timestamp,
    indexes: BTreeMap<Key<'a>, &'a Index>,
    databases: &'a Databases,
    database: Option<&'a str>,
    start: Option<Timestamp>,
    is_standby: bool,
}

impl<'a> IndexUse<'a> {
    /// The scans that a view shows.
    ///
    /// # Errors
    /// It is of a standby, or facts are missing.
    pub fn of(view: &View<'a>) -> Checked<Self> {
        view.require_primary("count the scans on its primary")?;
        let wal_file = view.wal()?.position.wal_file.as_deref();
        let nodes: Vec<Node<'a>> = view.nodes().map(|node| Node::of(&node)).collect::<Checked<_>>()?;
        Ok(Self {
            now: view.now()?,
            counters: view.counters()?,
            databases: view.databases()?,
            database: view.system()?.current_database.as_deref(),
            was_always_primary: wal_file.is_some_and(|file| file.starts_with(FIRST_TIMELINE)),
            nodes: once_each(nodes, view.system()?.start_time),
            standbys: standbys(view)?,
            tables: view.tables()?.all.iter().map(|table| ((table.name.database(), table.oid), table)).collect(),
            found: view.indexes()?.iter().filter(|index| index.idx_scan > Some(0)).map(table_key).collect(),
            sole: view.foreign_keys()?.iter().flat_map(ForeignKey::sole_indexes).collect(),
        })
    }

    /// How long an index has not been scanned on any node; zero if it was just now.
    ///
    /// # Errors
    /// The scans or the age of their counters are unknown.
    pub fn idle(&self, index: &Index) -> Checked<Millis> {
        let here = idle(index, self.since(index.name.database()), self.now)?;
        let there = self.nodes.iter().filter_map(|node| node.idle(self.named(index), index));
        there.collect::<Checked<Vec<Millis>>>().map(|there| there.into_iter().fold(here, shorter))
    }

    /// The database of an index, also where the snapshot is of one that it does not name.
    fn named<'i>(&self, index: &'i Index) -> Option<&'i str>
    where
        'a: 'i,
    {
        index.name.database().or(self.database)
    }

    /// Whether an index was not scanned on any node since the counters were reset.
    #[must_use]
    pub fn is_unscanned(&self, index: &Index) -> bool {
        self.scans(index) == Some(0)
    }

    /// The scans of an index on all nodes; none if those on the primary are unknown.
    #[must_use]
    pub fn scans(&self, index: &Index) -> Option<i64> {
        let there = self.nodes.iter().filter_map(|node| node.same(self.named(index), index)?.idx_scan);
        Some(there.fold(index.idx_scan?, i64::saturating_add))
    }

    /// The standbys on which an index might be scanned without that being known: how many, or at least one if the role cannot
    /// see them.
    #[must_use]
    pub fn unknown_standbys(&self, index: &Index) -> usize {
        let known =
            self.nodes.iter().filter(|node| node.is_standby && node.same(self.named(index), index).is_some()).count();
        self.standbys.map_or(1, |standbys| standbys.saturating_sub(known))
    }

    /// Why it is unknown whether an index is used that was not scanned for so long: its counters are too young.
    #[must_use]
    pub fn young(index: &Index, idle: Millis) -> NotAssessed {
        let age = display::duration(idle);
        NotAssessed::because(format!("{} was not scanned, but the counters are only {age} old", index.name))
    }

    /// Whether an index is the only one that finds the rows of a foreign key.
    #[must_use]
    pub fn serves_foreign_key(&self, index: &Index) -> bool {
        self.sole.contains(&(index.name.database(), index.catalog.indexrelid))
    }

    /// Whether its table is read: the indexes of an archive that nobody reads say nothing. A partitioned table has no counters.
    #[must_use]
    pub fn is_table_read(&self, index: &Index) -> bool {
        let is_scanned = |table: &&Table| {
            table.is_partitioned() || table.stat.as_deref().is_some_and(|stat| stat.seq_scan > Some(0))
        };
        self.found.contains(&table_key(index)) || self.table(index).as_ref().is_some_and(is_scanned)
    }

    /// The table of an index.
    #[must_use]
    pub fn table(&self, index: &Index) -> Option<&'a Table> {
        self.tables.get(&table_key(index)).copied()
    }

    /// Since when the counters of a database count on the primary, at least; none if that is unknown.
    #[must_use]
    pub fn since(&self, database: Option<&str>) -> Option<Timestamp> {
        // What a table's counters remember happened on a primary. Their reset may have been on a standby that was promoted since.
        let remembered = self.counters.since(database);
        let named = database.or(self.database);
        let counted = self.databases.reset(named).filter(|_| self.was_always_primary);
        match (remembered, counted) {
            (Some(remembered), Some(counted)) => Some(remembered.min(counted)),
            (remembered, counted) => remembered.or(counted),
        }
    }
}

impl<'a> Node<'a> {
    fn of(view: &View<'a>) -> Checked<Self> {
        let system = view.system()?;
        let database = system.current_database.as_deref();
        let key = |index: &'a Index| (index.name.database().or(database), index.catalog.indexrelid);
        Ok(Self {
            now: view.now()?,
            indexes: view.indexes()?.iter().map(|index| (key(index), index)).collect(),
            databases: view.databases()?,
            database,
            start: system.start_time,
            is_standby: system.is_in_recovery == Some(true),
        })
    }

    /// An index of this database, where the snapshot of the node has the same.
    fn same(&self, database: Option<&str>, index: &Index) -> Option<&'a Index> {
        let same = self.indexes.get(&(database, index.catalog.indexrelid)).copied()?;
        let name = |index: &Index| (index.name.schema().to_owned(), index.name.bare().to_owned());
        (name(same) == name(index)).then_some(same)
    }

    /// How long it has not been scanned on this node; none where the snapshot of the node does not have it.
    fn idle(&self, database: Option<&str>, index: &Index) -> Option<Checked<Millis>> {
        let same = self.same(database, index)?;
        let named = same.name.database().or(self.database);
        Some(idle(same, self.databases.scanned_since(named, self.start), self.now))
    }
}

/// How long an index has not been scanned by its own counters, which have counted since `since`.
fn idle(index: &Index, since: Option<Timestamp>, now: Timestamp) -> Checked<Millis> {
    let unknown = |what: &str| NotAssessed::because(format!("{what} of {} is unknown", index.name));
    let idle_since = match index.idx_scan {
        None => return Err(unknown("the number of scans")),
        Some(0) => since.ok_or_else(|| unknown("the age of the counters"))?,
        // Before version 16 the server does not keep the time of the last scan.
        Some(_) => index.last_idx_scan.unwrap_or(now),
    };
    Ok(age(now, idle_since).unwrap_or(Millis(0.0)))
}

/// Each other node once, by its newest snapshot: no two servers start in the same microsecond.
fn once_each(mut nodes: Vec<Node<'_>>, own_start: Option<Timestamp>) -> Vec<Node<'_>> {
    nodes.sort_by_key(|node| Reverse(node.now));
    let mut starts: BTreeSet<Timestamp> = own_start.into_iter().collect();
    nodes.retain(|node| node.start.is_none_or(|start| starts.insert(start)));
    nodes
}

fn table_key(index: &Index) -> Key<'_> {
    (index.name.database(), index.catalog.indrelid)
}

fn shorter(a: Millis, b: Millis) -> Millis {
    if b < a { b } else { a }
}

/// How many standbys are connected; none if the role cannot see them. Subscribers and programs that only store WAL do not
/// scan anything.
fn standbys(view: &View<'_>) -> Checked<Option<usize>> {
    let (senders, slots) = (view.senders()?, view.slots()?);
    let decodes = |pid: i64| slots.iter().any(|slot| slot.row.active_pid == Some(pid) && slot.is_logical());
    let Ok(followers) = senders.followers() else { return Ok(None) };
    let replays = followers.into_iter().filter(|sender| sender.row.replay_lsn.is_some() && !decodes(sender.row.pid));
    Ok(Some(replays.count()))
}
