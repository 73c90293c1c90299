//! The registry's TOML: reading entries, and changing them so that everything else stays as the user wrote it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::visit_mut::{self, VisitMut};
use toml_edit::{Document, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::cluster::Cluster;
use super::dsn::Dsn;
use crate::failure::Failure;

/// The table that holds the entries.
const CLUSTERS: &str = "clusters";

/// What is wrong in the file, and at which byte.
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) failure: Failure,
}

/// All entries. Keys that pgdba does not know are passed over.
pub(super) fn read(document: &Document<&str>) -> Result<BTreeMap<String, Cluster>, Wrong> {
    let Some(item) = document.as_table().get(CLUSTERS) else { return Ok(BTreeMap::new()) };
    let clusters = item.as_table_like().ok_or_else(|| shape(item.span(), "clusters is not a table"))?;
    let entries = clusters.iter().map(|(name, entry)| {
        let at = clusters.key(name).and_then(|key| key.span());
        Ok((name.to_owned(), read_entry(name, entry, at)?))
    });
    entries.collect()
}

fn read_entry(name: &str, item: &Item, at: Option<Range<usize>>) -> Result<Cluster, Wrong> {
    let entry = item.as_table_like().ok_or_else(|| shape(item.span(), "a cluster is not a table"))?;
    let dsn = text(entry, "dsn")?.ok_or_else(|| shape(at.clone(), "a cluster has no dsn"))?;
    let dsn_at = entry.get("dsn").and_then(Item::span);
    let dsn = Dsn::new(&dsn).map_err(|failure| wrong(dsn_at, failure))?;
    let mut tags = BTreeMap::new();
    if let Some(item) = entry.get("tags") {
        let table = item.as_table_like().ok_or_else(|| shape(item.span(), "tags is not a table"))?;
        for (key, _) in table.iter() {
            tags.extend(text(table, key)?.map(|value| (key.to_owned(), value)));
        }
    }
    let (patroni, note) = (text(entry, "patroni")?, text(entry, "note")?);
    let cluster = Cluster { name: name.to_owned(), dsn, patroni, tags, note };
    cluster.check().map_err(|failure| wrong(at, failure))
}

fn text(table: &dyn TableLike, key: &str) -> Result<Option<String>, Wrong> {
    let Some(item) = table.get(key) else { return Ok(None) };
    let text = item.as_str().ok_or_else(|| shape(item.span(), "this value must be a text in quotes"))?;
    Ok(Some(text.to_owned()))
}

fn shape(at: Option<Range<usize>>, message: &str) -> Wrong {
    wrong(at, Failure::usage("config_broken", message, "Write [clusters.NAME] and below it dsn = \"…\"."))
}

fn wrong(at: Option<Range<usize>>, failure: Failure) -> Wrong {
    Wrong { at: at.map_or(0, |span| span.start), failure }
}

/// Writes an entry, over the one of the same name: keys that pgdba does not know and all comments stay.
pub(super) fn put(document: &mut DocumentMut, cluster: &Cluster) {
    let is_first = document.iter().next().is_none();
    let root = document.as_table_mut();
    let made = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let Some(clusters) = root.entry(CLUSTERS).or_insert_with(made).as_table_like_mut() else { return };
    if let Some(entry) = clusters.get_mut(&cluster.name).and_then(Item::as_table_like_mut) {
        return fill(entry, cluster);
    }
    let mut entry = Table::new();
    fill(&mut entry, cluster);
    entry.decor_mut().set_prefix(if is_first { "" } else { "\n" });
    clusters.insert(&cluster.name, Item::Table(entry));
}

fn fill(entry: &mut dyn TableLike, cluster: &Cluster) {
    set(entry, "dsn", Some(cluster.dsn.as_str().into()));
    set(entry, "patroni", cluster.patroni.as_deref().map(Value::from));
    match entry.get_mut("tags").and_then(Item::as_table_like_mut) {
        Some(tags) if !cluster.tags.is_empty() => {
            let gone: Vec<String> = tags.iter().map(|(key, _)| key.to_owned()).collect();
            gone.iter().filter(|key| !cluster.tags.contains_key(*key)).for_each(|key| set(tags, key, None));
            cluster.tags.iter().for_each(|(key, value)| set(tags, key, Some(value.into())));
        }
        _ => {
            let tags = cluster.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            let tags = InlineTable::from_iter(tags);
            set(entry, "tags", (!tags.is_empty()).then_some(Value::InlineTable(tags)));
        }
    }
    set(entry, "note", cluster.note.as_deref().map(Value::from));
}

