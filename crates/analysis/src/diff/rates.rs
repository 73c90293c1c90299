//! Rates of the server as a whole: WAL, checkpoints, temporary files, pages, transactions.

use pgdba_snapshot::sections::pg_stat_database::PgStatDatabase;
use schemars::JsonSchema;
use serde::Serialize;

use super::sides::Sides;
use crate::rates::{OF_DATABASES, Rate, RateUnit, ServerRate, server};

/// A rate in both snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RateDiff {
    /// The stable word for it, such as `wal_bytes`.
    pub key: &'static str,
    /// What it is, in words.
    pub label: &'static str,
    /// Its unit.
    pub unit: RateUnit,
    /// In the first snapshot.
    pub before: Rate,
    /// In the second.
    pub after: Rate,
    /// How often it happened before the first snapshot, and since then at least; none if unknown.
    #[serde(skip)]
    counts: (Option<f64>, Option<f64>),
}

impl RateDiff {
    /// The rate after as a multiple of the rate before; none if one of them is unknown, or there was none before.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let (before, after) = self.before.per_second().zip(self.after.per_second())?;
        (before > 0.0).then_some(after / before)
    }

    /// How often it happened since the first snapshot, at least; none if it did not, or that is unknown.
    pub(super) fn grown_at_least(&self) -> Option<f64> {
        self.counts.1.filter(|count| *count > 0.0)
    }

    /// Whether something happens that should not, and did not before. It might happen between the windows of two deltas.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let is_none = |count: Option<f64>| count == Some(0.0);
        let is_some = |count: Option<f64>| count > Some(0.0);
        ["deadlocks", "checksum_failures"].contains(&self.key)
            && (is_none(self.before.per_second()) || is_none(self.counts.0))
            && (is_some(self.after.per_second()) || is_some(self.counts.1))
    }
}

/// Compares the rates.
pub(super) fn diff(sides: &Sides<'_>) -> Vec<RateDiff> {
    let pairs = server(&sides.before()).into_iter().zip(server(&sides.after()));
    let pair = |(ServerRate { key, label, unit, rate }, after): (ServerRate, ServerRate)| RateDiff {
        key,
        label,
        unit,
        before: rate,
        after: after.rate,
        counts: counts(sides, key),
    };
    pairs.map(pair).collect()
}

/// How often it happened before the first snapshot, and since then at least, if databases count it.
fn counts(sides: &Sides<'_>, key: &str) -> (Option<f64>, Option<f64>) {
    let of_database = OF_DATABASES.into_iter().find(|(of_database, ..)| *of_database == key);
    of_database.map_or((None, None), |(.., counter)| {
        (sides.before().counted().total(|row| float(counter(row))), grown_at_least(sides, counter))
    })
}

fn float(count: Option<i64>) -> Option<f64> {
    count.map(|count| count as f64)
}

/// What a counter grew by since the first snapshot, at least: counters survive a restart, and what was counted since a reset or a
/// crash happened after the first snapshot too.
fn grown_at_least(sides: &Sides<'_>, counter: fn(&PgStatDatabase) -> Option<i64>) -> Option<f64> {
    sides.identity.seconds.filter(|seconds| *seconds > 0.0 && sides.has_same_counters())?;
    let [before, after] = [sides.before, sides.after].map(|side| side.snapshot.section::<PgStatDatabase>());
    let growth = |row: &PgStatDatabase| {
        let now = counter(row)?;
        match before.rows.iter().find(|earlier| earlier.datid == row.datid) {
            Some(earlier) if earlier.stats_reset == row.stats_reset => {
                let then = counter(earlier)?;
                // Since version 15, a crash shows only in that counters are lower.
                Some(if now < then { now } else { now.saturating_sub(then) })
            }
            Some(_) => Some(now),
            None => (before.is_available() && !before.is_cut()).then_some(now),
        }
    };
    float(after.rows.iter().filter_map(growth).reduce(i64::saturating_add))
}

#[cfg(test)]
mod tests {
    use pgdba_snapshot::DiagSnapshot;
    use serde_json::{Value, json};

    use super::*;
    use crate::diff::tests::{assert_sound, kinds, steady, time};
    use crate::diff::{Diff, NoteKind, Period, RegressionKind, diff};

    fn database(commits: i64, reset: &str) -> Value {
        json!([{ "datid": 5, "datname": "shop", "xact_commit": commits, "xact_rollback": 0, "deadlocks": 0, "stats_reset": reset }])
    }

