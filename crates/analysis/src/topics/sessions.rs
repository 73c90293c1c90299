//! Who is connected and what they do.

use std::collections::BTreeMap;

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_stat_activity;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::{Topic, View, largest_first};
use crate::{Bar, Detail, Facts, Quantity};

/// Client sessions by state and by who holds them.
pub static TOPIC: Topic =
    Topic { name: "sessions", title: "Sessions", needs: &[&pg_stat_activity::SPEC], show };

fn show(facts: &Facts) -> View {
    let clients: Vec<&PgStatActivity> = facts.sessions.clients().collect();
    let states = counts(&clients, |client| client.state.clone().unwrap_or_else(|| "hidden".to_owned()));
    let bars = states.iter().map(|(state, count)| Bar::new(state.clone(), *count)).collect();
    let marks = facts.sessions.slots.map(|slots| Bar::new("slots", slots)).into_iter().collect();
    let mut holders: Vec<_> = counts(&clients, |client| {
        let word = |value: &Option<String>| value.clone().unwrap_or_default();
        [&client.datname, &client.usename, &client.application_name, &client.state].map(word)
    })
    .into_iter()
    .collect();
    largest_first(&mut holders, |(_, count)| *count);
    let rows = holders.into_iter().map(|(words, count)| {
        let mut row: Vec<Quantity> = words.into_iter().map(|word| Some(word).filter(|word| !word.is_empty()).into()).collect();
        row.push(count.into());
        row
    });
    View {
        lead: lead(i64::try_from(clients.len()).unwrap_or(i64::MAX), facts.sessions.slots),
        details: Detail::against("Client sessions by state", bars, marks)
            .into_iter()
            .chain([Detail::table(
                "Client sessions by who holds them",
                &["database", "role", "application", "state", "sessions"],
                rows,
            )])
            .collect(),
    }
}

fn lead(clients: i64, slots: Option<i64>) -> String {
    let sessions = display::counted(clients, "client session", "client sessions");
    match slots {
        Some(slots) => format!("{sessions} besides the collector's own, of {} slots.", display::count(slots)),
        None => format!("{sessions} besides the collector's own."),
    }
}

fn counts<K: Ord>(clients: &[&PgStatActivity], key: impl Fn(&PgStatActivity) -> K) -> BTreeMap<K, i64> {
    let mut counts = BTreeMap::new();
    for client in clients {
        *counts.entry(key(client)).or_default() += 1;
    }
    counts
}
