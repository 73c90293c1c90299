//! Grouping sets: repeated keys of an Aggregate, some below the sort that they need.

use std::borrow::Cow;

use super::balance::split_list;
use crate::doc::{Doc, Id, Value};
use crate::error::ReadError;

/// The keys of the Aggregates of a plan; what they mean is known only when all lines of a node were read.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    nodes: Vec<(Id, Vec<Line>)>,
}

#[derive(Debug)]
struct Line {
    key: &'static str,
    items: Vec<Cow<'static, str>>,
}

impl Grouping {
    /// Takes a line that is a key of an Aggregate.
    pub(super) fn takes(&mut self, doc: &Doc<'_>, node: Id, key: &str, value: &str) -> bool {
        let Some(key) = ["Sort Key", "Group Key", "Hash Key"].into_iter().find(|known| *known == key) else {
            return false;
        };
        if doc.get(node, "Node Type").and_then(|id| doc.text(id)) != Some("Aggregate") {
            return false;
        }
        let items = if value == "()" { Vec::new() } else { split_list(value) };
        match self.nodes.last_mut().filter(|(last, _)| *last == node) {
            Some((_, lines)) => lines.push(Line { key, items }),
            None => self.nodes.push((node, vec![Line { key, items }])),
        }
        true
    }

    /// Writes all of them as members of their nodes.
    pub(super) fn write(&mut self, doc: &mut Doc<'_>) -> Result<(), ReadError> {
        self.nodes.drain(..).try_for_each(|(node, lines)| write(doc, node, lines))
    }
}

fn write(doc: &mut Doc<'_>, node: Id, mut lines: Vec<Line>) -> Result<(), ReadError> {
    if let [Line { key: "Group Key", items }] = lines.as_mut_slice()
        && !items.is_empty()
    {
        return doc.list_in(node, "Group Key", std::mem::take(items));
    }
    let sets = doc.push(Some(node), "Grouping Sets", Value::Array)?;
    let mut set = None;
    for line in lines {
        // Each hashed set is computed on its own; sorted ones share the order of their rows.
        let current = match set.filter(|_| line.key == "Group Key") {
            Some(current) => current,
            None => doc.push(Some(sets), "", Value::Object)?,
        };
        let (list, is_shared) = match line.key {
            "Sort Key" => {
                doc.list_in(current, "Sort Key", line.items)?;
                set = Some(current);
                continue;
            }
            "Hash Key" => ("Hash Keys", false),
            _ => ("Group Keys", true),
        };
        let lists = match doc.get(current, list) {
            Some(lists) => lists,
            None => doc.push(Some(current), list, Value::Array)?,
        };
        doc.list_in(lists, "", line.items)?;
        set = is_shared.then_some(current);
    }
    Ok(())
}
