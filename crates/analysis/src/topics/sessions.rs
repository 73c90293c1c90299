//! Client sessions and their state.

use std::collections::BTreeMap;

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_stat_activity::PgStatActivity;

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::{View, declared};
use crate::{Bar, Bars, Block, Checked, NotAssessed, Quantity, Table};

/// Client sessions by state, and by database, role and application.
pub static TOPIC: Topic =
    Topic { name: "sessions", title: "Sessions", reads: &[&declared::visible_sessions], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let sessions = view.visible_sessions()?;
    let clients: Vec<&PgStatActivity> = sessions.clients().collect();
    Ok(match &sessions.hidden {
        None => all(&clients, sessions.slots),
        Some(reason) => part(&clients, reason),
    })
}

fn all(clients: &[&PgStatActivity], slots: Option<i64>) -> Shown {
    let states = counts(clients, |client| client.state.clone().unwrap_or_else(|| "hidden".to_owned()));
    let figures = states.iter().map(|(state, count)| (state, (*count).into()));
    let marks = slots.map(|slots| Bar::new("connection slots", slots)).into_iter().collect();
    Shown {
        lead: lead(number_of(clients), slots),
        blocks: Bars::against("Client sessions by state", figures, String::clone, marks)
            .map(Block::from)
            .into_iter()
            .chain([owners("Client sessions by application", clients)])
            .collect(),
    }
}

/// The server does not show which of the hidden processes are clients, so they are not compared with the slots.
fn part(clients: &[&PgStatActivity], NotAssessed { reason, .. }: &NotAssessed) -> Shown {
    let seen = match number_of(clients) {
        0 => String::new(),
        seen => format!(" It can see {} besides the collector's own.", sessions(seen)),
    };
    Shown {
        lead: format!("The collecting role cannot see other roles' sessions ({reason}).{seen}"),
        blocks: vec![owners("Visible client sessions by application", clients)],
    }
}

fn owners(caption: &str, clients: &[&PgStatActivity]) -> Block {
    let mut owners: Vec<_> = counts(clients, |client| {
        let word = |value: &Option<String>| value.clone().unwrap_or_default();
        [&client.datname, &client.usename, &client.application_name, &client.state].map(word)
    })
    .into_iter()
    .collect();
    largest_first(&mut owners, |(_, count)| *count);
    let rows = owners.into_iter().map(|(words, count)| {
        let mut row: Vec<Quantity> = words.into_iter().map(|word| Some(word).filter(|word| !word.is_empty()).into()).collect();
        row.push(count.into());
        row
    });
    let columns = [
        ("database", "database"),
        ("role", "role"),
        ("application", "application"),
        ("state", "state"),
        ("sessions", "sessions"),
    ];
    Block::Table(Table::new(caption, &columns, rows))
}

fn lead(clients: i64, slots: Option<i64>) -> String {
    let sessions = sessions(clients);
    match slots {
        Some(slots) => format!("{sessions} besides the collector's own, of {} connection slots.", display::count(slots)),
        None => format!("{sessions} besides the collector's own."),
    }
}

fn sessions(count: i64) -> String {
    display::counted(count, "client session", "client sessions")
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

    fn view(processes: &[(Option<&str>, Option<&str>)], limited: Option<&str>) -> (String, Vec<Block>) {
        let rows: Vec<Value> = processes.iter().map(|(kind, state)| json!([1, kind, state, "app"])).collect();
        let section = json!({ "available": true, "columns": ["pid", "backend_type", "state", "usename"], "rows": rows,
                              "limited": limited });
        let document = json!({ "pg_settings": [{ "name": "max_connections", "setting": "100" }], "pg_stat_activity": section });
        let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &crate::Options::default());
        let topic = analysis.topics.into_iter().find(|topic| topic.name == "sessions").unwrap();
        (topic.lead, topic.blocks)
    }

    #[test]
    fn hidden_sessions_are_not_counted() {
        let limited = Some("needs membership in pg_read_all_stats");
        let hidden = (None, None);
        let (lead, details) = view(&[hidden, hidden], limited);
        let expected = "The collecting role cannot see other roles' sessions \
                        (pg_stat_activity: needs membership in pg_read_all_stats).";
        assert_eq!(lead, expected);
        assert!(matches!(details.as_slice(), [Block::Table(table)] if table.rows.is_empty()), "{details:?}");
        let own = (Some("client backend"), Some("idle"));
        let (lead, details) = view(&[hidden, own], limited);
        assert_eq!(lead, format!("{expected} It can see 1 client session besides the collector's own."));
        // No chart: the bars would be compared with the slots.
        assert!(matches!(details.as_slice(), [Block::Table(table)] if table.rows.len() == 1), "{details:?}");
    }

    #[test]
    fn visible_sessions_are_counted() {
        let (lead, details) = view(&[(Some("client backend"), Some("idle")), (Some("checkpointer"), None)], None);
        assert_eq!(lead, "1 client session besides the collector's own, of 100 connection slots.");
        assert!(matches!(details.as_slice(), [Block::Chart(_), Block::Table(_)]), "{details:?}");
    }
}
