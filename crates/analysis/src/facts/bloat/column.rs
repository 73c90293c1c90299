//! How the values of a column are stored: their sizes, their alignment, and how many are null.

use pgdba_snapshot::sections::pg_stats::PgStats;
use pgdba_snapshot::sections::pg_type::PgType;

use super::super::columns::ColumnDefinition;

/// The largest value of variable length, in bytes with its header, that is stored with a header of 1 byte and unaligned.
pub(super) const SHORT: u32 = 127;

/// The bytes of a pointer to a value in the TOAST table.
const TOAST_POINTER: f64 = 18.0;

/// Widths of text that stands for a value of fixed length: MD5, UUID, SHA-1 and SHA-256 in hexadecimal, with the header.
const DIGESTS: [i64; 4] = [33, 37, 41, 65];

/// Of an IPv4 and of an IPv6 address.
const ADDRESSES: [i64; 2] = [7, 19];

/// The same of `bytea`.
const BINARY_DIGESTS: [i64; 4] = [17, 21, 33, 65];

/// Standard deviation of lengths that vary, as a share of the mean length.
const SPREAD: f64 = 0.28;

/// The width of text that repeats among other text.
const REPEATED: f64 = 8.0;

/// Points that stand for a distribution of lengths.
const POINTS: u32 = 16;

/// What ANALYZE cuts off a mean width, on average.
const CUT: f64 = 0.5;

/// The width of a value of variable length of which nothing is known.
const UNKNOWN_WIDTH: f64 = 32.0;

/// The characters of a `name`, which an index stores as a string.
const NAME_LENGTH: f64 = 12.0;

/// How the values of a column are stored.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The alignment of a value that is not short, in bytes.
    pub(super) align: u32,
    /// Whether values have a variable length, so that short ones are not aligned.
    pub(super) is_varlena: bool,
    /// The share of nulls.
    pub(super) nulls: f64,
    /// Sizes in bytes, each with the share of the values that have it.
    pub(super) sizes: Vec<(u32, f64)>,
    /// The mean size.
    pub(super) mean: f64,
    /// Whether the length of its values is an estimate.
    pub(super) varies: bool,
    /// Whether its values are stored out of line.
    pub(super) is_toasted: bool,
    /// Whether its sizes are not known from statistics.
    pub(super) is_guessed: bool,
}

impl Column {
    /// A column of a table, with its statistics where there are any.
    pub(super) fn new(
        definition: &ColumnDefinition,
        ty: Option<&PgType>,
        stats: Option<&PgStats>,
        has_toast: bool,
    ) -> Self {
        let nulls = stats.and_then(|stats| stats.null_frac).unwrap_or(0.0).clamp(0.0, 1.0);
        let align = ty.map_or(4, alignment);
        match ty.and_then(|ty| ty.typlen) {
            Some(length) if length >= 0 => Self::fixed(u32::try_from(length).unwrap_or(0), align, nulls),
            _ => Self { nulls, ..Self::varlena(definition, ty, stats, has_toast) },
        }
    }

    /// The same as part of an index, where a `name` is a string.
    pub(super) fn in_index(self, ty: Option<&PgType>) -> Self {
        if ty.is_some_and(|ty| ty.typname == "name" && ty.typlen == Some(64)) {
            let varying = spread(NAME_LENGTH, 0.3 * NAME_LENGTH, 1.0);
            // A string has no alignment, whatever its length.
            return Self { align: 1, varies: true, is_guessed: true, ..Self::varying(varying, self.nulls) };
        }
        self
    }

    /// An expression of an index, whose values ANALYZE measures with a header of 4 bytes.
    pub(super) fn of_expression(definition: &ColumnDefinition, ty: Option<&PgType>, stats: Option<&PgStats>) -> Self {
        let is_short =
            |width: i64| (5..=i64::from(SHORT)).contains(&width) && ty.is_some_and(|ty| ty.typlen == Some(-1));
        let stored = stats.map(|stats| PgStats {
            avg_width: stats.avg_width.map(|width| if is_short(width) { width - 3 } else { width }),
            ..stats.clone()
        });
        Self::new(definition, ty, stored.as_ref(), false)
    }

    /// Its values that repeat and the others, where `common` is the share of those that repeat. Placeholders and codes repeat
    /// and are short; texts that are written occur once.
    pub(super) fn split(&self, common: f64) -> (Self, Self) {
        let short = REPEATED.min(self.mean);
        let long = (self.mean - common * short) / (1.0 - common).max(0.01);
        let of = |mean: f64| {
            let sizes = spread(mean, SPREAD * (mean - 1.0), 1.0);
            Self { sizes, mean, ..self.clone() }
        };
        (of(short), of(long))
    }

    /// The mean of the squares of its sizes.
    pub(super) fn mean_square(&self) -> f64 {
        self.sizes.iter().map(|(size, share)| f64::from(*size) * f64::from(*size) * share).sum()
    }

    fn fixed(size: u32, align: u32, nulls: f64) -> Self {
        Self {
            align,
            is_varlena: false,
            nulls,
            sizes: vec![(size, 1.0)],
            mean: f64::from(size),
            varies: false,
            is_toasted: false,
            is_guessed: false,
        }
    }

