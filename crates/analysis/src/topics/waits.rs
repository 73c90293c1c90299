//! What client sessions waited for in the window of a delta.

use pgdba_pg::{Ratio, display};
use serde::Serialize;

use super::locks::short;
use super::{Reply, Shown, Topic};
use crate::facts::waits::{Event, Part, Waits};
use crate::facts::{View, declared};
use crate::{Bars, Block, Checked, NotAssessed, Quantity, Table};

/// What client sessions waited for in the window of a delta.
pub static TOPIC: Topic = Topic { name: "waits", title: "Waits", reads: &[&declared::waits], show };

/// Rows of each table in the report.
pub const LIMIT: usize = 20;

fn show(view: &View<'_>) -> Checked<Shown> {
    Ok(reply(view, LIMIT)?.shown)
}

/// The data of `query waits`.
#[derive(Debug, Serialize)]
pub struct WaitSummary {
    /// How many times sessions were sampled, once per second.
    pub readings: i64,
    /// All samples of active client sessions.
    pub active: Samples,
    /// Samples of client sessions that were idle in a transaction, which are not part of `active`.
    pub idle_in_transaction: Samples,
    /// The active sessions by the class of the event.
    pub classes: Vec<ClassSamples>,
    /// The active sessions by event.
    pub events: Vec<EventSamples>,
    /// The active sessions by statement and event.
    pub queries: Vec<QuerySamples>,
    /// Background processes by type and event.
    pub background: Vec<ProcessSamples>,
    /// What is hidden from the collecting role.
    pub hidden: Option<String>,
}

/// A part of the samples.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Samples {
    /// The number of samples.
    pub samples: i64,
    /// Their share of the samples of active client sessions, 0 to 1.
    pub share: Option<f64>,
    /// The average number of sessions.
    pub average_sessions: Option<f64>,
}

/// A class of events.
#[derive(Debug, Serialize)]
pub struct ClassSamples {
    /// `Lock`, `LWLock`, `IO` and others; `CPU` for sessions that did not wait.
    pub class: String,
    /// How often.
    #[serde(flatten)]
    pub samples: Samples,
}

/// A wait event.
#[derive(Debug, Serialize)]
pub struct EventSamples {
    /// Its class; none for sessions that did not wait.
    pub class: Option<String>,
    /// Its name.
    pub event: Option<String>,
    /// What it means.
    pub meaning: Option<&'static str>,
    /// How often.
    #[serde(flatten)]
    pub samples: Samples,
}

/// A statement and what it waited for.
#[derive(Debug, Serialize)]
pub struct QuerySamples {
    /// The statement's id; none where it is unknown.
    pub query_id: Option<String>,
    /// Its text, if pg_stat_statements has it.
    pub query: Option<String>,
    /// The event.
    #[serde(flatten)]
    pub event: EventSamples,
}

/// A type of background process and what it waited for.
#[derive(Debug, Serialize)]
pub struct ProcessSamples {
    /// The type of the process.
    pub backend_type: String,
    /// The event.
    #[serde(flatten)]
    pub event: EventSamples,
}

/// What client sessions waited for: at most `limit` rows of each kind.
///
/// # Errors
/// The snapshot is not a delta, or wait events could not be sampled.
pub fn reply(view: &View<'_>, limit: usize) -> Checked<Reply<WaitSummary>> {
    let waits = view.waits()?;
    let classes = waits.classes();
    let bars = classes.iter().map(|(class, part)| (class, part.samples.into()));
    let chart = Bars::shares("Samples of active client sessions by class", bars, String::clone).map(Block::from);
    let tables = [events(waits, limit), queries(waits, limit), processes(waits, limit)].map(Block::Table);
    let blocks = chart.into_iter().chain(tables).filter(|block| !block.is_empty()).collect();
    Ok(Reply { shown: Shown { lead: lead(waits), blocks }, data: data(waits, limit) })
}

fn lead(waits: &Waits) -> String {
    let total = waits.total();
    let readings = display::counted(waits.readings, "sample", "samples");
    let number = |part: Part| Quantity::from(part.sessions.map(Quantity::Number)).display();
    let mut sentences = vec![match total.samples {
        0 => format!("No client session was active in {readings}."),
        _ => {
            let cpu = waits.only(|row| row.wait_event_type.is_none()).share.unwrap_or(Ratio(0.0));
            let events = waits.events();
            let first = events.iter().find(|(event, _)| !event.is_cpu());
            let mostly = first.and_then(|(event, part)| {
                Some(format!("; the most frequent wait is {} with {}", event.words(), display::percent(part.share?)))
            });
            let active = number(total);
            let cpu = display::percent(cpu);
            format!("{active} client sessions were active on average over {readings}, {cpu} of them on CPU{}.", mostly.unwrap_or_default())
        }
    }];
    let idle = waits.idle();
    if idle.samples > 0 {
        sentences.push(format!("Another {} were idle in a transaction.", number(idle)));
    }
    if let Some(NotAssessed { reason, .. }) = &waits.hidden {
        sentences.push(format!("Sessions of other roles are hidden from the collecting role ({reason})."));
    }
    sentences.join(" ")
}

fn cells(part: Part) -> [Quantity; 3] {
    [part.samples.into(), part.share.into(), part.sessions.map(Quantity::Number).into()]
}

