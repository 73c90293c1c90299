//! What the tables that a statement names say of a change of its work.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::lexer::tokens;

use crate::diff::sides::Sides;
use crate::facts::growth::Growth;
use crate::facts::statements::{Statement, Touched, text};
use crate::facts::tables::Table;
use crate::format::{Subject, SubjectKind};
use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;

/// A change of work that counts if no table of the statement is written.
pub(super) const UNWRITTEN: f64 = 1.15;

/// The same if one is: bloat and updated rows change the pages that a scan reads.
pub(super) const WRITTEN: f64 = 1.3;

/// The same of a statement that writes itself.
const WRITES: f64 = 3.0;

/// A table that has this multiple of rows explains more work.
const GROWN: f64 = 1.15;

/// The tables of both snapshots.
pub(super) struct TablesOf<'a> {
    before: Option<Touched<'a>>,
    after: Option<Touched<'a>>,
    /// Indexes of the first snapshot that the second does not have, by table.
    dropped: BTreeMap<Subject, Vec<String>>,
}

/// What is known of the tables that a statement names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Named {
    /// Whether the statement writes, or a table that it names was written in one of the windows; none if it is unknown which it
    /// names.
    pub(super) is_written: Option<bool>,
    /// Whether the statement itself writes.
    pub(super) writes: bool,
    /// What changed about the tables, in words.
    pub(super) cause: Option<String>,
}

impl Named {
    /// The multiple of work per call from which a change counts, if the work is steady within the windows.
    pub(super) fn needed(&self, is_steady: bool) -> f64 {
        match self.is_written {
            _ if self.writes => WRITES,
            Some(false) => UNWRITTEN,
            None if is_steady => UNWRITTEN,
            Some(true) | None => WRITTEN,
        }
    }
}

impl<'a> TablesOf<'a> {
    pub(super) fn new(sides: &Sides<'a>) -> Self {
        let tables = |facts: &'a crate::Facts<'a>| facts.tables().ok().map(|tables| Touched::new(&tables.all));
        let is_comparable = sides.has_same_names();
        Self {
            before: tables(sides.before.facts),
            after: tables(sides.after.facts),
            dropped: if is_comparable { dropped_indexes(sides) } else { BTreeMap::new() },
        }
    }

    /// What is known of the tables that a statement names in both.
    pub(super) fn named_by(&self, before: &Statement, after: &Statement) -> Named {
        let touched = |tables: &Option<Touched<'a>>, statement: &Statement| {
            tables.as_ref().map(|tables| tables.by(statement)).unwrap_or_default()
        };
        let (then, now) = (touched(&self.before, before), touched(&self.after, after));
        let writes = writes(after);
        let text = after.row.query.as_deref().filter(|_| !after.is_hidden());
        let names_none = text.is_some_and(|text| text::relations(text).is_empty());
        let is_known = !now.is_empty() || names_none;
        let is_written = then.iter().chain(&now).any(|table| is_written(&table.growth));
        Named {
            is_written: if writes || is_written { Some(true) } else { is_known.then_some(false) },
            writes,
            cause: self.cause(&then, &now),
        }
    }

    fn cause(&self, then: &[&Table], now: &[&Table]) -> Option<String> {
        let dropped = then.iter().filter_map(|table| self.dropped.get(&table.name.subject(SubjectKind::Table)));
        let dropped: BTreeSet<&String> = dropped.flatten().collect();
        let dropped: Vec<&str> = dropped.into_iter().map(String::as_str).collect();
        let index = match dropped.as_slice() {
            [] => None,
            [index] => Some(format!("index {index} was dropped")),
            indexes => Some(format!("indexes {} were dropped", indexes.join(", "))),
        };
        let grown = now.iter().find_map(|table| {
            let former = then.iter().find(|former| former.name == table.name)?;
            let ratio = table.live_rows()? as f64 / former.live_rows().filter(|rows| *rows > 0)? as f64;
            (ratio >= GROWN).then(|| format!("table {} has {} times as many rows", table.name, words(ratio)))
        });
        index.or(grown)
    }
}

fn words(ratio: f64) -> String {
    crate::format::Quantity::Number(ratio).display()
}

/// Whether rows of a table were changed in the window of a delta.
fn is_written(growth: &Growth<PgStatUserTable>) -> bool {
    growth
        .row()
        .is_some_and(|row| [row.n_tup_ins, row.n_tup_upd, row.n_tup_del].into_iter().flatten().any(|rows| rows > 0))
}

/// Whether a statement writes. Behind WITH there may be any statement.
fn writes(statement: &Statement) -> bool {
    let text = statement.row.query.as_deref().unwrap_or_default();
    let is_with = text::first_word(text) == "with";
    let is_writing = |word: &str| ["insert", "update", "delete", "merge"].contains(&word);
    match is_with {
        true => tokens(text).any(|token| is_writing(&token.text.to_ascii_lowercase())),
        false => is_writing(&text::first_word(text)),
    }
}

fn dropped_indexes(sides: &Sides<'_>) -> BTreeMap<Subject, Vec<String>> {
    let (Ok(before), Ok(after)) = (sides.before.facts.indexes(), sides.after.facts.indexes()) else {
        return BTreeMap::new();
    };
    let kept: BTreeSet<Subject> = after.iter().map(|index| index.name.subject(SubjectKind::Index)).collect();
    let mut dropped = BTreeMap::<Subject, Vec<String>>::new();
    for index in before.iter().filter(|index| !kept.contains(&index.name.subject(SubjectKind::Index))) {
        dropped.entry(index.table.subject(SubjectKind::Table)).or_default().push(index.name.to_string());
    }
    dropped
}
