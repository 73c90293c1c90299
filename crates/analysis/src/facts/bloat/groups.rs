//! How many rows have equal keys, from the number of distinct values and the frequencies of the most common ones.

use pgdba_snapshot::sections::pg_stats::PgStats;

/// Groups of keys that are kept apart; similar ones are merged.
const MOST_BUCKETS: usize = 32;

/// Into how many groups the values that are not among the most common ones are divided, where their frequencies differ.
const TAIL_BUCKETS: u32 = 8;

/// Correlation from which equal values are next to each other in the table.
const CLUSTERED: f64 = 0.9;

/// Exponent of frequency by rank below which the frequencies count as equal.
const LEVEL: f64 = 0.15;

/// Keys of similar frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bucket {
    keys: f64,
    /// The share of the rows that each key has.
    share: f64,
}

/// The keys of a column or of several columns, without nulls.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    /// None if nearly every row has a key of its own.
    buckets: Option<Vec<Bucket>>,
    /// Whether rows with equal keys are next to each other, so that groups are of about one size.
    pub(super) is_clustered: bool,
    /// Whether the number of keys was extrapolated from a sample.
    pub(super) is_sampled: bool,
    /// The share of the rows that have one of the most common values.
    pub(super) common: f64,
    /// The frequency of the least common of them.
    least_common: f64,
    /// Whether more rows have more keys.
    grows: bool,
}

/// What is needed to read the statistics of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Analyzed {
    /// Rows of the table when it was analyzed.
    pub(super) rows: f64,
    /// Rows in the sample.
    pub(super) sample: f64,
}

/// The rows that are grouped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    /// How many there are.
    pub(super) rows: f64,
    /// How many there were when the table was analyzed: rows with equal keys that are next to each other are deleted together.
    pub(super) before: f64,
    /// How many of the deletes took single rows of a key, from 0 to 1; the others took all rows of a key.
    pub(super) thinned: f64,
}

impl Groups {
    /// Every row has a key of its own.
    pub(super) fn unique() -> Self {
        Self { buckets: None, is_clustered: false, is_sampled: false, common: 0.0, least_common: 1.0, grows: true }
    }

    /// All rows have the same key.
    pub(super) fn one() -> Self {
        Self {
            buckets: Some(vec![Bucket { keys: 1.0, share: 1.0 }]),
            is_clustered: true,
            is_sampled: false,
            common: 1.0,
            least_common: 1.0,
            grows: false,
        }
    }

    /// The values of a column.
    pub(super) fn of(stats: &PgStats, analyzed: Analyzed) -> Self {
        let nulls = stats.null_frac.unwrap_or(0.0).clamp(0.0, 1.0);
        let (rows, sample) = (analyzed.rows * (1.0 - nulls), (analyzed.sample * (1.0 - nulls)).max(1.0));
        let published = match stats.n_distinct {
            Some(count) if count > 0.0 => count,
            Some(ratio) if ratio < 0.0 => -ratio * analyzed.rows,
            _ => return Self::unique(),
        };
        if rows < 1.0 || published >= rows * 0.999 {
            return Self::unique();
        }
        let common = Common::of(stats, 1.0 - nulls);
        let is_clustered = stats.correlation.is_some_and(|correlation| correlation.abs() >= CLUSTERED);
        let is_sampled = sample < rows * 0.99;
        let left = published - common.keys;
        let mut buckets = common.buckets.clone();
        if left > 0.5 && common.rest > 1e-9 {
            let tail = Tail { common: &common, rows: rows * common.rest, taken: (sample / rows).min(1.0), sample };
            let keys = if is_clustered { left } else { tail.potential_keys(published) };
            buckets.extend(tail.buckets(keys));
        }
        let least_common = common.buckets.iter().map(|bucket| bucket.share).fold(1.0, f64::min);
        let grows = stats.n_distinct < Some(0.0);
        let groups = Self {
            buckets: Some(merged(buckets)),
            is_clustered,
            is_sampled,
            common: 1.0 - common.rest,
            least_common,
            grows,
        };
        if groups.buckets.as_ref().is_some_and(Vec::is_empty) { Self::unique() } else { groups }
    }

    /// Whether nearly every row has a key of its own.
    pub(super) fn are_unique(&self) -> bool {
        self.buckets.is_none()
    }

    /// How many keys there are.
    pub(super) fn keys(&self) -> f64 {
        self.buckets.as_ref().map_or(f64::INFINITY, |buckets| buckets.iter().map(|bucket| bucket.keys).sum())
    }

