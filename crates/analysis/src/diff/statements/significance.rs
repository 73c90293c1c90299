//! The tests of a statement's figures between two windows: work by its own noise, time by that of the host.

use schemars::JsonSchema;
use serde::Serialize;

use super::counts::Counts;
use super::window::Window;
use crate::statistics::{mean_and_variance, median, quantile, two_sided};

/// Parts of a window from which its noise can be estimated.
pub(super) const MIN_PARTS: usize = 5;

/// Calls in each window below which nothing is reported about time.
pub(super) const MIN_CALLS_FOR_TIME: f64 = 20.0;

/// Calls in each window below which nothing is reported about work.
const MIN_CALLS_FOR_WORK: f64 = 10.0;

/// Calls in each window from which a statement that became [`SURELY`] slower is reported all the same.
const MIN_CALLS_FOR_EXTREME: f64 = 5.0;

/// A multiple of the time per call that no noise of a host explains.
pub(super) const SURELY: f64 = 10.0;

/// Pages or rows that are added to both sides, so that a change from nearly none to a few is not a large one.
const HALF: f64 = 0.5;

/// The least variance of the logarithm of work per call.
const LEAST_VARIANCE: f64 = 1e-6;

/// The same where there are no samples inside the window: 5 % on each side.
const UNSAMPLED_VARIANCE: f64 = 0.05 * 0.05;

/// Degrees of freedom of a variance that is assumed and not estimated.
const ASSUMED: f64 = 1000.0;

/// A difference of this many standard errors is found nearly always: 2.6 of them to be significant, 1.6 for chance.
const SURELY_SEEN: f64 = 4.2;

/// The confidence intervals are of 95 %.
const OUTSIDE_INTERVAL: f64 = 0.05;

/// A figure per call in two windows, and whether it changed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Test {
    /// The figure after as a multiple of the figure before.
    pub ratio: f64,
    /// The lower end of its 95 % confidence interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The probability of such a difference if nothing changed.
    pub p: f64,
    /// Whether it is significant among all statements that were tested, and large enough.
    pub is_changed: bool,
    /// The multiple, or its inverse, below which a difference does not count as a change.
    pub needed: f64,
    /// The smallest multiple that the comparison could have found: silence about less does not mean "unchanged".
    pub smallest_seen: f64,
    /// The natural logarithm of the ratio against which `needed` is compared.
    #[serde(skip)]
    pub(super) effect: f64,
}

impl Test {
    /// Whether it became more.
    pub(super) fn is_more(&self) -> bool {
        self.effect > 0.0
    }

    pub(super) fn is_large(&self) -> bool {
        self.effect.abs() >= libm::log(self.needed)
    }
}

/// A logarithm of a ratio, its standard error, and the degrees of freedom of that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference {
    pub(super) log: f64,
    pub(super) error: f64,
    pub(super) freedom: f64,
}

impl Difference {
    /// The test of the distance to `center`, with the standard error scaled.
    pub(super) fn test(self, center: f64, scale: f64, needed: f64) -> Test {
        let error = self.error * scale;
        let effect = self.log - center;
        let half = quantile(OUTSIDE_INTERVAL, self.freedom) * error;
        Test {
            ratio: libm::exp(self.log),
            low: libm::exp(self.log - half),
            high: libm::exp(self.log + half),
            p: two_sided(effect / error, self.freedom),
            is_changed: false,
            needed,
            smallest_seen: libm::exp(SURELY_SEEN * error).max(needed),
            effect,
        }
    }
}

/// An amount per call of work, tested by the noise of the statement itself. None with too few calls.
pub(super) fn work(before: &Window, after: &Window, needed: f64, amount: fn(&Counts) -> f64) -> Option<Test> {
    if before.whole.calls < MIN_CALLS_FOR_WORK || after.whole.calls < MIN_CALLS_FOR_WORK {
        return None;
    }
    let [a, b] = [before, after].map(|window| Rate::of(&window.whole, &window.parts(), amount));
    let log_of = |rate: &Rate| libm::log(rate.mean + HALF);
    let variance = |rate: &Rate| match rate.variance {
        Some(variance) => variance / ((rate.mean + HALF) * (rate.mean + HALF)),
        None => UNSAMPLED_VARIANCE,
    };
    let (of_a, of_b) = (variance(&a), variance(&b));
    let difference = Difference {
        log: log_of(&b) - log_of(&a),
        error: libm::sqrt((of_a + of_b).max(LEAST_VARIANCE)),
        freedom: freedom([(of_a, a.parts), (of_b, b.parts)]),
    };
    let test = difference.test(0.0, 1.0, needed);
    // The interval is that of the ratio that is shown.
    let scale = if a.mean > 0.0 && b.mean > 0.0 { b.mean / a.mean / test.ratio } else { 1.0 };
    Some(Test { ratio: test.ratio * scale, low: test.low * scale, high: test.high * scale, ..test })
}

