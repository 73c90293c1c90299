//! A straight line through points in time, and when it reaches a limit.
//!
//! A date is given only where the points justify one: there are enough of them over enough time, the line is not far longer than
//! they are, its slope did not change, and the 95 % interval of the date is narrow.

use jiff::{SignedDuration, Timestamp};
use pgdba_pg::{Millis, display};

use crate::statistics::quantile;

/// Points that a projection needs.
pub const LEAST_POINTS: usize = 5;

/// Different times among them that it needs.
pub const LEAST_TIMES: usize = 3;

/// The time that they must cover.
pub const LEAST_TIME: Millis = Millis(3_600_000.0);

/// The farthest date, as a multiple of the time that the points cover.
pub const FARTHEST: f64 = 10.0;

/// The latest date may be this many times as far away as the earliest.
pub const WIDEST: f64 = 2.0;

/// The slope of the second half of the points, as a multiple of that of all of them, at least; and the reverse.
pub const LEAST_STEADY: f64 = 2.0 / 3.0;

/// The probability that the date is outside its interval, if the points vary around the line by chance.
const OUTSIDE: f64 = 0.05;

/// When a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) at: Timestamp,
    pub(super) earliest: Timestamp,
    pub(super) latest: Timestamp,
}

/// A straight line by least squares: times in seconds.
struct Line {
    count: f64,
    mean_time: f64,
    mean_value: f64,
    /// The sum of the squared distances of the times from their mean.
    spread: f64,
    slope: f64,
    /// The variance of the points around the line.
    variance: f64,
}

impl Line {
    /// None if all points are of one time.
    fn through(points: &[(f64, f64)]) -> Option<Self> {
        let count = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (mean_time, mean_value) = (mean(|point| point.0), mean(|point| point.1));
        let centered = || points.iter().map(|(time, value)| (time - mean_time, value - mean_value));
        let spread: f64 = centered().map(|(time, _)| time * time).sum();
        let slope = centered().map(|(time, value)| time * value).sum::<f64>() / spread;
        let residuals = centered().map(|(time, value)| value - slope * time);
        let variance = residuals.map(|residual| residual * residual).sum::<f64>() / (count - 2.0).max(1.0);
        slope.is_finite().then_some(Self { count, mean_time, mean_value, spread, slope, variance })
    }

    /// When it reaches `limit`, and between which times with 95 %: where the limit is within the prediction interval of a point.
    /// None if the interval has no end.
    fn reaches(&self, limit: f64) -> Option<[f64; 3]> {
        let t = quantile(OUTSIDE, self.count - 2.0);
        let (distance, noise) = (limit - self.mean_value, t * t * self.variance);
        // (slope · d − distance)² = noise · (1 + 1/count + d²/spread), for the distance d from the mean time.
        let a = self.slope * self.slope - noise / self.spread;
        let half_b = self.slope * distance;
        let c = distance * distance - noise * (1.0 + 1.0 / self.count);
        let root = libm::sqrt((half_b * half_b - a * c).max(0.0));
        let ends = [(half_b - root) / a, distance / self.slope, (half_b + root) / a];
        let is_bounded = a > 0.0 && ends.iter().all(|end| end.is_finite());
        is_bounded.then(|| ends.map(|end| end + self.mean_time))
    }
}

/// When `points`, the oldest first, reach `limit`.
///
/// # Errors
/// Why that cannot be told.
pub(super) fn project(points: &[(Timestamp, f64)], limit: f64) -> Result<Reached, String> {
    let too_few = || {
        format!(
            "it needs {LEAST_POINTS} points of {LEAST_TIMES} different times over {} or more",
            display::duration(LEAST_TIME)
        )
    };
    let (first, last) = points.first().zip(points.last()).ok_or_else(too_few)?;
    let (before, now) = (limit - first.1, limit - last.1);
    if now == 0.0 || before * now < 0.0 {
        return Err("the limit is reached".to_owned());
    }
    let mut times: Vec<Timestamp> = points.iter().map(|(time, _)| *time).collect();
    times.dedup();
    let covered = last.0.duration_since(first.0).as_secs_f64();
    if points.len() < LEAST_POINTS || times.len() < LEAST_TIMES || covered < LEAST_TIME.seconds() {
        return Err(too_few());
    }
    let seconds: Vec<(f64, f64)> =
        points.iter().map(|(time, value)| (time.duration_since(last.0).as_secs_f64(), *value)).collect();
    let line = Line::through(&seconds).ok_or_else(too_few)?;
    if now * line.slope <= 0.0 {
        return Err("it does not move toward the limit".to_owned());
    }
    require_steady(&seconds, line.slope)?;
    let [earliest, at, latest] =
        line.reaches(limit).ok_or_else(|| "the points vary too much for a line through them".to_owned())?;
    if earliest <= 0.0 || latest > earliest * WIDEST {
        return Err("the points vary too much: the interval of the date is too wide".to_owned());
    }
    if at > covered * FARTHEST {
        return Err(format!("not within {FARTHEST:.0} times the time that the snapshots cover"));
    }
    let moment = |seconds: f64| last.0.checked_add(SignedDuration::try_from_secs_f64(seconds).ok()?).ok();
    let all = moment(at).zip(moment(earliest)).zip(moment(latest));
    let ((at, earliest), latest) = all.ok_or_else(|| "the date is out of range".to_owned())?;
    Ok(Reached { at, earliest, latest })
}

