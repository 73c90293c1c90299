//! The rows of two samples, matched by their keys.

use std::collections::{BTreeMap, BTreeSet};

use super::Absence;
use crate::counter::KeyPart;
use crate::row::Row;
use crate::rows::Sample;
use crate::spec::Scope;

type Key<'r> = Vec<KeyPart<'r>>;

/// The rows of two samples of a section, matched by their keys.
pub(super) struct Matched<'r, R> {
    earlier: BTreeMap<Key<'r>, Found<'r, R>>,
    later: BTreeMap<Key<'r>, Found<'r, R>>,
    /// The databases of which the earlier sample has rows.
    databases: BTreeSet<KeyPart<'r>>,
    /// Whether the earlier sample holds only part of the server's rows.
    is_cut: bool,
}

/// What there is under a key.
enum Found<'r, R> {
    One(&'r R),
    Several,
}

impl<'r, R: Row> Matched<'r, R> {
    pub(super) fn new(later: &'r [R], earlier: &'r Sample<R>) -> Self {
        let databases = earlier.rows.iter().filter_map(|row| database::<R>(&row.key())).collect();
        Self { earlier: by_key(&earlier.rows), later: by_key(later), databases, is_cut: earlier.is_cut() }
    }

    /// The earlier sample of `row`.
    pub(super) fn earlier(&self, row: &'r R) -> Result<&'r R, Absence> {
        let key = row.key();
        if is_unknown::<R>(&key) || matches!(self.later.get(&key), Some(Found::Several)) {
            return Err(Absence::Unidentified);
        }
        match self.earlier.get(&key) {
            Some(Found::One(row)) => Ok(row),
            Some(Found::Several) => Err(Absence::Unidentified),
            None if database::<R>(&key).is_some_and(|datname| !self.databases.contains(&datname)) => {
                Err(Absence::NotRead)
            }
            None if self.is_cut => Err(Absence::NotKept),
            None => Err(Absence::New),
        }
    }

    /// The rows that only the earlier sample has, but for those of the databases `unread` later.
    pub(super) fn gone(&self, unread: &BTreeSet<&str>) -> Vec<R> {
        let is_unread = |key: &Key<'_>| match database::<R>(key) {
            Some(KeyPart::Text(datname)) => unread.contains(datname),
            _ => false,
        };
        let gone = self
            .earlier
            .iter()
            .filter(|(key, _)| !self.later.contains_key(*key) && !is_unknown::<R>(key) && !is_unread(key));
        let row = |(_, found)| match found {
            &Found::One(row) => Some(R::clone(row)),
            Found::Several => None,
        };
        gone.filter_map(row).collect()
    }
}

fn by_key<R: Row>(rows: &[R]) -> BTreeMap<Key<'_>, Found<'_, R>> {
    let mut found = BTreeMap::new();
    for row in rows {
        found.entry(row.key()).and_modify(|found| *found = Found::Several).or_insert(Found::One(row));
    }
    found
}

/// The database of a row, whose name the collector puts in front of the key.
fn database<'r, R: Row>(key: &Key<'r>) -> Option<KeyPart<'r>> {
    key.first().copied().filter(|_| R::SPEC.scope == Scope::Database)
}

/// Whether an identifier is hidden. The name of the database never is: only documents that a hand wrote lack it.
fn is_unknown<R: Row>(key: &Key<'_>) -> bool {
    let own = usize::from(R::SPEC.scope == Scope::Database);
    key.iter().skip(own).any(|part| *part == KeyPart::Unknown)
}
