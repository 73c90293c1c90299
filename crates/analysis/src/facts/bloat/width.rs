//! The width of a row or an index entry, with the padding that its columns need.

use super::column::{Column, SHORT};

/// What everything is aligned to.
const MAX_ALIGN: u32 = 8;

/// Bytes, as a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Width {
    /// The mean.
    pub(super) mean: f64,
    /// The variance.
    pub(super) variance: f64,
}

impl Width {
    /// Whether all have the same width.
    pub(super) fn is_fixed(self) -> bool {
        self.variance < 1e-6
    }

    /// The mean of the squares.
    pub(super) fn mean_square(self) -> f64 {
        self.mean * self.mean + self.variance
    }

    /// The same with `more` bytes.
    pub(super) fn plus(self, more: f64) -> Self {
        Self { mean: self.mean + more, ..self }
    }
}

/// Adds up columns in their order. The padding before a column depends on where the one before it ended, which is known
/// as a probability for each offset modulo 8.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    /// The probability that the data so far ends at this offset, modulo 8.
    ends: [f64; MAX_ALIGN as usize],
    mean: f64,
    variance: f64,
}

impl Walk {
    /// Data that begins at an aligned offset.
    pub(super) fn begin() -> Self {
        let mut ends = [0.0; MAX_ALIGN as usize];
        if let Some(first) = ends.first_mut() {
            *first = 1.0;
        }
        Self { ends, mean: 0.0, variance: 0.0 }
    }

    /// Adds a column that is not null in this share of the rows.
    pub(super) fn add(&mut self, column: &Column, present: f64) {
        let mut ends = self.ends.map(|probability| probability * (1.0 - present));
        for (size, share) in &column.sizes {
            let align = if column.is_varlena && *size <= SHORT { 1 } else { column.align };
            for (offset, probability) in (0_u32..).zip(self.ends) {
                let weight = probability * share * present;
                let padding = offset.next_multiple_of(align) - offset;
                self.mean += weight * f64::from(padding.saturating_add(*size));
                let end = offset.saturating_add(padding).saturating_add(*size) % MAX_ALIGN;
                if let Some(probability) = ends.get_mut(end as usize) {
                    *probability += weight;
                }
            }
        }
        let mean = column.mean * present;
        self.variance += (column.mean_square() * present - mean * mean).max(0.0);
        self.ends = ends;
    }

    /// The width up to the end, which is aligned.
    pub(super) fn end(self) -> Width {
        let padding =
            |(offset, probability): (u32, f64)| f64::from(offset.next_multiple_of(MAX_ALIGN) - offset) * probability;
        let padding: f64 = (0_u32..).zip(self.ends).map(padding).sum();
        Width { mean: self.mean + padding, variance: self.variance }
    }
}

/// `bytes` rounded up to a multiple of 8.
pub(super) fn aligned(bytes: f64) -> f64 {
    (bytes / f64::from(MAX_ALIGN)).ceil() * f64::from(MAX_ALIGN)
}