/// Requires that the second half of the points has a similar slope: what stopped or accelerates does not continue as a line.
fn require_steady(points: &[(f64, f64)], slope: f64) -> Result<(), String> {
    let late = points.get(points.len() / 2..).and_then(Line::through);
    let ratio = late.map_or(0.0, |late| late.slope / slope);
    if (LEAST_STEADY..=1.0 / LEAST_STEADY).contains(&ratio) {
        return Ok(());
    }
    Err("the growth changed between the snapshots".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: f64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(hours * 3600.0)
    }

    fn points(values: &[f64]) -> Vec<(Timestamp, f64)> {
        values.iter().enumerate().map(|(hour, value)| (at(hour as f64), *value)).collect()
    }

    #[test]
    fn a_straight_line_reaches_the_limit_on_time() {
        let expected = Reached { at: at(10.0), earliest: at(10.0), latest: at(10.0) };
        assert_eq!(project(&points(&[0.0, 10.0, 20.0, 30.0, 40.0]), 100.0), Ok(expected));
        assert_eq!(project(&points(&[100.0, 90.0, 80.0, 70.0, 60.0]), 0.0), Ok(expected));
    }

    /// The interval of an inverse prediction (Fieller): the limits of d solve (b·d − D)² = t² s² (1 + 1/n + d²/Sxx). Here b = 9.9,
    /// mean 19.8, s² = 0.3/3·…, checked against the equation itself.
    #[test]
    fn the_interval_is_where_the_limit_is_within_the_prediction_interval() {
        let values = [0.0, 10.2, 19.9, 30.3, 39.9, 50.1, 59.8];
        let seconds: Vec<(f64, f64)> = values.iter().enumerate().map(|(at, value)| (at as f64, *value)).collect();
        let line = Line::through(&seconds).unwrap();
        let t = quantile(0.05, 5.0);
        for end in [0, 2].map(|end| line.reaches(100.0).unwrap()[end]) {
            let d = end - line.mean_time;
            let off = (line.mean_value + line.slope * d - 100.0).abs();
            let width = t * libm::sqrt(line.variance * (1.0 + 1.0 / 7.0 + d * d / line.spread));
            assert!((off - width).abs() < 1e-9, "{off} {width}");
        }
        let found = project(&points(&values), 100.0).unwrap();
        assert!(found.earliest < found.at && found.at < found.latest, "{found:?}");
        assert!((found.at.as_second() - at(10.0).as_second()).abs() < 600, "{found:?}");
    }

    #[test]
    fn a_projection_that_the_points_do_not_justify_is_refused() {
        let line = |count: i32| (0..count).map(|hour| f64::from(hour) * 10.0).collect::<Vec<_>>();
        for (values, limit, reason) in [
            (line(0), 100.0, "it needs 5 points"),
            (line(4), 100.0, "it needs 5 points"),
            (line(6), -20.0, "does not move toward"),
            // It was passed, or is where the last point is, however few there are.
            (line(6), 20.0, "the limit is reached"),
            (vec![30.0, 20.0, 10.0, 5.0, 0.0], 0.0, "the limit is reached"),
            (vec![0.0; 6], 0.0, "the limit is reached"),
            (vec![0.0; 2], 0.0, "the limit is reached"),
            (vec![0.0, 10.0, 20.0, 30.0, 40.0], 0.0, "does not move toward"),
            (line(6), 1e6, "not within 10 times"),
            // A single load of data.
            (vec![0.0, 0.0, 0.0, 100.0, 100.0, 100.0], 120.0, "the growth changed"),
            // It accelerates: a line would be late.
            (vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0], 1000.0, "the growth changed"),
            (vec![0.0, 14.0, 16.0, 34.0, 36.0, 54.0, 56.0, 74.0], 80.0, "vary too much"),
            (vec![5.0; 6], 10.0, "does not move toward"),
        ] {
            let found = project(&points(&values), limit);
            assert!(found.as_ref().is_err_and(|why| why.contains(reason)), "{values:?}: {found:?}");
        }
        let quick: Vec<(Timestamp, f64)> = (0..6).map(|step| (at(f64::from(step) / 60.0), f64::from(step))).collect();
        assert!(project(&quick, 10.0).is_err());
        let twice: Vec<(Timestamp, f64)> =
            (0..6).map(|step| (at(f64::from(step / 3) * 9.0), f64::from(step / 3))).collect();
        assert!(project(&twice, 2.0).is_err(), "two times only");
    }
}
