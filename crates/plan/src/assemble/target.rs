//! What a node reads or writes.

use super::value::{Field, put};
use crate::doc::{Doc, Id};
use crate::model::{Property, Target, TargetTable};

pub(super) fn take(target: &mut Target, key: &str, field: Field<'_>) -> bool {
    let place = match key {
        "Schema" => &mut target.schema,
        "Relation Name" => &mut target.relation,
        "Alias" => &mut target.alias,
        "Index Name" => &mut target.index,
        "CTE Name" => &mut target.cte,
        "Function Name" => &mut target.function,
        "Table Function Name" => &mut target.table_function,
        _ => return false,
    };
    put(place, field.string())
}

/// The tables of a ModifyTable.
pub(super) fn tables(doc: &Doc<'_>, list: Id) -> Vec<TargetTable> {
    let table = |table| {
        let mut read = TargetTable::default();
        for id in doc.children(table) {
            let (key, field) = (doc.key(id), Field { doc, id });
            if !take(&mut read.target, key, field) {
                read.other.push(property(doc, id));
            }
        }
        read
    };
    doc.children(list).filter(|table| doc.is_object(*table)).map(table).collect()
}

/// A member that has no field of its own.
pub(super) fn property(doc: &Doc<'_>, id: Id) -> Property {
    Property { key: doc.key(id).to_owned(), value: flat(doc, id) }
}

/// The texts of a value at any depth.
fn flat(doc: &Doc<'_>, id: Id) -> String {
    let mut texts = Vec::new();
    let mut waiting = vec![id];
    while let Some(id) = waiting.pop() {
        texts.extend(doc.text(id));
        let first = waiting.len();
        waiting.extend(doc.children(id));
        if let Some(children) = waiting.get_mut(first..) {
            children.reverse();
        }
    }
    texts.join(", ")
}
