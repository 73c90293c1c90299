//! Horizontal bars.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Bar, Kind};
use crate::format::Quantity;

/// Bars that a chart keeps.
const MAX_BARS: usize = 8;

/// Horizontal bars on one scale that begins at zero, the longest first.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Bars {
    /// What is compared.
    pub caption: String,
    /// The bars; all have the same unit.
    pub bars: Vec<Bar>,
    /// Limits to compare them with.
    pub marks: Vec<Bar>,
}

impl Bars {
    /// A chart of the largest of `parts` of a whole: the others are one bar. `label` names a part. None where there is
    /// nothing to compare.
    #[must_use]
    pub fn shares<T>(
        caption: impl Into<String>,
        parts: impl Iterator<Item = (T, Quantity)>,
        label: impl Fn(T) -> String,
    ) -> Option<Self> {
        let (mut bars, rest) = split(parts, label);
        bars.extend(sum(&rest).map(|sum| Bar::new(format!("{} others", rest.len()), sum)));
        Self::of(caption.into(), bars, Vec::new())
    }

    /// A chart of the largest of `figures`, which cannot be added up, with limits on the same scale. `label` names a
    /// figure. None where there is nothing to compare.
    #[must_use]
    pub fn against<T>(
        caption: impl Into<String>,
        figures: impl Iterator<Item = (T, Quantity)>,
        label: impl Fn(T) -> String,
        limits: Vec<Bar>,
    ) -> Option<Self> {
        let limits = limits.into_iter().filter(|limit| limit.size() > 0.0).collect();
        Self::of(caption.into(), split(figures, label).0, limits)
    }

    fn of(caption: String, bars: Vec<Bar>, marks: Vec<Bar>) -> Option<Self> {
        (!bars.is_empty()).then_some(Self { caption, bars, marks })
    }
}

/// The longest bars in order, and the other figures. Of many thousand figures only these few are named.
fn split<T>(
    figures: impl Iterator<Item = (T, Quantity)>,
    label: impl Fn(T) -> String,
) -> (Vec<Bar>, Vec<Quantity>) {
    let mut figures: Vec<(T, Quantity)> = figures.filter(|(_, value)| value.size() > 0.0).collect();
    figures.sort_by(|(_, a), (_, b)| b.size().total_cmp(&a.size()));
    let rest = figures.split_off(figures.len().min(MAX_BARS));
    let bars = figures.into_iter().map(|(named, value)| Bar { label: label(named), value }).collect();
    (bars, rest.into_iter().map(|(_, value)| value).collect())
}

/// All figures in one; none of no figures, and none of those that cannot be added up.
fn sum(figures: &[Quantity]) -> Option<Quantity> {
    let (first, others) = figures.split_first()?;
    others.iter().try_fold(first.clone(), |sum, figure| sum.plus(figure))
}

impl Kind for Bars {
    fn caption(&self) -> &str {
        &self.caption
    }

    fn figures(&self) -> &[Bar] {
        &self.bars
    }

    fn limits(&self) -> &[Bar] {
        &self.marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_keeps_the_longest_and_adds_up_the_rest() {
        let figures = || (1..=10).map(|size: i64| (size, Quantity::from(size)));
        let label = |size: i64| size.to_string();
        let chart = Bars::shares("sizes", figures(), label).unwrap();
        assert_eq!(chart.bars.len(), 9);
        assert_eq!(chart.bars.first(), Some(&Bar::new("10", 10)));
        assert_eq!(chart.bars.last(), Some(&Bar::new("2 others", 3)));
        assert_eq!(Bars::shares("nothing", [(0, Quantity::from(0))].into_iter(), label), None);
        let chart = Bars::against("ages", figures(), label, vec![Bar::new("limit", 20)]).unwrap();
        assert_eq!((chart.bars.len(), chart.marks.len()), (8, 1));
    }
}
