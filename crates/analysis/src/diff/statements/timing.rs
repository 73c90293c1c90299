//! Which times per call changed: by several windows a side, or by one.

use super::data::{HOST, TimeMethod, TimeTest};
use super::host;
use super::significance::{Difference, MIN_PARTS, Test, between_means, extreme, logs_of_means, time};
use super::window::{Recording, Window};
use crate::statistics::{discoveries, median};

/// A change of time per call that matters.
const NEEDED: f64 = 1.1;

/// The share of false discoveries with one window a side.
const RATE_OF_ONE: f64 = 0.01;

/// The same with several.
const RATE_OF_SEVERAL: f64 = 0.05;

/// Seconds of a window: shorter ones are parts of one.
const WINDOW_SECONDS: f64 = 18.0;

/// Statements from which the noise of the host can be estimated.
const MIN_FOR_SCALE: usize = 8;

/// The scale with fewer.
const SCALE_OF_FEW: f64 = 2.0;

/// Statements from which the speed of the host can be estimated.
const MIN_FOR_CENTER: usize = 5;

/// Turns the median of absolute deviations into a standard deviation of a normal distribution.
const NORMAL: f64 = 1.4826;

/// Tests the time per call of each pair; none for those with too few calls, unless the change is extreme.
pub(super) fn tests(
    pairs: &[(Window, Window)],
    before: &Recording<'_>,
    after: &Recording<'_>,
) -> (TimeTest, Vec<Option<Test>>) {
    let (summary, tests) = by_method(pairs, before, after);
    let tests = tests.into_iter().zip(pairs).map(|(test, (before, after))| test.or_else(|| extreme(before, after)));
    (summary, tests.collect())
}

fn by_method(
    pairs: &[(Window, Window)],
    before: &Recording<'_>,
    after: &Recording<'_>,
) -> (TimeTest, Vec<Option<Test>>) {
    let is_long = |recording: &Recording<'_>| recording.shortest_of(MIN_PARTS) >= Some(WINDOW_SECONDS);
    let is_sampled = |recording: &Recording<'_>| recording.steps.len() >= MIN_PARTS;
    if is_long(before) && is_long(after) {
        several(pairs)
    } else if is_sampled(before) && is_sampled(after) {
        one(pairs)
    } else {
        let reason = format!("times are not tested: a window has fewer than {MIN_PARTS} samples inside");
        (TimeTest::none(reason), pairs.iter().map(|_| None).collect())
    }
}

fn one(pairs: &[(Window, Window)]) -> (TimeTest, Vec<Option<Test>>) {
    let differences: Vec<Option<Difference>> = pairs.iter().map(|(before, after)| time(before, after)).collect();
    let known: Vec<Difference> = differences.iter().flatten().copied().collect();
    let center = center(&known);
    let deviation = |difference: &Difference| (difference.log - center.unwrap_or(0.0)).abs() / difference.error;
    let measured = median(known.iter().map(deviation)).filter(|_| known.len() >= MIN_FOR_SCALE);
    let measured = measured.map(|median| (NORMAL * median).max(1.0));
    let scale = measured.unwrap_or(SCALE_OF_FEW);
    let tests = tested(&differences, center.unwrap_or(0.0), scale, RATE_OF_ONE);
    let reason = "each side has one window, so a change of time per call has low confidence; \
                  deltas of 2 minutes or more give several windows a side";
    (summary(TimeMethod::OneWindow, Some(reason.to_owned()), center, measured, &tests), tests)
}

fn several(pairs: &[(Window, Window)]) -> (TimeTest, Vec<Option<Test>>) {
    let logs: Vec<Option<_>> =
        pairs.iter().map(|(before, after)| logs_of_means(before).zip(logs_of_means(after))).collect();
    let known: Vec<_> = logs.iter().flatten().cloned().collect();
    let mut found = between_means(&known).into_iter();
    let differences: Vec<Option<Difference>> =
        logs.iter().map(|logs| logs.as_ref().and_then(|_| found.next().flatten())).collect();
    let of_known: Vec<Difference> = differences.iter().flatten().copied().collect();
    let center = center(&of_known);
    let tests = tested(&differences, center.unwrap_or(0.0), 1.0, RATE_OF_SEVERAL);
    let mut summary = summary(TimeMethod::SeveralWindows, None, center, None, &tests);
    summary.is_host_confirmed = center.is_some_and(|center| center.abs() >= libm::log(HOST)) && host::is_other(pairs);
    (summary, tests)
}

/// By how much the time per call of all statements changed: the median of the logarithms.
fn center(known: &[Difference]) -> Option<f64> {
    median(known.iter().map(|difference| difference.log)).filter(|_| known.len() >= MIN_FOR_CENTER)
}

fn tested(differences: &[Option<Difference>], center: f64, scale: f64, rate: f64) -> Vec<Option<Test>> {
    let mut tests: Vec<Option<Test>> =
        differences.iter().map(|difference| difference.map(|one| one.test(center, scale, NEEDED))).collect();
    let p: Vec<f64> = tests.iter().flatten().map(|test| test.p).collect();
    for (test, is_found) in tests.iter_mut().flatten().zip(discoveries(&p, rate)) {
        test.is_changed = is_found && test.is_large();
    }
    tests
}

fn summary(
    method: TimeMethod,
    reason: Option<String>,
    center: Option<f64>,
    unsteadiness: Option<f64>,
    tests: &[Option<Test>],
) -> TimeTest {
    let known = || tests.iter().flatten();
    if known().next().is_none() {
        return TimeTest::none(
            "times are not tested: no statement had 20 calls in both windows and ran throughout them",
        );
    }
    let few = format!(
        "fewer than {MIN_FOR_CENTER} statements could be tested, so a slower statement cannot be told from a slower server"
    );
    TimeTest {
        method,
        reason: if center.is_none() { Some(few) } else { reason },
        tested: known().count() as u64,
        host_ratio: center.map(libm::exp),
        is_host_confirmed: false,
        unsteadiness,
        smallest_seen: median(known().map(|test| test.smallest_seen)),
    }
}
