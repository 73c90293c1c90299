//! What each database does.

use pgdba_pg::{Bytes, Ratio, display};
use pgdba_snapshot::sections::pg_stat_database;
use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;

use super::{Topic, View, largest_first, number_of};
use crate::{Detail, Facts, Quantity};

/// Databases by commits.
pub static TOPIC: Topic =
    Topic { name: "databases", title: "Databases", needs: &[&pg_stat_database::SPEC], show };

fn show(facts: &Facts) -> View {
    let named = facts.databases.iter().filter(|database| database.datname.is_some());
    let mut databases: Vec<&PgStatDatabase> = named.collect();
    largest_first(&mut databases, |database| database.xact_commit);
    let columns =
        ["database", "sessions now", "commits", "rollbacks", "found in cache", "temp written", "deadlocks", "counted since"];
    View {
        lead: format!("{}.", display::counted(number_of(&databases), "database", "databases")),
        details: vec![Detail::table("Databases by commits", &columns, databases.iter().map(row))],
    }
}

fn row(database: &&PgStatDatabase) -> Vec<Quantity> {
    let pages = database.blks_hit.zip(database.blks_read).map(|(hit, read)| (hit, hit.saturating_add(read)));
    vec![
        database.datname.clone().into(),
        database.numbackends.into(),
        database.xact_commit.into(),
        database.xact_rollback.into(),
        pages.filter(|(_, all)| *all > 0).map(|(hit, all)| Ratio::of(hit, all)).into(),
        database.temp_bytes.map(Bytes).into(),
        database.deadlocks.into(),
        database.stats_reset.into(),
    ]
}
