//! Horizontal bars.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Bar, Kind};

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
    /// A chart of the largest of `bars`, which are parts of a whole: the others are one bar. None where there is
    /// nothing to compare.
    #[must_use]
    pub fn shares(caption: impl Into<String>, bars: Vec<Bar>) -> Option<Self> {
        let (mut kept, rest) = split(bars);
        kept.extend(Bar::sum_of(&rest));
        Self::of(caption.into(), kept, Vec::new())
    }

    /// A chart of the largest of `bars`, which cannot be added up, with limits on the same scale. None where there is
    /// nothing to compare.
    #[must_use]
    pub fn against(caption: impl Into<String>, bars: Vec<Bar>, limits: Vec<Bar>) -> Option<Self> {
        let limits = limits.into_iter().filter(|limit| limit.size() > 0.0).collect();
        Self::of(caption.into(), split(bars).0, limits)
    }

    fn of(caption: String, bars: Vec<Bar>, marks: Vec<Bar>) -> Option<Self> {
        (!bars.is_empty()).then_some(Self { caption, bars, marks })
    }
}

/// The longest bars in order, and the others.
fn split(bars: Vec<Bar>) -> (Vec<Bar>, Vec<Bar>) {
    let mut kept: Vec<Bar> = bars.into_iter().filter(|bar| bar.size() > 0.0).collect();
    kept.sort_by(|a, b| b.size().total_cmp(&a.size()));
    let rest = kept.split_off(kept.len().min(MAX_BARS));
    (kept, rest)
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
        let bars = (1..=10).map(|size: i64| Bar::new(size.to_string(), size)).collect();
        let chart = Bars::shares("sizes", bars).unwrap();
        assert_eq!(chart.bars.len(), 9);
        assert_eq!(chart.bars.first(), Some(&Bar::new("10", 10)));
        assert_eq!(chart.bars.last(), Some(&Bar::new("2 others", 3)));
        assert_eq!(Bars::shares("nothing", vec![Bar::new("a", 0)]), None);
        let ages = (1..=10).map(|age: i64| Bar::new(age.to_string(), age)).collect();
        let chart = Bars::against("ages", ages, vec![Bar::new("limit", 20)]).unwrap();
        assert_eq!((chart.bars.len(), chart.marks.len()), (8, 1));
    }
}