/// Sets or removes a key. A comment behind its value stays; one above a removed key moves to the table's first key.
fn set(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    match (table.get_mut(key).map(Item::as_value_mut), value) {
        (Some(Some(old)), Some(mut new)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (_, Some(new)) => drop(table.insert(key, Item::Value(new))),
        (None, None) => {}
        (Some(_), None) => {
            let above = above_key(table, key);
            table.remove(key);
            let first = table.iter().next().map(|(first, _)| first.to_owned());
            if let Some(mut first) = first.and_then(|first| table.key_mut(&first)).filter(|_| above.contains('#')) {
                let own = first.leaf_decor().prefix().and_then(|own| own.as_str()).unwrap_or_default().to_owned();
                first.leaf_decor_mut().set_prefix(above + &own);
            }
        }
    }
}

fn above_key(table: &dyn TableLike, key: &str) -> String {
    let prefix = table.key(key).and_then(|key| key.leaf_decor().prefix()).and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default().to_owned()
}

/// Removes an entry, and of the comments the one directly above it.
pub(super) fn remove(document: &mut DocumentMut, name: &str) {
    let whole = document.to_string();
    let Some(clusters) = document.get_mut(CLUSTERS).and_then(Item::as_table_like_mut) else { return };
    let above = match clusters.get(name) {
        Some(Item::Table(entry)) if !entry.is_dotted() => {
            entry.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned()
        }
        _ => above_key(clusters, name),
    };
    let position = clusters.remove(name).and_then(|item| item.as_table().and_then(Table::position));
    let stays = staying(&above, whole.starts_with(&above));
    if !stays.is_empty() {
        give_to_next(document, position, stays);
    }
}

/// What stays of the comments above an entry that goes: what a blank line parts from it, and the file's heading.
fn staying(above: &str, begins_file: bool) -> String {
    let lines: Vec<&str> = above.split_inclusive('\n').collect();
    let blank = lines.iter().rposition(|line| line.trim().is_empty()).map_or(0, |at| at + 1);
    let parted = lines.get(..blank).unwrap_or_default().concat();
    match (parted.contains('#'), begins_file && above.contains('#')) {
        (true, _) => parted,
        (false, true) => format!("{above}\n"),
        (false, false) => String::new(),
    }
}

/// Puts comments above the first table after `position`, or at the end of the file.
fn give_to_next(document: &mut DocumentMut, position: Option<isize>, comments: String) {
    let mut next = Next { after: position.unwrap_or(isize::MIN), least: None, comments: None };
    next.visit_document_mut(document);
    if next.least.is_none() {
        let own = document.trailing().as_str().unwrap_or_default().to_owned();
        return document.set_trailing(comments + &own);
    }
    next.comments = Some(comments);
    next.visit_document_mut(document);
}

/// First finds the next table, then, with comments in hand, hands them to it.
struct Next {
    after: isize,
    least: Option<isize>,
    comments: Option<String>,
}

impl VisitMut for Next {
    fn visit_table_mut(&mut self, table: &mut Table) {
        let position = table.position().filter(|at| *at > self.after && !table.is_implicit() && !table.is_dotted());
        if let Some(at) = position {
            if self.least.is_none_or(|least| at < least) {
                self.least = Some(at);
            }
            if let Some(comments) = self.comments.take_if(|_| self.least == Some(at)) {
                let own = table.decor().prefix().and_then(|own| own.as_str()).unwrap_or_default().to_owned();
                // One blank line between the two is enough.
                let own = own.strip_prefix('\n').unwrap_or(&own);
                table.decor_mut().set_prefix(comments + own);
            }
        }
        visit_mut::visit_table_mut(self, table);
    }
}

/// The text of a changed document; it begins with a blank line only if it did so before.
pub(super) fn text_of(document: &DocumentMut, before: &str) -> String {
    let text = document.to_string();
    if before.starts_with(['\n', '\r']) { text } else { text.trim_start_matches('\n').to_owned() }
}
