//! Estimates beside the truth.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use pgdba_analysis::Facts;
use pgdba_analysis::facts::bloat::Bloated;
use pgdba_snapshot::DiagSnapshot;

use super::{Truth, Truths, lab};

/// What is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tables and materialized views.
    Table,
    /// Indexes.
    Index,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Table => "tables",
            Self::Index => "indexes",
        }
    }
}

/// The errors of estimates, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many there are.
    pub count: usize,
    /// The error that half of them do not exceed.
    pub median: f64,
    /// The error that 95 % of them do not exceed.
    pub p95: f64,
    /// The largest error.
    pub max: f64,
    /// The mean width of the intervals.
    pub interval: f64,
    /// The share of the intervals that contain the truth; none where there are no intervals.
    pub held: Option<f64>,
}

impl Summary {
    fn of(mut errors: Vec<f64>, held: Option<usize>, widths: f64) -> Self {
        errors.sort_by(f64::total_cmp);
        let count = errors.len();
        let at = |percent: usize| errors.get((count * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0.0);
        let held = held.map(|held| held as f64 / count.max(1) as f64);
        let interval = widths / count.max(1) as f64;
        Self { count, median: at(50), p95: at(95), max: at(100), interval, held }
    }
}

/// A relation with both.
struct Pair {
    kind: Kind,
    bloated: Bloated,
    truth: Truth,
}

impl Pair {
    /// The error in points, and whether the interval contains the truth; none if there is no estimate.
    fn error(&self) -> Option<(f64, bool)> {
        let (estimate, truth) = (self.bloated.estimate.as_ref().ok()?, self.truth.ratio());
        let is_held = (estimate.low.0 - 1e-9..=estimate.high.0 + 1e-9).contains(&truth);
        Some(((estimate.ratio.0 - truth).abs() * 100.0, is_held))
    }
}

/// The estimates of a snapshot beside the truths.
pub struct Comparison {
    pairs: Vec<Pair>,
}

impl Comparison {
    /// The estimates of `snapshot` beside `truths`. Small relations are left out: nothing is said about them.
    pub fn new(snapshot: &DiagSnapshot, truths: Truths) -> Result<Self> {
        let facts = Facts::of(snapshot);
        let bloat = facts.bloat().map_err(|missing| anyhow!("{}", missing.reason))?;
        let tables = bloat.tables.iter().map(|bloated| (Kind::Table, bloated));
        let pairs = tables.chain(bloat.indexes.iter().map(|bloated| (Kind::Index, bloated)));
        let pair = |(kind, bloated): (Kind, &Bloated)| {
            let name = bloated.name.to_string();
            let truth = *truths.get(&name).with_context(|| format!("{name} was not measured"))?;
            Ok(Pair { kind, bloated: bloated.clone(), truth })
        };
        let mut pairs = pairs.map(pair).collect::<Result<Vec<Pair>>>()?;
        pairs.retain(|pair| pair.truth.before >= pgdba_analysis::facts::bloat::MIN_PAGES as f64);
        Ok(Self { pairs })
    }

    /// The recorded set of a version.
    pub fn recorded(folder: &Path, major: u32) -> Result<Self> {
        let file = folder.join(format!("pg{major}.json.gz"));
        let bytes = std::fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
        let snapshot = pgdba_snapshot::read(&bytes).map_err(|error| anyhow!("{error}"))?;
        Self::new(&snapshot, lab::recorded(folder, major)?)
    }

    /// The errors of pgdba.
    #[must_use]
    pub fn ours(&self, kind: Kind) -> Summary {
        let errors: Vec<(f64, bool)> = self.of(kind).filter_map(Pair::error).collect();
        let held = errors.iter().filter(|(_, is_held)| *is_held).count();
        let estimates = self.of(kind).filter_map(|pair| pair.bloated.estimate.as_ref().ok());
        let widths = estimates.map(|estimate| (estimate.high.0 - estimate.low.0) * 100.0).sum();
        Summary::of(errors.into_iter().map(|(error, _)| error).collect(), Some(held), widths)
    }

    /// The errors of check_postgres, on the relations that it names.
    #[must_use]
    pub fn peers(&self, kind: Kind) -> Summary {
        let error = |pair: &Pair| Some((pair.truth.peer? - pair.truth.ratio()).abs() * 100.0);
        Summary::of(self.of(kind).filter_map(error).collect(), None, 0.0)
    }

    /// The relations without an estimate, with the reason.
    #[must_use]
    pub fn withheld(&self) -> Vec<String> {
        let reason =
            |pair: &Pair| Some(format!("{}: {}", pair.bloated.name, pair.bloated.estimate.as_ref().err()?.reason));
        self.pairs.iter().filter_map(reason).collect()
    }

    /// The relations with the largest errors.
    #[must_use]
    pub fn worst(&self, count: usize) -> Vec<String> {
        let mut errors: Vec<(f64, &Pair)> =
            self.pairs.iter().filter_map(|pair| Some((pair.error()?.0, pair))).collect();
        errors.sort_by(|a, b| b.0.total_cmp(&a.0));
        errors.into_iter().take(count).filter_map(|(_, pair)| line(pair)).collect()
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Pair> {
        self.pairs.iter().filter(move |pair| pair.kind == kind)
    }
}

fn line(pair: &Pair) -> Option<String> {
    let (estimate, truth) = (pair.bloated.estimate.as_ref().ok()?, &pair.truth);
    let [true_share, ratio, low, high] =
        [truth.ratio(), estimate.ratio.0, estimate.low.0, estimate.high.0].map(|share| share * 100.0);
    Some(format!(
        "{:<40} {:>6} -> {:>6} pages: {true_share:.1} %, estimated {ratio:.1} % ({low:.1} to {high:.1})",
        pair.bloated.name.to_string(),
        truth.before,
        truth.after
    ))
}
