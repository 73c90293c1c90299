//! Counters of a statement that can be added up and subtracted.

use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;

/// What a statement counted: since its counters began, or between two samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) calls: f64,
    /// Milliseconds of execution.
    pub(super) time: f64,
    /// The sum of the squared differences between each call's time and the mean. None if it is unknown: an outlier before the
    /// window leaves so few digits that the difference can be below zero.
    pub(super) squares: Option<f64>,
    pub(super) rows: f64,
    /// Pages used, in shared buffers or not.
    pub(super) pages: f64,
    /// Pages that were not in shared buffers.
    pub(super) reads: f64,
    /// Milliseconds of planning; none before version 1.8 of the extension.
    pub(super) plan_time: Option<f64>,
    /// Milliseconds of JIT compilation; none before version 1.10.
    pub(super) jit_time: Option<f64>,
}

impl Counts {
    /// The counters of a row; none if it lacks one.
    pub(super) fn of(row: &PgStatStatement) -> Option<Self> {
        let calls = row.calls? as f64;
        let deviation = row.stddev_exec_time.filter(|deviation| deviation.is_finite());
        Some(Self {
            calls,
            time: row.total_exec_time.filter(|time| time.is_finite())?,
            // The server's standard deviation is that of the population.
            squares: deviation.map(|deviation| calls * deviation * deviation),
            rows: row.rows? as f64,
            pages: row.shared_blks_hit? as f64 + row.shared_blks_read? as f64,
            reads: row.shared_blks_read? as f64,
            plan_time: row.total_plan_time,
            jit_time: row.jit_time,
        })
    }

    /// Milliseconds per call.
    pub(super) fn mean(&self) -> f64 {
        self.time / self.calls
    }

    /// The counters of two statements together.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let both = |of: fn(&Self) -> Option<f64>| of(self).zip(of(other)).map(|(a, b)| a + b);
        let (calls, time) = (self.calls + other.calls, self.time + other.time);
        let distance = |part: &Self| {
            let difference = if part.calls > 0.0 { part.mean() - time / calls } else { 0.0 };
            part.calls * difference * difference
        };
        Self {
            calls,
            time,
            squares: both(|counts| counts.squares).map(|squares| squares + distance(self) + distance(other)),
            rows: self.rows + other.rows,
            pages: self.pages + other.pages,
            reads: self.reads + other.reads,
            plan_time: both(|counts| counts.plan_time),
            jit_time: both(|counts| counts.jit_time),
        }
    }

    /// What was counted after `earlier`; none if a counter is lower than then, so that it was reset.
    pub(super) fn since(&self, earlier: &Self) -> Option<Self> {
        let both = |of: fn(&Self) -> Option<f64>| of(self).zip(of(earlier)).map(|(now, then)| now - then);
        let grown = Self {
            calls: self.calls - earlier.calls,
            time: self.time - earlier.time,
            squares: self.squares_since(earlier),
            rows: self.rows - earlier.rows,
            pages: self.pages - earlier.pages,
            reads: self.reads - earlier.reads,
            plan_time: both(|counts| counts.plan_time).filter(|time| *time >= 0.0),
            jit_time: both(|counts| counts.jit_time).filter(|time| *time >= 0.0),
        };
        let counters = [grown.calls, grown.time, grown.rows, grown.pages, grown.reads];
        counters.iter().all(|counter| *counter >= 0.0).then_some(grown)
    }

    fn squares_since(&self, earlier: &Self) -> Option<f64> {
        let calls = self.calls - earlier.calls;
        if earlier.calls <= 0.0 {
            return self.squares;
        }
        let between = earlier.mean() - (self.time - earlier.time) / calls;
        let distance = earlier.calls * calls / self.calls * between * between;
        let squares = self.squares? - earlier.squares? - distance;
        (calls > 0.0 && squares >= 0.0).then_some(squares)
    }

    /// The variance of one call's time; none if there were fewer than two calls or it is unknown.
    pub(super) fn variance(&self) -> Option<f64> {
        Some(self.squares? / (self.calls - 1.0)).filter(|variance| self.calls >= 2.0 && variance.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counters of calls that took these times.
    fn counted(times: &[f64]) -> Counts {
        let calls = times.len() as f64;
        let mean = times.iter().sum::<f64>() / calls;
        let squares = times.iter().map(|time| (time - mean) * (time - mean)).sum();
        Counts { calls, time: mean * calls, squares: Some(squares), rows: calls, ..Counts::default() }
    }

    #[test]
    fn the_variance_of_a_window_is_that_of_its_calls() {
        let before = [3.0, 1.0, 8.0, 1.5];
        let window = [2.0, 4.0, 9.0];
        let all = [before.as_slice(), &window].concat();
        let grown = counted(&all).since(&counted(&before)).unwrap();
        assert_eq!((grown.calls, grown.mean()), (3.0, 5.0));
        assert!((grown.variance().unwrap() - 13.0).abs() < 1e-9, "{grown:?}");
        let pooled = counted(&before).plus(&counted(&window));
        assert!((pooled.squares.unwrap() - counted(&all).squares.unwrap()).abs() < 1e-9);
        assert_eq!(counted(&window).since(&Counts::default()).unwrap().squares, counted(&window).squares);
    }

    #[test]
    fn a_variance_below_zero_is_unknown_and_a_counter_that_fell_has_no_window() {
        let before = counted(&[1e9, 1.0]);
        let after =
            Counts { squares: before.squares.map(|squares| squares * 0.999), ..before.plus(&counted(&[1.0, 1.1])) };
        assert_eq!(after.since(&before).unwrap().squares, None);
        assert_eq!(before.since(&after), None);
        assert_eq!(counted(&[5.0]).variance(), None);
        assert_eq!(after.since(&after).unwrap().squares, None, "no call");
    }
}
