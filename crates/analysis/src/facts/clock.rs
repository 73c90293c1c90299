//! The server's clock, by which it states all its times.

use jiff::{SignedDuration, Timestamp};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::system::System;

/// The server's clock; the collector's where the snapshot does not contain the server's.
#[derive(Debug)]
pub(super) struct Clock {
    /// When the server as a whole was read: in a delta at its end, when the counters were read too.
    pub(super) now: Option<Timestamp>,
    /// By how much it is ahead of the collector's clock.
    ahead: SignedDuration,
}

impl Clock {
    pub(super) fn of(snapshot: &DiagSnapshot) -> Self {
        let section = snapshot.section::<System>();
        let server_time = section.rows.first().and_then(|row| row.server_time);
        let ahead = server_time.zip(section.collected_at).map(|(server, collector)| server.duration_since(collector));
        Self { now: server_time.or(snapshot.collected_at), ahead: ahead.unwrap_or(SignedDuration::ZERO) }
    }

    /// The server's time when the collector's clock was at `collected_at`.
    pub(super) fn at(&self, collected_at: Option<Timestamp>) -> Option<Timestamp> {
        collected_at.and_then(|time| time.checked_add(self.ahead).ok()).or(self.now)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::example;

    #[test]
    fn times_are_by_the_servers_clock_and_of_the_moment_of_reading() {
        let clock = |server_time: Option<&str>| {
            let system = json!({ "available": true, "collected_at": "2026-01-01T12:00:30Z", "columns": ["server_time"],
                                 "rows": [[server_time]] });
            let document = json!({ "collected_at": "2026-01-01T12:00:00Z", "system": system });
            Clock::of(&example::snapshot(&document.to_string()).unwrap())
        };
        let time = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        // The collector's clock is a minute behind, and the delta took half a minute.
        let ahead = clock(Some("2026-01-01T12:01:30Z"));
        assert_eq!(ahead.now, time("2026-01-01T12:01:30Z"));
        assert_eq!(ahead.at(time("2026-01-01T12:00:31Z")), time("2026-01-01T12:01:31Z"));
        assert_eq!(ahead.at(None), ahead.now);
        assert_eq!(clock(None).now, time("2026-01-01T12:00:00Z"));
        assert_eq!(clock(None).at(time("2026-01-01T12:00:31Z")), time("2026-01-01T12:00:31Z"));
    }
}