    fn varying(sizes: Vec<(u32, f64)>, nulls: f64) -> Self {
        let mean = sizes.iter().map(|(size, share)| f64::from(*size) * share).sum();
        Self { is_varlena: true, sizes, mean, ..Self::fixed(0, 4, nulls) }
    }

    fn varlena(definition: &ColumnDefinition, ty: Option<&PgType>, stats: Option<&PgStats>, has_toast: bool) -> Self {
        let align = ty.map_or(4, alignment);
        let storage = definition.storage.unwrap_or('x');
        let Some(width) = stats.and_then(|stats| stats.avg_width).filter(|width| *width > 0) else {
            let length = declared_length(definition).map_or(UNKNOWN_WIDTH, |length| (length + 1) as f64 / 2.0);
            // Where all rows are null, no width is known and none is needed.
            let is_guessed = stats.and_then(|stats| stats.null_frac).is_none_or(|nulls| nulls < 1.0);
            return Self {
                align,
                is_guessed,
                varies: true,
                ..Self::varying(spread(length, SPREAD * length, 1.0), 0.0)
            };
        };
        let is_toasted = has_toast && storage != 'p' && (width as f64 - TOAST_POINTER).abs() < 0.1;
        if is_toasted || is_constant(definition, ty, stats, width) {
            let size = u32::try_from(width).unwrap_or(u32::MAX);
            // Text of other lengths has the width of a long digest by chance.
            let varies = !is_toasted && width > 40 && declared_length(definition).is_none();
            return Self { align, is_toasted, varies, ..Self::varying(vec![(size, 1.0)], 0.0) };
        }
        let (mean, is_numeric) = (width as f64 + CUT, ty.is_some_and(|ty| ty.typname == "numeric"));
        let sizes = if is_numeric {
            spread(mean, SPREAD / 2.0 * (mean - 3.0).max(0.0), 2.0)
        } else {
            spread(mean, SPREAD * (mean - 1.0), 1.0)
        };
        Self { align, varies: true, ..Self::varying(sizes, 0.0) }
    }
}

/// Whether values of variable length in fact have one length.
fn is_constant(definition: &ColumnDefinition, ty: Option<&PgType>, stats: Option<&PgStats>, width: i64) -> bool {
    let distinct = stats.and_then(|stats| stats.n_distinct).unwrap_or(0.0);
    let fills_its_length = declared_length(definition).is_some_and(|length| width == length + 1);
    let is_digest = match ty.map(|ty| (ty.typname.as_str(), ty.typcategory)) {
        Some(("inet" | "cidr", _)) => ADDRESSES.contains(&width),
        Some(("bytea", _)) => BINARY_DIGESTS.contains(&width) && distinct <= -0.5,
        Some((_, Some('S'))) => DIGESTS.contains(&width) && distinct <= -0.5,
        _ => false,
    };
    (distinct - 1.0).abs() < f64::EPSILON || fills_its_length || is_digest
}

/// The length of `char(n)` and `varchar(n)`, in characters.
fn declared_length(definition: &ColumnDefinition) -> Option<i64> {
    // The OIDs of bpchar and varchar, which never change.
    let has_length = matches!(definition.ty, Some(1042 | 1043));
    definition.modifier.filter(|_| has_length).map(|typmod| typmod - 4).filter(|length| *length > 0)
}

fn alignment(ty: &PgType) -> u32 {
    match ty.typalign {
        Some('c') => 1,
        Some('s') => 2,
        Some('d') => 8,
        _ => 4,
    }
}

/// Sizes evenly spread around `mean`, as multiples of `step` above 1, with this mean.
fn spread(mean: f64, deviation: f64, step: f64) -> Vec<(u32, f64)> {
    let half = deviation * 3.0_f64.sqrt();
    let mut sizes: Vec<(u32, f64)> = Vec::new();
    let mut add = |size: f64, share: f64| {
        let size = size.max(1.0) as u32;
        match sizes.iter_mut().find(|(known, _)| *known == size) {
            Some((_, sum)) => *sum += share,
            None if share > 0.0 => sizes.push((size, share)),
            None => {}
        }
    };
    for point in 0..POINTS {
        let value = mean + half * ((2.0 * f64::from(point) + 1.0) / f64::from(POINTS) - 1.0);
        // Each point is divided among the two sizes around it, which keeps the mean.
        let below = 1.0 + ((value - 1.0) / step).floor() * step;
        let above = (value - below) / step;
        add(below, (1.0 - above) / f64::from(POINTS));
        add(below + step, above / f64::from(POINTS));
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_keeps_its_mean_and_its_steps() {
        for (mean, deviation, step) in [(2.5, 0.4, 1.0), (12.5, 3.2, 1.0), (6.4, 1.0, 2.0), (300.5, 84.0, 1.0)] {
            let sizes = spread(mean, deviation, step);
            let total: f64 = sizes.iter().map(|(_, share)| share).sum();
            let found: f64 = sizes.iter().map(|(size, share)| f64::from(*size) * share).sum();
            assert!((total - 1.0).abs() < 1e-9 && (found - mean).abs() < 1e-9, "{mean}: {found}");
            assert!(sizes.iter().all(|(size, _)| step < 2.0 || size % 2 == 1), "{sizes:?}");
        }
    }
}
