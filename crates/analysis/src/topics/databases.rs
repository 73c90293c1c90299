//! Activity of each database.

use pgdba_pg::{Bytes, Ratio, display};
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::databases::Databases;
use crate::facts::growth::{Growth, Sampled};
use crate::facts::{View, declared};
use crate::{Block, Checked, Quantity, Table};

/// Databases by commits.
pub static TOPIC: Topic = Topic { name: "databases", title: "Databases", reads: &[&declared::databases], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let Databases { all, sampled, .. } = view.databases()?;
    let mut databases: Vec<&(PgStatDatabase, Growth<PgStatDatabase>)> =
        all.iter().filter(|(database, _)| database.datname.is_some()).collect();
    largest_first(&mut databases, |(database, _)| database.xact_commit);
    let columns = [
        ("database", "database"),
        ("sessions", "sessions"),
        ("commits", "commits"),
        ("rollbacks", "rollbacks"),
        ("cache_hit", "cache hit"),
        ("temporary_files", "temporary files"),
        ("deadlocks", "deadlocks"),
        ("counted_since", "statistics reset"),
    ];
    Ok(Shown {
        lead: format!("{}.", display::counted(number_of(&databases), "database", "databases")),
        blocks: std::iter::once(Block::Table(Table::new("Databases by commits", &columns, databases.iter().map(row))))
            .chain(sampled.iter().flat_map(|sampled| in_window(sampled, &databases)))
            .collect(),
    })
}

/// What happened in the window of a delta.
fn in_window(sampled: &Sampled, databases: &[&(PgStatDatabase, Growth<PgStatDatabase>)]) -> [Block; 2] {
    let columns = [
        ("database", "database"),
        ("commits", "commits"),
        ("rollbacks", "rollbacks"),
        ("rows_written", "rows written"),
        ("blocks_read", "blocks read"),
    ];
    let rows = databases.iter().map(|(database, growth)| {
        vec![
            database.datname.clone().into(),
            growth.per_second(|row| row.xact_commit),
            growth.per_second(|row| row.xact_rollback),
            growth.per_second(|row| Some(row.tup_inserted?.saturating_add(row.tup_updated?).saturating_add(row.tup_deleted?))),
            growth.per_second(|row| row.blks_read),
        ]
    });
    let table = Table::new(format!("Rates over the {} of the delta", sampled.words()), &columns, rows);
    [Block::Table(table), Block::List { items: sampled.notes("database", "databases") }]
}

fn row((database, _): &&(PgStatDatabase, Growth<PgStatDatabase>)) -> Vec<Quantity> {
    let pages = database.blks_hit.zip(database.blks_read).map(|(hit, read)| (hit, hit.saturating_add(read)));
    vec![
        database.datname.clone().into(),
        database.numbackends.into(),
        database.xact_commit.into(),
        database.xact_rollback.into(),
        pages.and_then(|(hit, all)| Ratio::of(hit, all)).into(),
        database.temp_bytes.map(Bytes).into(),
        database.deadlocks.into(),
        database.stats_reset.into(),
    ]
}
