//! What sessions did and waited for in the window of a delta.

use std::collections::BTreeMap;

use pgdba_pg::Ratio;
use pgdba_snapshot::sections::wait_samples::WaitSample;

use super::sections::{Reader, Rows};
use super::statements::{Statement, Statements};
use super::wait_events::{meaning, normalized};
use crate::format::{Block, Checked, Figure, NotAssessed, Quantity, Table};

/// Fewer samples do not show what sessions mostly wait for.
const MIN_READINGS: i64 = 10;

/// What sessions did, counted over samples.
#[derive(Debug)]
pub struct Waits {
    /// Counts of client sessions that ran a statement.
    pub active: Vec<WaitSample>,
    /// Counts of client sessions that were idle in a transaction.
    pub idle_in_transaction: Vec<WaitSample>,
    /// Counts of all other processes, such as autovacuum workers and parallel workers.
    pub background: Vec<WaitSample>,
    /// How many times it was sampled.
    pub readings: i64,
    /// What is hidden from the collecting role.
    pub hidden: Option<NotAssessed>,
    /// Texts of statements by their ids; none where a text is hidden.
    texts: BTreeMap<String, Option<String>>,
}

/// What a session waited for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// `Lock`, `LWLock`, `IO` and others; empty while it ran.
    pub class: String,
    /// The event; empty while it ran.
    pub name: String,
}

/// A part of the samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// The number of samples.
    pub samples: i64,
    /// Their share of the samples of active client sessions.
    pub share: Option<Ratio>,
    /// The average number of sessions.
    pub sessions: Option<f64>,
}

impl Event {
    fn of(sample: &WaitSample) -> Self {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        Self { class: word(&sample.wait_event_type), name: word(&sample.wait_event) }
    }

    /// `IO: DataFileRead`; `CPU` where the session did not wait.
    #[must_use]
    pub fn words(&self) -> String {
        if self.is_cpu() { "CPU".to_owned() } else { format!("{}: {}", self.class, self.name) }
    }

    /// What it means, as a part of a sentence.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        meaning(&self.class, &self.name)
    }

    /// Whether the session did not wait: it ran, or waited for something that the server does not report.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        self.class.is_empty()
    }
}

impl Waits {
    pub(super) fn derive(reader: &Reader<'_>, statements: Option<&Statements>) -> Checked<Self> {
        let read: Rows<WaitSample> = reader.rows()?;
        if !reader.is_delta() {
            return Err(NotAssessed::expected("wait events are sampled only in a delta (pgdba inspect --delta)"));
        }
        let readings = read.readings.filter(|readings| *readings > 0);
        let readings =
            readings.ok_or_else(|| NotAssessed::because("wait_samples does not contain the number of samples"))?;
        let (clients, background): (Vec<_>, Vec<_>) =
            read.rows.into_iter().partition(|row| row.backend_type.as_deref() == Some("client backend"));
        let (idle_in_transaction, active) = clients
            .into_iter()
            .partition(|row| row.state.as_deref().is_some_and(|state| state.starts_with("idle in transaction")));
        let text = |statement: &Statement| {
            let text = statement.row.query.clone().filter(|_| !statement.is_hidden());
            Some((statement.row.queryid.clone()?, text))
        };
        Ok(Self {
            active,
            idle_in_transaction,
            background,
            readings: i64::try_from(readings).unwrap_or(i64::MAX),
            hidden: read.limited,
            texts: statements.into_iter().flat_map(|statements| &statements.all).filter_map(text).collect(),
        })
    }

    /// All samples of active client sessions.
    #[must_use]
    pub fn total(&self) -> Part {
        self.part(sum(self.active.iter()))
    }

    /// The samples in which client sessions were idle in a transaction.
    #[must_use]
    pub fn idle(&self) -> Part {
        self.part(sum(self.idle_in_transaction.iter()))
    }

    /// The samples of the active client sessions that are so.
    pub fn only(&self, is: impl Fn(&WaitSample) -> bool) -> Part {
        self.part(sum(self.active.iter().filter(|row| is(row))))
    }

    /// Active client sessions by the class of the event, most samples first.
    #[must_use]
    pub fn classes(&self) -> Vec<(String, Part)> {
        let class = |row: &WaitSample| row.wait_event_type.clone().unwrap_or_else(|| "CPU".to_owned());
        self.by(class)
    }

    /// Active client sessions by event, most samples first.
    #[must_use]
    pub fn events(&self) -> Vec<(Event, Part)> {
        self.by(Event::of)
    }

    /// Active client sessions by the statement that they ran and the event, most samples first.
    #[must_use]
    pub fn queries(&self) -> Vec<((Option<String>, Event), Part)> {
        self.by(|row| (row.query_id.clone(), Event::of(row)))
    }

