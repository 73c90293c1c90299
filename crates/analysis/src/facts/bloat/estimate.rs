//! An estimate: a share, an interval and what makes it doubtful.

use pgdba_pg::{Bytes, Ratio};

use crate::format::Confidence;

/// The share of a relation that VACUUM FULL or REINDEX would return.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The share.
    pub ratio: Ratio,
    /// The least that it can be.
    pub low: Ratio,
    /// The most that it can be.
    pub high: Ratio,
    /// The same in bytes.
    pub wasted: Bytes,
    /// The bytes that it can be at least.
    pub wasted_low: Bytes,
    /// How reliable the figures are that it is derived from.
    pub confidence: Confidence,
    /// Why it is not more reliable.
    pub doubts: Vec<&'static str>,
}

/// The pages that a relation has and those that it needs.
#[derive(Debug, Clone)]
pub(super) struct Need {
    /// Its pages now.
    pub(super) pages: f64,
    /// The pages that it needs.
    pub(super) needed: f64,
    /// By which share those can be off.
    pub(super) band: f64,
    /// By how many pages they can be off besides.
    pub(super) slack: f64,
    /// What makes it doubtful.
    pub(super) doubts: Vec<&'static str>,
}

impl Need {
    /// The estimate, of blocks of this size.
    pub(super) fn estimate(self, block_size: f64) -> Estimate {
        let bloat = |needed: f64| (1.0 - needed / self.pages).clamp(0.0, 1.0);
        let wasted = |ratio: f64| Bytes(((ratio * self.pages).round() * block_size) as i64);
        let (ratio, low) = (bloat(self.needed), bloat(self.needed * (1.0 + self.band) + self.slack));
        Estimate {
            ratio: Ratio(ratio),
            low: Ratio(low),
            high: Ratio(bloat(self.needed * (1.0 - self.band).max(0.0) - self.slack)),
            wasted: wasted(ratio),
            wasted_low: wasted(low),
            confidence: if self.doubts.is_empty() { Confidence::Medium } else { Confidence::Low },
            doubts: self.doubts,
        }
    }
}
