//! How large indexes are and how much they are used.

use pgdba_pg::{Bytes, display};
use pgdba_snapshot::sections::{pg_class, pg_index, pg_stat_user_indexes};

use super::{Topic, View, largest_first, number_of};
use crate::facts::indexes::Index;
use crate::{Detail, Facts, Quantity};

/// Indexes by size.
pub static TOPIC: Topic = Topic {
    name: "indexes",
    title: "Indexes",
    needs: &[&pg_class::SPEC, &pg_index::SPEC, &pg_stat_user_indexes::SPEC],
    show,
};

fn show(facts: &Facts) -> View {
    let mut indexes: Vec<&Index> = facts.indexes.iter().collect();
    largest_first(&mut indexes, |index| index.size);
    let total = indexes.iter().filter_map(|index| index.size).fold(0, |sum: i64, size| sum.saturating_add(size.0));
    let idle = indexes.iter().filter(|index| index.idx_scan == Some(0)).count();
    let rows = indexes.iter().map(|index| row(index));
    let columns = ["index", "table", "size", "scans", "method", "needed by"];
    View {
        lead: format!(
            "{} of users, {}; no query used {} of them since the counters were reset.",
            display::counted(number_of(&indexes), "index", "indexes"),
            display::bytes(Bytes(total)),
            display::count(i64::try_from(idle).unwrap_or(i64::MAX)),
        ),
        details: vec![Detail::table("Indexes by size", &columns, rows)],
    }
}

fn row(index: &Index) -> Vec<Quantity> {
    let catalogue = &index.catalogue;
    let needed_by = match &catalogue.conname {
        Some(constraint) => format!("constraint {constraint}"),
        None if catalogue.indisvalid == Some(false) => "nothing: it is invalid".to_owned(),
        None if index.is_needed() => "the table".to_owned(),
        None => "queries".to_owned(),
    };
    vec![
        index.name.to_string().into(),
        index.table.to_string().into(),
        index.size.into(),
        index.idx_scan.into(),
        index.amname.clone().into(),
        needed_by.into(),
    ]
}
