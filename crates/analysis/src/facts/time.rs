//! Times between moments of a snapshot.

use jiff::Timestamp;
use pgdba_pg::Millis;

use crate::format::Confidence;
use crate::format::quantity::time_of_day;

/// Counters that were reset more recently are weaker evidence.
const YOUNG: Millis = Millis(7.0 * 86_400_000.0);

/// The time over which something was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// When counting began; none where that is not known.
    pub since: Option<Timestamp>,
    /// How long it is; none where that is not known.
    pub length: Option<Millis>,
}

impl Window {
    /// From `since` to `now`.
    #[must_use]
    pub fn until(now: Option<Timestamp>, since: Option<Timestamp>) -> Self {
        let length = now.zip(since).and_then(|(now, since)| age(now, since));
        Self { since, length }
    }

    /// How certain a figure is that was counted over it: high from seven days on, low where the time is not known.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        match self.length {
            Some(length) if length >= YOUNG => Confidence::High,
            Some(_) => Confidence::Medium,
            None => Confidence::Low,
        }
    }

    /// The number per hour.
    #[must_use]
    pub fn per_hour(&self, count: i64) -> Option<f64> {
        let hours = self.length?.seconds() / 3600.0;
        (hours > 0.0).then(|| count as f64 / hours)
    }
}

/// The rate that a sentence about the future is based on: the average since a moment, or, without one, that in the window of a
/// delta.
#[must_use]
pub fn rate_words(since: Option<Timestamp>) -> String {
    since.map_or_else(
        || "At the present rate".to_owned(),
        |since| format!("At the average rate since {}", time_of_day(since)),
    )
}

/// How long before `now` the moment `then` was; zero where it lies in the future, as what began after the server was asked for
/// its time.
#[must_use]
pub fn since(now: Timestamp, then: Timestamp) -> Millis {
    age(now, then).unwrap_or(Millis(0.0))
}

/// How long before `now` the moment `then` was; none where it lies in the future.
#[must_use]
pub fn age(now: Timestamp, then: Timestamp) -> Option<Millis> {
    let milliseconds = now.as_millisecond().saturating_sub(then.as_millisecond());
    (milliseconds >= 0).then_some(Millis(milliseconds as f64))
}