    /// The keys of two columns that do not depend on each other, or of which one follows from the other.
    pub(super) fn with(self, other: &Self) -> Self {
        let (Some(first), Some(second)) = (&self.buckets, &other.buckets) else { return Self::unique() };
        let (is_sampled, grows) = (self.is_sampled || other.is_sampled, self.grows || other.grows);
        if self.is_clustered && other.is_clustered {
            let finer = if self.keys() >= other.keys() { self.buckets } else { other.buckets.clone() };
            return Self {
                buckets: finer,
                is_clustered: true,
                is_sampled,
                common: self.common,
                least_common: self.least_common,
                grows,
            };
        }
        let pairs = first
            .iter()
            .flat_map(|a| second.iter().map(|b| Bucket { keys: a.keys * b.keys, share: a.share * b.share }));
        Self {
            buckets: Some(merged(pairs.collect())),
            is_clustered: false,
            is_sampled,
            common: self.common,
            least_common: self.least_common,
            grows,
        }
    }

    /// The finer of two groupings, where one column follows from the other.
    pub(super) fn finer(self, other: &Self) -> Self {
        if self.keys() >= other.keys() { self } else { other.clone() }
    }

    /// The most common values apart from the others. `common` is the share of the rows that have one of them.
    pub(super) fn split(&self) -> (Self, Self) {
        let buckets = self.buckets.clone().unwrap_or_default();
        let (common, tail): (Vec<Bucket>, Vec<Bucket>) =
            buckets.iter().partition(|bucket| bucket.share >= self.least_common);
        let of = |buckets: Vec<Bucket>| {
            let sum: f64 = buckets.iter().map(|bucket| bucket.keys * bucket.share).sum();
            let buckets = buckets.iter().map(|bucket| Bucket { share: bucket.share / sum, ..*bucket }).collect();
            Self { buckets: Some(buckets), ..self.clone() }
        };
        (of(common), of(tail))
    }

    /// Calls `add` with a number of keys and the number of rows that each of them has.
    pub(super) fn each(&self, now: Present, mut add: impl FnMut(f64, f64)) {
        let Present { rows, before, thinned } = now;
        let grown = if self.grows && before > 0.0 { (rows / before).max(1.0) } else { 1.0 };
        for bucket in self.buckets.iter().flatten() {
            let bucket = Bucket { keys: bucket.keys * grown, share: bucket.share / grown };
            if self.is_clustered && bucket.keys > 1.5 {
                let mean = bucket.share * rows.max(before);
                let left = if mean > 0.0 { bucket.share * rows / mean } else { 0.0 };
                between(bucket.keys * left * (1.0 - thinned), mean, &mut add);
                thinned_groups(bucket.keys * thinned, mean, left, &mut add);
            } else {
                poisson(bucket.keys, bucket.share * rows, &mut add);
            }
        }
    }
}

/// Groups with this mean, of which none is empty, after this share of their rows is left.
fn thinned_groups(keys: f64, mean: f64, left: f64, add: &mut impl FnMut(f64, f64)) {
    // The mean before empty ones were left out: by iteration, as it is a little less.
    let mut potential = mean;
    for _ in 0..20 {
        potential = mean * (1.0 - libm::exp(-potential));
    }
    if potential > 0.01 {
        poisson(keys * mean / potential, potential * left, add);
    } else {
        add(keys * mean * left, 1.0);
    }
}

/// Groups of two sizes around a mean.
fn between(keys: f64, mean: f64, add: &mut impl FnMut(f64, f64)) {
    let (less, more) = (mean.floor().max(1.0), mean - mean.floor());
    add(keys * (1.0 - more), less);
    if more > 1e-9 {
        add(keys * more, less + 1.0);
    }
}

/// Groups whose sizes vary at random around a mean; empty ones are left out.
fn poisson(keys: f64, mean: f64, add: &mut impl FnMut(f64, f64)) {
    if mean > 200.0 {
        // Three sizes that have the same mean and variance.
        let step = (3.0 * mean).sqrt();
        for (share, rows) in [(1.0 / 6.0, mean - step), (2.0 / 3.0, mean), (1.0 / 6.0, mean + step)] {
            add(keys * share, rows.round().max(1.0));
        }
        return;
    }
    let mut probability = libm::exp(-mean);
    let most = (mean + 6.0 * mean.sqrt() + 4.0).ceil() as u32;
    for rows in 1..=most {
        probability *= mean / f64::from(rows);
        if probability * keys > 1e-6 {
            add(keys * probability, f64::from(rows));
        }
    }
}