    fn rate<'a>(found: &'a Diff, key: &str) -> &'a RateDiff {
        found.rates.iter().find(|rate| rate.key == key).unwrap()
    }

    #[test]
    fn rates_are_those_of_the_windows() {
        let reset = time(-600, 0);
        let made = |minute, from: i64, to: i64| {
            let (from, to) = (database(from, &reset), database(to, &reset));
            steady(minute, 20).with("pg_stat_database", Some(&from), &to).delta()
        };
        let found = diff(&made(0, 1000, 2200), &made(30, 9000, 11_400));
        let commits = rate(&found, "commits");
        assert_eq!((commits.before.per_second(), commits.after.per_second()), (Some(10.0), Some(20.0)));
        assert_eq!(commits.before.period(), Some((Period::Delta, 120.0)));
        assert_eq!(commits.ratio(), Some(2.0));
        assert_sound(&found);
    }

    #[test]
    fn a_reset_is_a_reason_and_not_a_rate() {
        let made = |minute, reset: &str, commits: i64| {
            steady(minute, 20).with("pg_stat_database", None, &database(commits, reset)).single()
        };
        // Two hours at a commit a second, then a reset, and half an hour at two.
        let found = diff(&made(0, &time(-120, 120), 7200), &made(60, &time(32, 0), 3600));
        let commits = rate(&found, "commits");
        assert_eq!(commits.before.per_second(), Some(1.0));
        assert_eq!(commits.after.absence(), Some("the counters were reset between the samples"));
        assert!(kinds(&found).contains(&NoteKind::StatisticsReset), "{:?}", found.identity);
        assert!(found.identity.notes.iter().any(|note| note.text.contains("database shop")));
        assert_sound(&found);
    }

    #[test]
    fn a_reset_shortly_before_the_snapshot_is_not_a_rate() {
        let made = |minute, reset: &str, commits: i64| {
            steady(minute, 20).with("pg_stat_database", None, &database(commits, reset)).single()
        };
        let of = |seconds: i64| {
            let found = diff(&made(0, &time(0, 120 - seconds), 50_000), &made(60, &time(0, 120 - seconds), 60_000));
            rate(&found, "commits").before.clone()
        };
        assert_eq!(of(100).per_second(), Some(500.0));
        assert!(of(1).absence().is_some_and(|why| why.contains("reset less than 60 s before")), "{:?}", of(1));
    }

    /// Deadlocks are rare: most happen between the windows of two deltas.
    #[test]
    fn the_first_deadlocks_are_a_regression_whenever_they_happen() {
        let reset = time(-600, 0);
        let row =
            |deadlocks: i64| json!([{ "datid": 5, "datname": "shop", "deadlocks": deadlocks, "stats_reset": reset }]);
        let delta = |minute, from: i64, to: i64| {
            steady(minute, 20).with("pg_stat_database", Some(&row(from)), &row(to)).delta()
        };
        let single =
            |minute, deadlocks: i64| steady(minute, 20).with("pg_stat_database", None, &row(deadlocks)).single();
        let rises = |before: &DiagSnapshot, after: &DiagSnapshot| {
            diff(before, after).regressions.iter().any(|one| one.kind == RegressionKind::Rate)
        };
        for (before, after, expected) in [
            (delta(0, 0, 0), delta(30, 1, 1), true),
            (delta(0, 0, 0), delta(30, 0, 1), true),
            (delta(0, 0, 0), delta(30, 0, 0), false),
            (delta(0, 3, 3), delta(30, 3, 3), false),
            (delta(0, 3, 3), delta(30, 4, 4), true),
            (delta(0, 3, 4), delta(30, 5, 5), false),
            (single(0, 0), single(30, 1), true),
            (single(0, 0), delta(30, 1, 1), true),
            (single(0, 3), single(30, 3), false),
        ] {
            assert_eq!(rises(&before, &after), expected, "{:?}", rate(&diff(&before, &after), "deadlocks"));
        }
    }

    /// What the server shows: a restart keeps the counters, a crash begins them anew (since version 15 without a time of reset).
    #[test]
    fn the_first_deadlocks_are_a_regression_also_after_a_restart_a_reset_and_a_crash() {
        let made = |minute, start: i64, deadlocks: i64, reset: Option<&str>| {
            let row = json!([{ "datid": 5, "datname": "shop", "deadlocks": deadlocks, "stats_reset": reset }]);
            let system =
                json!([{ "system_identifier": "7", "start_time": time(start, 0), "server_time": time(minute, 0) }]);
            steady(minute, 20).with("pg_stat_database", None, &row).with("system", None, &system).single()
        };
        let (first, second) = (time(-600, 0), time(20, 0));
        let (first, second) = (Some(first.as_str()), Some(second.as_str()));
        for (then, now, start, expected) in [
            ((0, first), (1, first), -700, true),
            ((0, first), (1, first), 10, true),
            ((0, None), (1, None), 10, true),
            ((0, first), (0, first), 10, false),
            ((0, first), (2, second), -700, true),
            ((0, first), (0, second), 10, false),
            ((0, None), (1, second), 10, true),
            ((0, first), (1, None), 10, true),
            // There were deadlocks before.
            ((3, first), (3, first), 10, false),
            ((3, first), (1, second), 10, false),
        ] {
            let (before, after) = (made(0, -700, then.0, then.1), made(30, start, now.0, now.1));
            let found = diff(&before, &after);
            let rises = found.regressions.iter().any(|one| one.kind == RegressionKind::Rate);
            assert_eq!(rises, expected, "{then:?} {now:?} {start}: {:?}", rate(&found, "deadlocks"));
            assert_sound(&found);
        }
    }

    #[test]
    fn a_window_without_deadlocks_is_no_proof_that_those_counted_are_new() {
        let made = |minute, from: i64, to: i64, start: i64| {
            let row = |deadlocks: i64| json!([{ "datid": 5, "datname": "shop", "deadlocks": deadlocks, "stats_reset": null }]);
            let system =
                json!([{ "system_identifier": "7", "start_time": time(start, 0), "server_time": time(minute, 2) }]);
            steady(minute, 20)
                .with("pg_stat_database", Some(&row(from)), &row(to))
                .with("system", None, &system)
                .delta()
        };
        for (to, expected) in [(3, false), (4, true), (1, true), (0, false)] {
            let found = diff(&made(0, 3, 3, -700), &made(30, to, to, 10));
            let rises = found.regressions.iter().any(|one| one.kind == RegressionKind::Rate);
            assert_eq!(rises, expected, "{to}: {:?}", rate(&found, "deadlocks"));
        }
    }
}
