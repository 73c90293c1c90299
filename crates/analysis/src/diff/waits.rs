//! What sessions waited for in the windows of two deltas.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::sides::Sides;
use crate::facts::waits::{Event, Waits as Sampled};

/// A wait event in both windows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WaitDiff {
    /// The event, such as `IO: DataFileRead`; `CPU` while a session ran.
    pub event: String,
    /// What it means.
    pub meaning: Option<&'static str>,
    /// The average number of active client sessions in the first window.
    pub before: f64,
    /// The same in the second window.
    pub after: f64,
}

/// The comparison of waits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Waits {
    /// Why they could not be compared.
    pub missing: Option<String>,
    /// Active client sessions on average in the first window.
    pub sessions_before: Option<f64>,
    /// The same in the second window.
    pub sessions_after: Option<f64>,
    /// The events, those that grew most first.
    pub events: Vec<WaitDiff>,
}

/// Compares the waits.
pub(super) fn diff(sides: &Sides<'_>) -> Waits {
    let (before, after) = match (sides.before.facts.waits(), sides.after.facts.waits()) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(reason), _) | (_, Err(reason)) => {
            return Waits {
                missing: Some(reason.reason),
                sessions_before: None,
                sessions_after: None,
                events: Vec::new(),
            };
        }
    };
    let mut events = BTreeMap::<Event, (f64, f64)>::new();
    for (event, part) in before.events() {
        events.entry(event).or_default().0 = part.sessions.unwrap_or(0.0);
    }
    for (event, part) in after.events() {
        events.entry(event).or_default().1 = part.sessions.unwrap_or(0.0);
    }
    let one = |(event, (before, after)): (Event, (f64, f64))| WaitDiff {
        meaning: event.meaning(),
        event: event.words(),
        before,
        after,
    };
    let mut events: Vec<WaitDiff> = events.into_iter().map(one).collect();
    events.sort_by(|a, b| (b.after - b.before).total_cmp(&(a.after - a.before)));
    let sessions = |waits: &Sampled| waits.total().sessions;
    Waits { missing: None, sessions_before: sessions(before), sessions_after: sessions(after), events }
}