/// Merges similar frequencies, so that the product of several columns stays small.
fn merged(mut buckets: Vec<Bucket>) -> Vec<Bucket> {
    buckets.retain(|bucket| bucket.keys > 0.0 && bucket.share > 0.0);
    if buckets.len() <= MOST_BUCKETS {
        return buckets;
    }
    buckets.sort_by(|a, b| b.share.total_cmp(&a.share));
    let chunks = buckets.chunks(buckets.len().div_ceil(MOST_BUCKETS));
    let merge = |chunk: &[Bucket]| {
        let keys: f64 = chunk.iter().map(|bucket| bucket.keys).sum();
        Bucket { keys, share: chunk.iter().map(|bucket| bucket.keys * bucket.share).sum::<f64>() / keys }
    };
    chunks.map(merge).collect()
}

/// The most common values of a column.
struct Common {
    buckets: Vec<Bucket>,
    keys: f64,
    /// The share of the rows that have another value.
    rest: f64,
    /// How the frequency falls with the rank: its exponent.
    exponent: f64,
}

impl Common {
    fn of(stats: &PgStats, present: f64) -> Self {
        let present = present.max(1e-9);
        let shown = stats.most_common_freqs.as_deref().unwrap_or_default();
        let mut buckets: Vec<Bucket> = shown.iter().map(|share| Bucket { keys: 1.0, share: share / present }).collect();
        let sum: f64 = shown.iter().sum();
        let keys = stats.most_common_count.map_or(shown.len() as f64, |count| count as f64);
        let hidden = keys - shown.len() as f64;
        let of_hidden = stats.most_common_total.map_or(0.0, |total| (total - sum).max(0.0));
        if hidden > 0.0 {
            buckets.push(Bucket { keys: hidden, share: of_hidden / hidden / present });
        }
        let rest = (1.0 - (sum + of_hidden) / present).max(0.0);
        let exponent = if hidden > 0.0 { exponent(shown, of_hidden / hidden, keys) } else { 0.0 };
        Self { buckets, keys, rest, exponent }
    }
}

/// The exponent with which the frequency falls from the second of the most common values to those in the middle.
fn exponent(shown: &[f64], of_hidden: f64, keys: f64) -> f64 {
    let Some(second) = shown.get(1).filter(|second| **second > 0.0 && of_hidden > 0.0) else { return 0.0 };
    let middle = f64::midpoint(shown.len() as f64, keys);
    let exponent = libm::log(second / of_hidden) / libm::log(middle / 2.0).max(0.1);
    if exponent < LEVEL { 0.0 } else { exponent.min(2.0) }
}

/// The values that are not among the most common ones.
struct Tail<'a> {
    common: &'a Common,
    /// Rows with one of them.
    rows: f64,
    /// The share of the rows that was sampled, and the sample.
    taken: f64,
    sample: f64,
}

impl Tail<'_> {
    /// Frequencies of this many keys. They fall as those of the most common values do.
    fn buckets(&self, keys: f64) -> Vec<Bucket> {
        let rest = self.common.rest;
        if self.common.exponent <= 0.0 {
            return vec![Bucket { keys, share: rest / keys.max(1.0) }];
        }
        let first = self.common.keys.max(1.0);
        let ratio = libm::pow((first + keys) / first, 1.0 / f64::from(TAIL_BUCKETS));
        let mut rank = first;
        let mut buckets = Vec::new();
        for _ in 0..TAIL_BUCKETS {
            let next = rank * ratio;
            let middle = (rank * next).sqrt();
            buckets.push(Bucket { keys: next - rank, share: libm::pow(middle, -self.common.exponent) });
            rank = next;
        }
        let sum: f64 = buckets.iter().map(|bucket| bucket.keys * bucket.share).sum();
        buckets.iter().map(|bucket| Bucket { share: bucket.share * rest / sum, ..*bucket }).collect()
    }

    /// The number of keys that could occur, of which a sample would give the published number of distinct values.
    fn potential_keys(&self, published: f64) -> f64 {
        // By the logarithm, between as many as there are rows for each row, and one for all rows.
        let (mut low, mut high) = (0.0, libm::log(self.rows.max(1.0) * 1000.0));
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if self.estimate(libm::exp(middle)) < published { low = middle } else { high = middle }
        }
        libm::exp(high)
    }

    /// The estimate that ANALYZE would publish: by Haas and Stokes, n d / (n - f1 + f1 n / N).
    fn estimate(&self, keys: f64) -> f64 {
        let (mut seen, mut once) = (self.common.keys, 0.0);
        for bucket in self.buckets(keys) {
            let mean = bucket.share / self.common.rest.max(1e-12) * self.rows * self.taken;
            let none = libm::exp(-mean);
            seen += bucket.keys * (1.0 - none);
            once += bucket.keys * mean * none;
        }
        let n = self.sample;
        n * seen / (n - once + once * self.taken).max(1e-9)
    }
}
