//! What a leaf page of a B-tree contains: single entries, and posting lists of equal keys.

use super::width::aligned;

/// The bytes of a row's address in a posting list.
const ADDRESS: f64 = 6.0;

/// The bytes of a pointer to an entry.
const POINTER: f64 = 4.0;

/// Runs of full posting lists are longer than this many lists.
const RUN: f64 = 12.0;

/// Entries and posting lists, each with its pointer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pieces {
    /// How many.
    pub(super) count: f64,
    /// The sum of their sizes, in bytes.
    pub(super) bytes: f64,
    /// The sum of the squares of their sizes.
    pub(super) squares: f64,
    /// Full posting lists of one key that follow one another.
    pub(super) runs: f64,
}

impl Pieces {
    /// Adds `count` pieces of this mean size and variance.
    pub(super) fn add(&mut self, count: f64, size: f64, variance: f64) {
        self.count += count;
        self.bytes += count * size;
        self.squares += count * (size * size + variance);
    }

    /// Whether all have one size.
    pub(super) fn are_equal(&self) -> bool {
        self.squares * self.count <= self.bytes * self.bytes * (1.0 + 1e-9)
    }
}

/// How equal keys are deduplicated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    /// The size of an entry without addresses, in bytes.
    base: f64,
    /// Rows in a full posting list.
    full: f64,
}

impl Posting {
    /// Posting lists of entries of this size.
    pub(super) fn new(base: f64, block_size: f64) -> Self {
        // A tenth of a page, rounded down to 8 bytes, less 8.
        let largest = (block_size / 80.0).floor() * 8.0 - 8.0;
        Self { base, full: ((largest - base) / ADDRESS).floor().max(1.0) }
    }

    /// The size of a full posting list with its pointer.
    pub(super) fn full_size(self) -> f64 {
        self.list(self.full)
    }

    /// Adds `keys` keys that have `rows` rows each.
    pub(super) fn add(self, pieces: &mut Pieces, keys: f64, rows: f64) {
        let lists = (rows / self.full).floor();
        let rest = rows - lists * self.full;
        if lists > RUN {
            pieces.runs += keys * lists;
        } else if lists > 0.0 {
            pieces.add(keys * lists, self.full_size(), 0.0);
        }
        if rest >= 1.0 {
            pieces.add(keys, self.list(rest), 0.0);
        }
    }

    fn list(self, rows: f64) -> f64 {
        let addresses = if rows > 1.0 { ADDRESS * rows } else { 0.0 };
        // The size of the key is a mean, which is rounded already.
        self.base + aligned(addresses) + POINTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posting_list_holds_at_most_132_short_keys() {
        let posting = Posting::new(16.0, 8192.0);
        assert_eq!((posting.full, posting.full_size()), (132.0, 812.0));
        let bytes = |rows: f64| {
            let mut pieces = Pieces::default();
            posting.add(&mut pieces, 1.0, rows);
            (pieces.count, pieces.bytes)
        };
        assert_eq!([1.0, 2.0, 132.0, 133.0].map(bytes), [(1.0, 20.0), (1.0, 36.0), (1.0, 812.0), (2.0, 832.0)]);
    }
}
