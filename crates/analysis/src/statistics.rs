//! Statistics: Student's t distribution, the procedure of Benjamini and Hochberg, medians.

/// Digits of the continued fraction and of the quantile that are computed.
const PRECISION: f64 = 1e-12;

/// Steps after which the continued fraction has converged for every number of degrees of freedom.
const MOST_STEPS: u32 = 500;

/// The probability that a variable with Student's t distribution of `freedom` degrees of freedom is at least as far from zero as
/// `t`: the two-sided p-value. 1 where it is not defined.
#[must_use]
pub(crate) fn two_sided(t: f64, freedom: f64) -> f64 {
    if !t.is_finite() || freedom.is_nan() || freedom <= 0.0 {
        return if t.is_infinite() && freedom > 0.0 { 0.0 } else { 1.0 };
    }
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5).clamp(0.0, 1.0)
}

/// The t whose [two-sided p-value](two_sided) is `p`: half the width of a confidence interval, in standard errors.
#[must_use]
pub(crate) fn quantile(p: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while two_sided(high, freedom) > p && high < 1e9 {
        high *= 2.0;
    }
    while high - low > PRECISION * high {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if two_sided(middle, freedom) > p { low = middle } else { high = middle }
    }
    high
}

/// The regularized incomplete beta function I_x(a, b), by its continued fraction.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side only; the other is its complement.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta_below(1.0 - x, b, a);
    }
    incomplete_beta_below(x, a, b)
}

fn incomplete_beta_below(x: f64, a: f64, b: f64) -> f64 {
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - ln_beta) / a;
    front * fraction(x, a, b)
}

/// The continued fraction of the incomplete beta function, by the modified method of Lentz.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let safe = |value: f64| if value.abs() < f64::MIN_POSITIVE * 1e8 { f64::MIN_POSITIVE * 1e8 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    for step in 1..=MOST_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / safe(1.0 + term * d);
            c = safe(1.0 + term / c);
            result *= d * c;
        }
        if (d * c - 1.0).abs() < PRECISION {
            break;
        }
    }
    result
}

/// Which of the p-values are significant, if at most the share `rate` of those should be false: Benjamini and Hochberg.
#[must_use]
pub(crate) fn discoveries(p_values: &[f64], rate: f64) -> Vec<bool> {
    let mut sorted: Vec<f64> = p_values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let all = sorted.len() as f64;
    let is_below = |(rank, p): &(usize, &f64)| **p <= rate * (*rank as f64 + 1.0) / all;
    let limit = sorted.iter().enumerate().filter(is_below).map(|(_, p)| *p).next_back();
    p_values.iter().map(|p| limit.is_some_and(|limit| *p <= limit)).collect()
}

/// The median; none of no values.
#[must_use]
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2).copied().unwrap_or(upper);
    Some(f64::midpoint(lower, upper))
}

/// The mean and the variance of a sample; none of fewer than two values.
#[must_use]
pub(crate) fn mean_and_variance(values: &[f64]) -> Option<(f64, f64)> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (values.len() >= 2).then(|| (mean, squares / (count - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Critical values of Student's t from the table of NIST/SEMATECH, e-Handbook of Statistical Methods, 1.3.6.7.2.
    #[test]
    fn student_s_t_is_that_of_the_table() {
        for (freedom, p, t) in [
            (1.0, 0.05, 12.706),
            (2.0, 0.05, 4.303),
            (5.0, 0.01, 4.032),
            (10.0, 0.05, 2.228),
            (10.0, 0.002, 4.144),
            (30.0, 0.10, 1.697),
            (100.0, 0.01, 2.626),
        ] {
            assert!((quantile(p, freedom) - t).abs() < 5e-4, "{freedom} {p}: {}", quantile(p, freedom));
            assert!((two_sided(t, freedom) - p).abs() < 2e-4 * (1.0 + p), "{freedom} {p}: {}", two_sided(t, freedom));
            assert_eq!(two_sided(t, freedom), two_sided(-t, freedom));
        }
        // The normal distribution is the limit: 1.959964 at 5 %.
        assert!((quantile(0.05, 1e7) - 1.959_964).abs() < 1e-5);
        assert_eq!((two_sided(0.0, 5.0), two_sided(f64::NAN, 5.0), two_sided(1.0, 0.0)), (1.0, 1.0, 1.0));
        assert_eq!(two_sided(f64::INFINITY, 5.0), 0.0);
    }

    /// With one degree of freedom it is the Cauchy distribution: 1/2 at t = 1.
    #[test]
    fn student_s_t_of_one_degree_is_cauchy_s() {
        assert!((two_sided(1.0, 1.0) - 0.5).abs() < 1e-12);
    }

    /// The example of Benjamini and Hochberg (1995), section 4: at 0.05 the four smallest of 15 are significant.
    #[test]
    fn discoveries_are_those_of_benjamini_and_hochberg() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ];
        let found = discoveries(&p, 0.05);
        assert_eq!(found.iter().filter(|is| **is).count(), 4);
        let reversed: Vec<f64> = p.iter().rev().copied().collect();
        assert!(discoveries(&reversed, 0.05).ends_with(&[true; 4]));
        assert_eq!(discoveries(&[], 0.05), Vec::<bool>::new());
        // A value above its own limit is significant if a greater one is below its limit.
        assert_eq!(discoveries(&[0.04, 0.045], 0.05), [true, true]);
    }

    #[test]
    fn medians_and_variances_are_those_of_the_sample() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median([]), None);
        assert_eq!(mean_and_variance(&[1.0, 2.0, 3.0, 4.0]), Some((2.5, 5.0 / 3.0)));
        assert_eq!(mean_and_variance(&[1.0]), None);
    }
}
