//! What is done again and again in the window of a delta, and when.

use std::time::Duration;

use pgdba_snapshot::SectionSpec;
use tokio::time::Instant;

/// How often waits are sampled.
const WAIT_STEP: Duration = Duration::from_secs(1);

/// Samples of a cumulative section inside the window: without them no change of speed can be told from chance.
const CUMULATIVE_SAMPLES: u32 = 5;

/// The most samples of any other section: one a second, and fewer a second in a long window.
const MOST_SAMPLES: u32 = 60;

/// What a timer is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task {
    /// Counting what sessions wait for.
    Waits(&'static SectionSpec),
    /// A sample of a section, which is kept.
    Sample(&'static SectionSpec),
    /// A statement that does nothing, so that the server does not take the session for idle.
    KeepAwake,
}

/// A task and when it is due.
#[derive(Debug)]
pub(super) struct Timer {
    pub(super) task: Task,
    pub(super) next: Instant,
    step: Duration,
    /// The last moment at which it is done.
    last: Instant,
}

impl Timer {
    /// The timers of a window from `begun` on. `idle_limit` is the time after which the server ends an idle session.
    pub(super) fn all(
        wanted: &[&'static SectionSpec],
        begun: Instant,
        interval: Duration,
        idle_limit: Option<Duration>,
    ) -> Vec<Self> {
        let end = begun + interval;
        let waits = wanted.iter().filter(|spec| spec.sampled).map(|spec| Self {
            task: Task::Waits(spec),
            next: Instant::now(),
            step: WAIT_STEP,
            last: end,
        });
        let samples = wanted.iter().filter(|spec| spec.is_sampled_between).map(|spec| {
            let step = match spec.is_cumulative() {
                true => interval / (CUMULATIVE_SAMPLES + 1),
                false => WAIT_STEP.max(interval / MOST_SAMPLES),
            };
            // One right before the last sample of all would say nothing new.
            Self { task: Task::Sample(spec), next: begun + step, step, last: end.checked_sub(step).unwrap_or(begun) }
        });
        let awake = idle_limit.map(|limit| {
            let step = limit / 3;
            Self { task: Task::KeepAwake, next: Instant::now() + step, step, last: end }
        });
        waits.chain(samples).chain(awake).collect()
    }

    /// Whether its task is to be done now; then it waits for the next time.
    pub(super) fn is_due(&mut self) -> bool {
        let now = Instant::now();
        if now < self.next || self.next > self.last {
            return false;
        }
        // What was missed while the server was slow is not made up for.
        self.next = (self.next + self.step).max(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use pgdba_snapshot::sections;

    use super::*;

    /// How often each task is done in a window of `seconds`, by name, if every statement takes no time.
    fn counts(seconds: u64, idle_limit: Option<Duration>) -> Vec<(&'static str, u32)> {
        let begun = Instant::now();
        let interval = Duration::from_secs(seconds);
        let timers = Timer::all(sections::ALL, begun, interval, idle_limit).into_iter();
        let count = |timer: Timer| {
            let times = (0..).map(|time| timer.next + timer.step * time);
            times.take_while(|time| *time <= timer.last).count().try_into().unwrap()
        };
        let name = |task| match task {
            Task::Waits(spec) | Task::Sample(spec) => spec.name,
            Task::KeepAwake => "awake",
        };
        timers.map(|timer| (name(timer.task), count(timer))).collect()
    }

    #[test]
    fn a_long_window_has_no_more_samples_of_a_section_than_a_short_one() {
        for (seconds, locks) in [(6, 5), (60, 59), (600, 59)] {
            let counts = counts(seconds, None);
            let of = |name| counts.iter().find(|(task, _)| *task == name).map(|(_, count)| *count);
            assert_eq!((of("pg_stat_statements"), of("pg_locks")), (Some(5), Some(locks)), "{seconds}");
            assert!(of("wait_samples") >= Some(u32::try_from(seconds).unwrap()));
            assert_eq!(of("awake"), None);
        }
        let awake = counts(6, Some(Duration::from_millis(300)));
        assert!(awake.iter().any(|(task, count)| *task == "awake" && *count >= 59));
    }
}
