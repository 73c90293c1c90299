//! Activity of each database.

use pgdba_pg::{Bytes, Ratio, display};
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::{View, declared};
use crate::{Block, Checked, Quantity, Table};

/// Databases by commits.
pub static TOPIC: Topic = Topic { name: "databases", title: "Databases", reads: &[&declared::databases], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let named = view.databases()?.iter().filter(|database| database.datname.is_some());
    let mut databases: Vec<&PgStatDatabase> = named.collect();
    largest_first(&mut databases, |database| database.xact_commit);
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
        blocks: vec![Block::Table(Table::new("Databases by commits", &columns, databases.iter().map(row)))],
    })
}

fn row(database: &&PgStatDatabase) -> Vec<Quantity> {
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
