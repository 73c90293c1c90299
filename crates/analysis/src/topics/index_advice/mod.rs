//! Which indexes to create, rebuild and drop, and for which tables none is advised.

mod shown;
mod sources;

use std::collections::BTreeSet;

use pgdba_pg::display;
use serde::Serialize;

use super::{Reply, Shown, Topic, largest_first};
use crate::engine::index_use::IndexUse;
use crate::facts::relation::RelationName;
use crate::facts::tables::Table;
use crate::facts::time::age;
use crate::facts::{View, declared};
use crate::{Checked, NotAssessed, Severity};

/// The rows below which reading a whole table is as fast as using an index.
pub const MIN_ROWS: i64 = 10_000;

/// Suggestions for indexes.
pub static TOPIC: Topic = Topic {
    name: "index_advice",
    title: "Index advice",
    reads: &[
        &declared::indexes,
        &declared::invalid_indexes,
        &declared::tables,
        &declared::foreign_keys,
        &declared::wholly_read,
        &declared::bloat,
        &declared::surroundings,
        &declared::system,
        &declared::wal,
        &declared::counters,
        &declared::databases,
        &declared::senders,
        &declared::slots,
    ],
    show,
};

/// What `query index-suggest` is about.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only this table: its name, or schema and name.
    pub table: Option<String>,
    /// Nothing is created for a table with fewer rows.
    pub min_rows: i64,
    /// At most so many suggestions; all for programs and the first for people if it is not given.
    pub limit: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { table: None, min_rows: MIN_ROWS, limit: None }
    }
}

impl Options {
    fn is_about(&self, table: &RelationName) -> bool {
        self.table.as_ref().is_none_or(|name| table.is_called(name))
    }
}

/// What to do with an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Create one on these columns.
    Create,
    /// Find the columns on which to create one, from the statements that read the table.
    Examine,
    /// Rebuild it.
    Rebuild,
    /// Drop it.
    Drop,
}

/// A suggestion.
#[derive(Debug, Clone, Serialize)]
pub struct Suggestion {
    /// What to do.
    pub action: Action,
    /// What suggests it: the name of a rule.
    pub source: &'static str,
    /// How urgent it is.
    pub severity: Severity,
    /// The database, if the snapshot contains which.
    pub database: Option<String>,
    /// The schema of the table, and of the index.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The index; none if it has to be created.
    pub index: Option<String>,
    /// The columns on which to create it.
    pub columns: Vec<String>,
    /// Why, in one or two sentences.
    pub reason: String,
    /// The size of the index, or of the table for which one is created or examined.
    pub bytes: Option<i64>,
    /// The rows of the table for which an index is created or examined.
    pub rows: Option<i64>,
    /// Scans of the index on all nodes given, or sequential scans of the table for which one is created or examined.
    pub scans: Option<i64>,
    /// The age of the counters in seconds, where they decide: the index was not scanned for so long, or the table was scanned so often
    /// in this time.
    pub counted_seconds: Option<f64>,
    /// Connected standbys on which the index might be scanned without that being known.
    pub unknown_standbys: usize,
    /// The statements that do it.
    pub sql: Option<String>,
    #[serde(skip)]
    label: String,
    #[serde(skip)]
    table_label: String,
}

/// A table for which no index is advised.
#[derive(Debug, Clone, Serialize)]
pub struct Unadvised {
    /// The database, if the snapshot contains which.
    pub database: Option<String>,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: Option<i64>,
    /// Why.
    pub reason: String,
    #[serde(skip)]
    label: String,
}

/// What could not be suggested.
#[derive(Debug, Clone, Serialize)]
pub struct Missing {
    /// What would have suggested it: the name of a rule.
    pub source: &'static str,
    /// Why it could not.
    pub reason: String,
}

/// Since when the counters of a database count.
#[derive(Debug, Clone, Serialize)]
pub struct Counted {
    /// The database; none if the snapshot does not name those of its relations.
    pub database: Option<String>,
    /// Since when they count at least, in RFC 3339; none if that is unknown.
    pub since: Option<String>,
    /// How long that is, in seconds.
    pub seconds: Option<f64>,
}

/// The data of `query index-suggest`.
#[derive(Debug, Serialize)]
pub struct IndexAdvice {
    /// What to do, by action, the most urgent and largest first.
    pub suggestions: Vec<Suggestion>,
    /// Tables for which no index is advised although a foreign key lacks one, or that were asked for.
    pub unadvised: Vec<Unadvised>,
    /// What could not be suggested.
    pub not_assessed: Vec<Missing>,
    /// The age of the statistics.
    pub counted: Vec<Counted>,
}

