//! Which tables a statement names.

use std::collections::BTreeMap;

use super::{Statement, text};
use crate::facts::tables::Table;
use crate::format::SubjectKind;

/// The tables of a snapshot by name, to find those that statements name.
#[derive(Debug)]
pub struct Touched<'a> {
    by_name: BTreeMap<&'a str, Vec<&'a Table>>,
}

impl<'a> Touched<'a> {
    /// The index of these tables.
    #[must_use]
    pub fn new(tables: &'a [Table]) -> Self {
        let mut by_name = BTreeMap::<&str, Vec<&Table>>::new();
        for table in tables.iter().filter(|table| table.is_own()) {
            by_name.entry(table.name.bare()).or_default().push(table);
        }
        Self { by_name }
    }

    /// The tables that the text of `statement` names. A name without a schema may be that of several: the search path is not
    /// known.
    #[must_use]
    pub fn by(&self, statement: &Statement) -> Vec<&'a Table> {
        let text = statement.row.query.as_deref().filter(|_| !statement.is_hidden()).unwrap_or_default();
        let database = statement.row.datname.as_deref();
        let mut found: Vec<&Table> = Vec::new();
        for named in text::relations(text) {
            let is_named = |table: &&&Table| {
                let schema = table.name.subject(SubjectKind::Table).schema;
                let is_there = table.name.database().zip(database).is_none_or(|(own, named)| own == named);
                is_there && named.schema.as_ref().is_none_or(|named| schema.as_ref() == Some(named))
            };
            found.extend(self.by_name.get(named.name.as_str()).into_iter().flatten().filter(is_named));
        }
        found
    }
}