fn events(waits: &Waits, limit: usize) -> Table {
    let columns = [
        ("event", "event"),
        ("samples", "samples"),
        ("share", "share"),
        ("sessions", "average sessions"),
        ("meaning", "meaning"),
    ];
    let events = waits.events();
    let rows: Vec<Vec<Quantity>> = events
        .iter()
        .take(limit)
        .map(|(event, part)| {
            let mut row = vec![event.words().into()];
            row.extend(cells(*part));
            row.push(event.meaning().into());
            row
        })
        .collect();
    Table::new("Active client sessions by wait event", &columns, rows)
}

fn queries(waits: &Waits, limit: usize) -> Table {
    let columns = [("event", "event"), ("query", "query"), ("samples", "samples"), ("share", "share"), ("sessions", "average sessions")];
    let queries = waits.queries();
    let known = queries.iter().filter_map(|((id, event), part)| Some((id.as_deref()?, event, part)));
    let rows: Vec<Vec<Quantity>> = known
        .take(limit)
        .map(|(id, event, part)| {
            let text = waits.text(id).map_or_else(|| id.to_owned(), short);
            let mut row = vec![event.words().into(), text.into()];
            row.extend(cells(*part));
            row
        })
        .collect();
    Table::new("Statements by wait event", &columns, rows)
}

fn processes(waits: &Waits, limit: usize) -> Table {
    let columns = [("process", "process"), ("event", "event"), ("samples", "samples"), ("sessions", "average processes")];
    let processes = waits.processes();
    let rows: Vec<Vec<Quantity>> = processes
        .iter()
        .take(limit)
        .map(|((process, event), part)| {
            let [samples, _, sessions] = cells(*part);
            vec![process.as_str().into(), event.words().into(), samples, sessions]
        })
        .collect();
    Table::new("Background processes by wait event", &columns, rows)
}

fn samples(part: Part) -> Samples {
    Samples { samples: part.samples, share: part.share.map(|share| share.0), average_sessions: part.sessions }
}

fn event(of: &Event, part: Part) -> EventSamples {
    let word = |word: &String| Some(word.clone()).filter(|word| !word.is_empty());
    EventSamples { class: word(&of.class), event: word(&of.name), meaning: of.meaning(), samples: samples(part) }
}

fn data(waits: &Waits, limit: usize) -> WaitSummary {
    let classes = waits.classes().into_iter().map(|(class, part)| ClassSamples { class, samples: samples(part) });
    let queries = waits.queries().into_iter().map(|((query_id, of), part)| QuerySamples {
        query: query_id.as_deref().and_then(|id| waits.text(id)).map(str::to_owned),
        query_id,
        event: event(&of, part),
    });
    let background = waits.processes().into_iter();
    let background = background.map(|((backend_type, of), part)| ProcessSamples { backend_type, event: event(&of, part) });
    WaitSummary {
        readings: waits.readings,
        active: samples(waits.total()),
        idle_in_transaction: samples(waits.idle()),
        classes: classes.collect(),
        events: waits.events().into_iter().take(limit).map(|(of, part)| event(&of, part)).collect(),
        queries: queries.take(limit).collect(),
        background: background.take(limit).collect(),
        hidden: waits.hidden.as_ref().map(|missing| missing.reason.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::Beside;
    use crate::{Facts, example};

    #[test]
    fn a_single_sample_does_not_tell() {
        let snapshot = example::snapshot("{}").unwrap();
        let missing = Facts::of(&snapshot).waits().err().map(|missing| missing.reason);
        assert!(missing.as_ref().is_some_and(|reason| reason.contains("only in a delta")), "{missing:?}");
    }

    #[test]
    fn time_is_divided_by_class_event_and_statement_and_idle_sessions_are_apart() {
        let columns = ["backend_type", "state", "wait_event_type", "wait_event", "query_id", "samples"];
        let rows = json!([
            ["client backend", "active", null, null, "7", 10],
            ["client backend", "active", "IO", "DataFileRead", "7", 25],
            ["client backend", "active", "IO", "WALSync", "8", 5],
            ["client backend", "idle in transaction", "Client", "ClientRead", null, 20],
            ["autovacuum worker", null, "Timeout", "VacuumDelay", null, 9],
        ]);
        let document = json!({ "wait_samples": { "available": true, "columns": columns, "rows": rows, "readings": 10 } });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let reply = reply(&View::new(&facts, Beside::default(), TOPIC.reads), LIMIT).unwrap();
        assert_eq!(
            reply.shown.lead,
            "4.0 client sessions were active on average over 10 samples, 25 % of them on CPU; the most frequent wait is IO: \
             DataFileRead with 62.5 %. Another 2.0 were idle in a transaction."
        );
        let data = serde_json::to_value(&reply.data).unwrap();
        assert_eq!(data["classes"][0], json!({ "class": "IO", "samples": 30, "share": 0.75, "average_sessions": 3.0 }));
        assert_eq!((&data["events"][1]["class"], &data["events"][1]["samples"]), (&json!(null), &json!(10)));
        assert_eq!(data["queries"][0]["query_id"], "7");
        assert_eq!((&data["background"][0]["backend_type"], &data["active"]["samples"]), (&json!("autovacuum worker"), &json!(40)));
    }
}