/// The time per call in one window a side; none with too few calls or samples.
pub(super) fn time(before: &Window, after: &Window) -> Option<Difference> {
    let [a, b] = [before, after].map(|window| {
        let parts = window.parts();
        let rate = Rate::of(&window.whole, &parts, |counts| counts.time);
        // What the calls vary by is the least that their mean can.
        let least = window.whole.variance().map_or(0.0, |variance| variance / window.whole.calls);
        let variance = rate.variance?.max(least) / (rate.mean * rate.mean);
        let is_enough = window.whole.calls >= MIN_CALLS_FOR_TIME && rate.mean > 0.0;
        is_enough.then_some((libm::log(rate.mean), variance, rate.parts))
    });
    let ((log_a, of_a, parts_a), (log_b, of_b, parts_b)) = a.zip(b)?;
    let error = libm::sqrt((of_a + of_b).max(LEAST_VARIANCE));
    Some(Difference { log: log_b - log_a, error, freedom: freedom([(of_a, parts_a), (of_b, parts_b)]) })
}

/// The time per call of a statement with too few calls or samples, by the variance of its calls. What changed by less than
/// [`SURELY`] is not reported: by their variance alone, calls seem more certain than they are.
pub(super) fn extreme(before: &Window, after: &Window) -> Option<Test> {
    let [a, b] = [before, after].map(|window| {
        let (calls, mean) = (window.whole.calls, window.whole.mean());
        let variance = window.whole.variance()? / calls / (mean * mean);
        (calls >= MIN_CALLS_FOR_EXTREME && mean > 0.0).then_some((libm::log(mean), variance, calls))
    });
    let ((log_a, of_a, calls_a), (log_b, of_b, calls_b)) = a.zip(b)?;
    let error = libm::sqrt((of_a + of_b).max(LEAST_VARIANCE));
    let freedom = freedom([(of_a, calls_a), (of_b, calls_b)]);
    let test = Difference { log: log_b - log_a, error, freedom }.test(0.0, 1.0, SURELY);
    (test.low >= SURELY || test.high <= 1.0 / SURELY).then_some(Test { is_changed: true, ..test })
}

/// The logarithms of the time per call in each of several windows; none with too few of them or too few calls.
pub(super) fn logs_of_means(window: &Window) -> Option<Vec<f64>> {
    let steps = window.steps();
    let logs: Vec<f64> = steps.iter().flatten().map(Counts::mean).filter(|mean| *mean > 0.0).map(libm::log).collect();
    (logs.len() >= MIN_PARTS && window.whole.calls >= MIN_CALLS_FOR_TIME).then_some(logs)
}

/// The logarithms of the time per call in the windows of both sides.
pub(super) type Logs = (Vec<f64>, Vec<f64>);

/// The average of logarithms.
#[derive(Clone, Copy)]
struct Average {
    mean: f64,
    /// The variance of the mean.
    variance: f64,
    windows: f64,
}

impl Average {
    /// That of each of these. Few windows tell little about their variance, so that of each statement is averaged with the median
    /// of all, which counts as two degrees of freedom.
    fn all<'l>(logs: impl Iterator<Item = &'l Vec<f64>>) -> Vec<Option<Self>> {
        let own: Vec<_> = logs.map(|logs| (mean_and_variance(logs), logs.len() as f64)).collect();
        let typical = median(own.iter().filter_map(|(found, _)| Some((*found)?.1))).unwrap_or(0.0);
        let shrunk = |(found, windows): (Option<(f64, f64)>, f64)| {
            let (mean, variance) = found?;
            Some(Self { mean, variance: f64::midpoint(variance, typical) / windows, windows })
        };
        own.into_iter().map(shrunk).collect()
    }

    fn until(self, after: Self) -> Difference {
        let error = libm::sqrt((self.variance + after.variance).max(LEAST_VARIANCE));
        Difference { log: after.mean - self.mean, error, freedom: self.windows + after.windows - 2.0 + 4.0 }
    }
}

/// The differences of the averages of such logarithms.
pub(super) fn between_means(pairs: &[Logs]) -> Vec<Option<Difference>> {
    let before = Average::all(pairs.iter().map(|pair| &pair.0));
    let after = Average::all(pairs.iter().map(|pair| &pair.1));
    before.into_iter().zip(after).map(|(before, after)| Some(before?.until(after?))).collect()
}

/// An amount per call.
struct Rate {
    mean: f64,
    /// The variance of the mean, by the parts of the window; none with too few.
    variance: Option<f64>,
    parts: f64,
}

impl Rate {
    /// The ratio estimator: parts with many calls count for more.
    fn of(whole: &Counts, parts: &[Counts], amount: fn(&Counts) -> f64) -> Self {
        let mean = amount(whole) / whole.calls;
        let count = parts.len() as f64;
        let residual = |part: &Counts| amount(part) - part.calls * mean;
        let squares: f64 = parts.iter().map(|part| residual(part) * residual(part)).sum();
        let variance = squares / (whole.calls * whole.calls) * count / (count - 1.0);
        let is_estimated = parts.len() >= MIN_PARTS;
        Self { mean, variance: is_estimated.then_some(variance), parts: if is_estimated { count } else { ASSUMED } }
    }
}

/// Degrees of freedom of the sum of two variances, by Welch and Satterthwaite.
fn freedom(variances: [(f64, f64); 2]) -> f64 {
    let sum: f64 = variances.iter().map(|(variance, _)| variance).sum();
    let parts: f64 = variances.iter().map(|(variance, parts)| variance * variance / (parts - 1.0)).sum();
    let least: f64 = variances.iter().map(|(_, parts)| parts - 1.0).fold(f64::INFINITY, f64::min);
    if parts > 0.0 { (sum * sum / parts).max(1.0) } else { least.max(1.0) }
}