    /// Background processes by their type and the event, most samples first.
    #[must_use]
    pub fn processes(&self) -> Vec<((String, Event), Part)> {
        let key = |row: &WaitSample| (row.backend_type.clone().unwrap_or_default(), Event::of(row));
        grouped(&self.background, key).into_iter().map(|(key, samples)| (key, self.part(samples))).collect()
    }

    /// The text of a statement, if pg_stat_statements has it.
    #[must_use]
    pub fn text(&self, query_id: &str) -> Option<&str> {
        self.texts.get(query_id)?.as_deref()
    }

    fn by<K: Ord>(&self, key: impl Fn(&WaitSample) -> K) -> Vec<(K, Part)> {
        grouped(&self.active, key).into_iter().map(|(key, samples)| (key, self.part(samples))).collect()
    }

    fn part(&self, samples: i64) -> Part {
        let total = sum(self.active.iter());
        let sessions = (self.readings > 0).then(|| samples as f64 / self.readings as f64);
        Part { samples, share: Ratio::of(samples, total), sessions }
    }
}

/// A class of events that many sessions wait for.
#[derive(Debug)]
pub struct Busy<'a> {
    waits: &'a Waits,
    class: &'static str,
    /// Its share of the samples of active client sessions.
    pub share: Ratio,
    /// The average number of sessions that wait for it.
    pub sessions: f64,
}

impl Waits {
    /// A class that at least `share` of the active sessions wait for, and at least so many on average.
    ///
    /// # Errors
    /// There are too few samples to tell.
    pub fn busy(&self, class: &'static str, share: Ratio, sessions: f64) -> Checked<Option<Busy<'_>>> {
        if self.readings < MIN_READINGS {
            return Err(NotAssessed::because(format!(
                "the delta has {} samples, fewer than {MIN_READINGS}",
                self.readings
            )));
        }
        if let Some(hidden) = &self.hidden {
            return Err(hidden.clone());
        }
        let part = self.only(|row| row.wait_event_type.as_deref() == Some(class));
        let found = part.share.zip(part.sessions).filter(|(of, average)| *of >= share && *average >= sessions);
        Ok(found.map(|(share, sessions)| Busy { waits: self, class, share, sessions }))
    }
}

impl Busy<'_> {
    fn events(&self) -> Vec<(Event, Part)> {
        self.waits.events().into_iter().filter(|(event, _)| event.class == self.class).collect()
    }

    /// Its figures, compared with this threshold.
    #[must_use]
    pub fn figures(&self, limit: Ratio) -> [Figure; 4] {
        let first = self.events().first().map(|(event, _)| event.words());
        [
            Figure::new("share", self.share).labelled("share of active sessions").against(limit),
            Figure::new("sessions", Quantity::Number(self.sessions)).labelled("waiting sessions on average"),
            Figure::new("first_event", first).labelled("most frequent event"),
            Figure::new("readings", self.waits.readings).labelled("samples"),
        ]
    }

    /// `3.2 sessions waited on average, mostly for IO: DataFileRead (reading pages that are not in shared buffers).`
    #[must_use]
    pub fn sentence(&self) -> String {
        let events = self.events();
        let first = events.first().map(|(event, _)| {
            let meaning = event.meaning().map(|meaning| format!(" ({meaning})")).unwrap_or_default();
            format!(", mostly for {}{meaning}", event.words())
        });
        let sessions = Quantity::Number(self.sessions).display();
        format!("{sessions} sessions waited on average{}.", first.unwrap_or_default())
    }

    /// Whether its most frequent event has this [normalized](super::wait_events::normalized) name.
    #[must_use]
    pub fn is_mostly(&self, name: &str) -> bool {
        self.events().first().is_some_and(|(event, _)| normalized(&event.name) == name)
    }

    /// Its events.
    #[must_use]
    pub fn table(&self) -> Block {
        let columns = [("event", "event"), ("samples", "samples"), ("share", "share"), ("meaning", "meaning")];
        let events = self.events();
        let row = |(event, part): &(Event, Part)| -> Vec<Quantity> {
            vec![event.words().into(), part.samples.into(), part.share.into(), event.meaning().into()]
        };
        let rows: Vec<_> = events.iter().map(row).collect();
        Block::Table(Table::new("Active client sessions by wait event", &columns, rows))
    }
}

fn sum<'a>(rows: impl Iterator<Item = &'a WaitSample>) -> i64 {
    rows.filter_map(|row| row.samples).fold(0, i64::saturating_add)
}

fn grouped<K: Ord>(rows: &[WaitSample], key: impl Fn(&WaitSample) -> K) -> Vec<(K, i64)> {
    let mut counts = BTreeMap::<K, i64>::new();
    for row in rows {
        let count = counts.entry(key(row)).or_default();
        *count = count.saturating_add(row.samples.unwrap_or(0));
    }
    let mut counts: Vec<(K, i64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, samples)| std::cmp::Reverse(*samples));
    counts
}
