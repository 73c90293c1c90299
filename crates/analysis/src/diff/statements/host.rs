//! Whether the server as a whole became slower or faster, by several windows on each side.

use super::window::Window;
use crate::statistics::{mean_and_variance, median, two_sided};

/// p below which several windows confirm it.
const CONFIRMED: f64 = 0.01;

/// The logarithm of a statement's time per call in each window; none where it did not run.
type Logs = Vec<Option<f64>>;

/// Whether the windows of one side differ from those of the other as a whole: in each window, the median over the statements of
/// how far its time per call is from the statement's average.
pub(super) fn is_other(pairs: &[(Window, Window)]) -> bool {
    let (before, after): (Vec<Logs>, Vec<Logs>) =
        pairs.iter().map(|(before, after)| (logs(before), logs(after))).unzip();
    let averages: Vec<Option<f64>> = before.iter().zip(&after).map(|(before, after)| average(before, after)).collect();
    let (before, after) = (speeds(&before, &averages), speeds(&after, &averages));
    let Some(((mean_a, of_a), (mean_b, of_b))) = mean_and_variance(&before).zip(mean_and_variance(&after)) else {
        return false;
    };
    let (count_a, count_b) = (before.len() as f64, after.len() as f64);
    let error = libm::sqrt((of_a / count_a + of_b / count_b).max(f64::MIN_POSITIVE));
    two_sided((mean_b - mean_a) / error, count_a.min(count_b) - 1.0) < CONFIRMED
}

fn logs(window: &Window) -> Logs {
    let log = |mean: f64| Some(libm::log(mean)).filter(|log| log.is_finite());
    window.steps().iter().map(|step| log(step.as_ref()?.mean())).collect()
}

fn average(before: &Logs, after: &Logs) -> Option<f64> {
    let known: Vec<f64> = before.iter().chain(after).flatten().copied().collect();
    mean_and_variance(&known).map(|(mean, _)| mean)
}

/// The speed of the server in each window.
fn speeds(statements: &[Logs], averages: &[Option<f64>]) -> Vec<f64> {
    let windows = statements.iter().map(Vec::len).max().unwrap_or(0);
    let speed = |window: usize| {
        let own = statements.iter().zip(averages);
        median(own.filter_map(|(logs, average)| Some(logs.get(window).copied().flatten()? - (*average)?)))
    };
    (0..windows).filter_map(speed).collect()
}
