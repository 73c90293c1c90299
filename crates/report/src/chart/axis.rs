//! The two axes of a bar chart. Ticks are found without logarithms and powers, which differ between machines.

use std::ops::Range;

use pgdba_analysis::{Bar, Bars, Quantity};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// At most this many ticks.
pub(super) const TICKS: usize = 5;

/// A scale from zero to the longest bar or mark, with ticks at 1, 2 or 5 times a power of ten of a unit people use.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    longest: f64,
    step: f64,
    unit: Quantity,
}

impl Scale {
    pub(super) fn of(chart: &Bars) -> Self {
        let sizes = chart.bars.iter().chain(&chart.marks).map(Bar::size);
        let longest = sizes.fold(0.0, f64::max);
        let unit = chart.bars.first().map_or(Quantity::Unknown, |bar| bar.value.clone());
        Self { longest, step: step(longest, &unit), unit }
    }

    /// The values that have a label.
    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        (0..=TICKS).map(|tick| tick as f64 * self.step).take_while(|tick| *tick <= self.longest)
    }
}

/// The smallest step of the series 1, 2, 5, 10 … that leaves at most [`TICKS`] of them.
fn step(longest: f64, unit: &Quantity) -> f64 {
    let mut decade = base(longest, unit);
    loop {
        for factor in [1.0, 2.0, 5.0] {
            let step = decade * factor;
            // A step beyond all numbers fits as well, so this ends.
            if step * TICKS as f64 >= longest {
                return step;
            }
        }
        decade *= 10.0;
    }
}

/// Where the search for a step begins: one of the unit in which the longest is written.
fn base(longest: f64, unit: &Quantity) -> f64 {
    const SIZES: [f64; 6] = [1.0, 1024.0, 1_048_576.0, 1_073_741_824.0, 1_099_511_627_776.0, 1_125_899_906_842_624.0];
    const TIMES: [f64; 5] = [0.1, 1_000.0, 60_000.0, 3_600_000.0, 86_400_000.0];
    let largest_below = |units: &[f64]| units.iter().copied().rfind(|unit| *unit <= longest).unwrap_or(1.0);
    match unit {
        Quantity::Bytes(_) | Quantity::EstimatedBytes(_) => largest_below(&SIZES),
        Quantity::Millis(_) => largest_below(&TIMES),
        Quantity::Ratio(_) => 0.001,
        Quantity::Number(_) | Quantity::PerSecond(_) => 0.1,
        Quantity::Count(_) | Quantity::Time(_) | Quantity::Text(_) | Quantity::Series(_) | Quantity::Unknown => 1.0,
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = if self.longest > 0.0 { value / self.longest } else { 0.0 };
        limit.0 + (f64::from(limit.1 - limit.0) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks().collect()
    }

    fn range(&self) -> Range<f64> {
        0.0..self.longest
    }
}

impl ValueFormatter<f64> for Scale {
    fn format(value: &f64) -> String {
        value.to_string()
    }

    fn format_ext(&self, value: &f64) -> String {
        self.unit.with_size(*value).display()
    }
}

/// One row a bar, the first at the top.
#[derive(Debug, Clone)]
pub(super) struct Rows(pub(super) i32);

impl Ranged for Rows {
    type FormatOption = NoDefaultFormatting;
    type ValueType = i32;

    fn map(&self, row: &i32, limit: (i32, i32)) -> i32 {
        let (bottom, top) = limit;
        top + (bottom - top) * row / self.0.max(1)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<i32> {
        Vec::new()
    }

    fn range(&self) -> Range<i32> {
        0..self.0
    }
}

impl ValueFormatter<i32> for Rows {
    fn format(row: &i32) -> String {
        row.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_in_the_unit_of_the_longest() {
        assert_eq!(step(0.42, &Quantity::Ratio(0.0)), 0.1);
        assert_eq!(step(97.0, &Quantity::Count(0)), 20.0);
        assert_eq!(step(3.0, &Quantity::Count(0)), 1.0);
        assert_eq!(step(700.0 * 1_048_576.0, &Quantity::Bytes(0)), 200.0 * 1_048_576.0);
        assert_eq!(step(7_200_000.0, &Quantity::Millis(0.0)), 3_600_000.0);
    }

    #[test]
    fn any_length_has_a_step() {
        for longest in [0.0, f64::MIN_POSITIVE, 1e-300, 1e300, f64::MAX] {
            assert!(step(longest, &Quantity::Number(0.0)) > 0.0, "{longest}");
        }
    }
}
