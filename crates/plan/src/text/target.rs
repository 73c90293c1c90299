//! What the name of a node says of its target: ` using orders_pkey on shop.orders o`.

use super::balance::find_unquoted;
use crate::doc::{Doc, Id};
use crate::error::ReadError;

/// What a ModifyTable and a Foreign Scan are named after.
pub(super) const OPERATIONS: [&str; 4] = ["Insert", "Update", "Delete", "Merge"];

/// The target of a node; its names without quotes.
#[derive(Debug, Default)]
pub(super) struct Target {
    index: Option<String>,
    schema: Option<String>,
    name: Option<String>,
    alias: Option<String>,
    /// The key of `name` in the JSON form; none where the node has an alias only.
    key: Option<&'static str>,
}

impl Target {
    /// Reads ` using … on …`; none if it is something else.
    pub(super) fn parse(node_type: &str, text: &str) -> Option<Self> {
        let mut target = Self { key: key_of(node_type), ..Self::default() };
        let mut rest = text;
        if let Some(using) = rest.strip_prefix(" using ") {
            let cut = find_unquoted(using, |rest| rest.starts_with(" on "))?;
            let (index, behind) = using.split_at_checked(cut)?;
            target.index = Some(unquoted(index));
            rest = behind;
        }
        let mut parts = split_unquoted(rest.strip_prefix(" on ")?, ' ').into_iter();
        let name = parts.next().filter(|name| !name.is_empty())?;
        let (schema, name) = match find_unquoted(name, |rest| rest.starts_with('.')) {
            Some(dot) => (name.get(..dot).map(unquoted), unquoted(name.get(dot + 1..).unwrap_or_default())),
            None => (None, unquoted(name)),
        };
        target.alias = Some(parts.next().map_or_else(|| name.clone(), unquoted));
        (target.schema, target.name) = (schema, Some(name));
        parts.next().is_none().then_some(target)
    }

    /// Writes it as members of a node, or of a table of a ModifyTable.
    pub(super) fn write(&self, doc: &mut Doc<'_>, node: Id) -> Result<(), ReadError> {
        let index_only = self.key == Some("Index Name");
        let members = [
            ("Index Name", &self.index),
            ("Schema", &self.schema),
            (self.key.unwrap_or_default(), &self.name),
            ("Alias", if index_only { &None } else { &self.alias }),
        ];
        for (key, value) in members.into_iter().filter(|(key, _)| !key.is_empty()) {
            if let Some(value) = value {
                doc.text_in(node, key, value.clone())?;
            }
        }
        Ok(())
    }
}

fn key_of(node_type: &str) -> Option<&'static str> {
    match node_type {
        "CTE Scan" | "WorkTable Scan" => Some("CTE Name"),
        "Function Scan" => Some("Function Name"),
        "Table Function Scan" => Some("Table Function Name"),
        "Values Scan" | "Subquery Scan" => None,
        "Bitmap Index Scan" => Some("Index Name"),
        _ => Some("Relation Name"),
    }
}

/// `Update on part_1`, `Foreign Delete on remote r`: the table.
pub(super) fn of_modification(line: &str) -> Option<Target> {
    let word = line.strip_prefix("Foreign ").unwrap_or(line);
    let operation = OPERATIONS.into_iter().find(|operation| word.starts_with(operation))?;
    let length = line.len() - word.len() + operation.len();
    Target::parse("ModifyTable", line.get(length..)?)
}

/// An identifier as it is, without its quotes.
pub(super) fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

/// The parts between `separator` outside double quotes.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(cut) = find_unquoted(rest, |rest| rest.starts_with(separator)) {
        parts.extend(rest.get(..cut));
        rest = rest.get(cut + separator.len_utf8()..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}
