//! What rules about bloat show of a relation.

use pgdba_pg::{Bytes, Millis, Ratio, display};

use super::draft::Draft;
use super::found::Found;
use crate::facts::bloat::Bloated;
use crate::format::{Confidence, Figure};

/// Bytes that a rewrite reads and writes per second, on storage of ordinary speed.
const PER_SECOND: i64 = 50 * 1024 * 1024;

/// The figures of a relation, whose bloat is compared with `share`.
#[must_use]
pub fn figures(relation: &Bloated, share: Ratio) -> [Figure; 6] {
    let estimate = relation.estimate.as_ref().ok();
    let interval =
        estimate.map(|estimate| format!("{} to {}", display::percent(estimate.low), display::percent(estimate.high)));
    [
        Figure::new("wasted", relation.wasted()),
        Figure::new("bloat", estimate.map(|estimate| estimate.ratio)).against(share),
        Figure::new("interval", interval),
        Figure::new("size", relation.size),
        Figure::new("space_to_rewrite", relation.rewritten),
        Figure::new("time_to_rewrite", rewrite_time(relation)),
    ]
}

/// Roughly how long it takes to read a relation and to write it again with its indexes.
#[must_use]
pub fn rewrite_time(relation: &Bloated) -> Millis {
    let read = relation.size.map_or(0, |size| size.bytes.0);
    let bytes = read.saturating_add(relation.rewritten.0);
    Millis::from_seconds(bytes.saturating_add(PER_SECOND - 1).saturating_div(PER_SECOND) as f64)
}

/// The bytes that all would return.
#[must_use]
pub fn wasted<'b>(relations: impl Iterator<Item = &'b Bloated>) -> Bytes {
    Bytes(relations.filter_map(Bloated::wasted).fold(0, |sum, wasted| sum.saturating_add(wasted.0)))
}

impl Draft {
    /// How far the estimate of what was found can be trusted.
    #[must_use]
    pub fn estimated(self, found: &Found<&Bloated>) -> Self {
        let doubts =
            found.iter().filter_map(|relation| relation.estimate.as_ref().ok()).flat_map(|estimate| &estimate.doubts);
        let first = doubts.copied().next();
        let because = first.map(|doubt| format!("Confidence is low: {doubt}."));
        self.because("The share is an estimate from the catalogs and the planner's statistics.")
            .because_if(because.is_some(), because.unwrap_or_default())
            .confidence(if first.is_some() { Confidence::Low } else { Confidence::Medium })
    }
}