fn show(view: &View<'_>) -> Checked<Shown> {
    Ok(reply(view, &Options::default())?.shown)
}

/// The suggestions.
///
/// # Errors
/// The catalog is missing, or there is no such table.
pub fn reply(view: &View<'_>, options: &Options) -> Checked<Reply<IndexAdvice>> {
    let tables = &view.tables()?.all;
    let is_meant = |table: &&Table| table.is_own() && options.is_about(&table.name);
    if let (Some(name), None) = (&options.table, tables.iter().find(is_meant)) {
        return Err(NotAssessed::because(format!("table \"{name}\" does not exist in the snapshot")));
    }
    let (mut suggestions, mut not_assessed) = (Vec::new(), Vec::new());
    for source in &sources::SOURCES {
        match (source.find)(view, options) {
            Ok(found) => suggestions.extend(found),
            Err(missing) => not_assessed.push(Missing { source: source.rule.name, reason: missing.reason }),
        }
    }
    let unadvised = unadvised(view, options, &suggestions)?;
    let suggestions = ranked(suggestions);
    let mut advice = IndexAdvice { suggestions, unadvised, not_assessed, counted: counted(view)? };
    let shown = shown::shown(&advice, options.limit);
    advice.suggestions.truncate(options.limit.unwrap_or(usize::MAX));
    Ok(Reply { shown, data: advice })
}

/// By action, severity and size; an index is in it once, with what suggests it first.
fn ranked(mut suggestions: Vec<Suggestion>) -> Vec<Suggestion> {
    let mut seen = BTreeSet::new();
    suggestions.retain(|suggestion| suggestion.index.is_none() || seen.insert(suggestion.label.clone()));
    largest_first(&mut suggestions, |suggestion| (suggestion.severity, suggestion.bytes));
    suggestions.sort_by_key(|suggestion| suggestion.action);
    suggestions
}

/// The tables for which no index is advised: those with a foreign key that lacks one, and the one that was asked for.
fn unadvised(view: &View<'_>, options: &Options, suggestions: &[Suggestion]) -> Checked<Vec<Unadvised>> {
    let lacks = |key: &&crate::facts::foreign_keys::ForeignKey| !key.is_partial() && key.unindexed().next().is_some();
    let lacking: BTreeSet<&RelationName> =
        view.foreign_keys()?.iter().filter(lacks).map(|key| &key.constraint.table).collect();
    let creating = suggestions.iter().filter(|suggestion| suggestion.action <= Action::Examine);
    let creating: BTreeSet<&str> = creating.map(|suggestion| suggestion.table_label.as_str()).collect();
    let creates = |table: &Table| creating.contains(table.name.to_string().as_str());
    let is_named = |table: &Table| options.table.is_some() || lacking.contains(&table.name);
    let tables = view.tables()?.all.iter().filter(|table| table.is_own() && options.is_about(&table.name));
    let tables = tables.filter(|table| is_named(table) && !creates(table));
    Ok(tables.map(|table| without_advice(table, options.min_rows)).collect())
}

fn without_advice(table: &Table, min_rows: i64) -> Unadvised {
    let rows = table.rows();
    let reason = match rows {
        None => "its number of rows is unknown, because it was never analyzed".to_owned(),
        Some(rows) if rows < min_rows => format!(
            "it has {}, fewer than {}: reading it whole is as fast as using an index",
            display::counted(rows, "row", "rows"),
            display::count(min_rows)
        ),
        Some(_) => "every foreign key has an index, and it is not read mostly by sequential scans".to_owned(),
    };
    Unadvised {
        database: table.name.database().map(str::to_owned),
        schema: table.name.schema().to_owned(),
        table: table.name.bare().to_owned(),
        rows,
        reason,
        label: table.name.to_string(),
    }
}

/// Since when the counters of each database count; nothing on a standby.
fn counted(view: &View<'_>) -> Checked<Vec<Counted>> {
    let Ok(uses) = IndexUse::of(view) else { return Ok(Vec::new()) };
    let names: BTreeSet<Option<&str>> = view.tables()?.all.iter().map(|table| table.name.database()).collect();
    let now = view.now()?;
    let counted = names.into_iter().map(|database| {
        let since = uses.since(database);
        Counted {
            database: database.map(str::to_owned),
            since: since.map(|since| since.to_string()),
            seconds: since.and_then(|since| age(now, since)).map(|age| age.seconds()),
        }
    });
    Ok(counted.collect())
}
