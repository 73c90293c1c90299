//! Who is connected and what they do.

use std::collections::BTreeMap;

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_stat_activity;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::{Topic, View, largest_first, number_of};
use crate::{Bar, Detail, Facts, NotAssessed, Quantity};

/// Client sessions by state and by who holds them.
pub static TOPIC: Topic =
    Topic { name: "sessions", title: "Sessions", needs: &[&pg_stat_activity::SPEC], show };

fn show(facts: &Facts) -> View {
    let clients: Vec<&PgStatActivity> = facts.sessions.clients().collect();
    match facts.sections.require_whole(&pg_stat_activity::SPEC) {
        Ok(()) => all(facts, &clients),
        Err(reason) => part(&clients, &reason),
    }
}

fn all(facts: &Facts, clients: &[&PgStatActivity]) -> View {
    let states = counts(clients, |client| client.state.clone().unwrap_or_else(|| "hidden".to_owned()));
    let bars = states.iter().map(|(state, count)| Bar::new(state.clone(), *count)).collect();
    let marks = facts.sessions.slots.map(|slots| Bar::new("slots", slots)).into_iter().collect();
    View {
        lead: lead(number_of(clients), facts.sessions.slots),
        details: Detail::against("Client sessions by state", bars, marks)
            .into_iter()
            .chain([holders("Client sessions by who holds them", clients)])
            .collect(),
    }
}

/// The server does not tell which of the hidden processes are clients, so nothing is counted and held against the slots.
fn part(clients: &[&PgStatActivity], NotAssessed(reason): &NotAssessed) -> View {
    let seen = match number_of(clients) {
        0 => String::new(),
        1 => " Besides the collector's own it sees 1.".to_owned(),
        seen => format!(" Besides the collector's own it sees {}.", display::count(seen)),
    };
    View {
        lead: format!(
            "How many client sessions there are and what they do is not told to the role that collected ({reason}).{seen}"
        ),
        details: vec![holders("Client sessions that the role sees, by who holds them", clients)],
    }
}

fn holders(caption: &str, clients: &[&PgStatActivity]) -> Detail {
    let mut holders: Vec<_> = counts(clients, |client| {
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
    Detail::table(caption, &["database", "role", "application", "state", "sessions"], rows)
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{analyze, example};

    fn view(processes: &[(Option<&str>, Option<&str>)], limited: Option<&str>) -> (String, Vec<Detail>) {
        let rows: Vec<Value> = processes.iter().map(|(kind, state)| json!([1, kind, state, "app"])).collect();
        let section = json!({ "available": true, "columns": ["pid", "backend_type", "state", "usename"], "rows": rows,
                              "limited": limited });
        let document = json!({ "pg_settings": [{ "name": "max_connections", "setting": "100" }], "pg_stat_activity": section });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &crate::Options::default());
        let topic = analysis.topics.into_iter().find(|topic| topic.name == "sessions").unwrap();
        (topic.lead, topic.details)
    }

    #[test]
    fn what_is_hidden_from_the_role_is_not_counted() {
        let limited = Some("needs membership in pg_read_all_stats");
        let hidden = (None, None);
        let (lead, details) = view(&[hidden, hidden], limited);
        let expected = "How many client sessions there are and what they do is not told to the role that collected \
                        (pg_stat_activity: needs membership in pg_read_all_stats).";
        assert_eq!(lead, expected);
        assert!(matches!(details.as_slice(), [Detail::Table { rows, .. }] if rows.is_empty()), "{details:?}");
        let own = (Some("client backend"), Some("idle"));
        let (lead, details) = view(&[hidden, own], limited);
        assert_eq!(lead, format!("{expected} Besides the collector's own it sees 1."));
        // No chart: the bars would be held against the slots.
        assert!(matches!(details.as_slice(), [Detail::Table { rows, .. }] if rows.len() == 1), "{details:?}");
    }

    #[test]
    fn what_the_role_sees_is_counted() {
        let (lead, details) = view(&[(Some("client backend"), Some("idle")), (Some("checkpointer"), None)], None);
        assert_eq!(lead, "1 client session besides the collector's own, of 100 slots.");
        assert!(matches!(details.as_slice(), [Detail::Chart(_), Detail::Table { .. }]), "{details:?}");
    }
}
