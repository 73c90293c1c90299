//! The pages that REINDEX would leave of a B-tree index.

use super::pieces::{Pieces, Posting};
use super::width::Width;

/// The bytes of an entry's header, and with nulls in its key.
pub(super) const ENTRY_HEADER: f64 = 8.0;
pub(super) const NULL_BITMAP: f64 = 8.0;

const POINTER: f64 = 4.0;

/// The bytes of a page that are not for entries: its header, the special area, the pointer of the high key.
const PAGE_OVERHEAD: f64 = 48.0;

/// Percent of an inner page that is filled.
const INNER_FILLFACTOR: f64 = 70.0;

/// The pages of a B-tree index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Btree {
    /// Percent of a leaf that is filled.
    pub(super) fillfactor: f64,
    /// Bytes of a block.
    pub(super) block_size: f64,
}

impl Btree {
    /// The pages that these pieces need, of entries of this size.
    pub(super) fn pages(&self, pieces: &Pieces, posting: Posting, entry: Width) -> f64 {
        let runs = pieces.runs / self.equal(posting.full_size(), entry.mean);
        let leaves = if pieces.count < 0.5 {
            0.0
        } else if pieces.are_equal() {
            pieces.count / self.equal(pieces.bytes / pieces.count, entry.mean)
        } else {
            pieces.bytes / self.filled(pieces, entry.mean)
        };
        let leaves = (runs + leaves).ceil();
        // An index without entries has its metapage only.
        if leaves < 1.0 { 1.0 } else { 1.0 + leaves + self.inner(leaves, entry) }
    }

    /// How many pieces of one size, with their pointers, fill a leaf of entries of this size.
    fn equal(&self, piece: f64, entry: f64) -> f64 {
        let by_fill = ((self.limit(self.fillfactor) - entry - POINTER) / piece).floor() + 1.0;
        let by_room = ((self.block_size - PAGE_OVERHEAD - 4.0 - piece) / piece).floor();
        by_fill.min(by_room).max(1.0)
    }

    /// The mean bytes in a leaf whose pieces vary. It is closed when the last entry passes the limit; that entry moves on.
    fn filled(&self, pieces: &Pieces, entry: f64) -> f64 {
        let mean = pieces.bytes / pieces.count;
        let weighted = pieces.squares / pieces.bytes;
        let by_fill = self.limit(self.fillfactor) - entry - POINTER + weighted / 2.0 + 4.0;
        let by_room = self.block_size - PAGE_OVERHEAD - 8.0 - mean - weighted / 2.0 + 4.0;
        by_fill.min(by_room).max(mean)
    }

    /// The pages of the levels above the leaves.
    fn inner(&self, leaves: f64, entry: Width) -> f64 {
        let fan_out = (self.limit(INNER_FILLFACTOR) / (entry.mean + POINTER)).floor().max(2.0);
        let mut level = leaves;
        let mut pages = 0.0;
        while level > 1.0 {
            level = (level / fan_out).ceil();
            pages += level;
        }
        pages
    }

    /// The bytes of a page up to which it is filled.
    fn limit(&self, fillfactor: f64) -> f64 {
        self.block_size - PAGE_OVERHEAD - (self.block_size * (100.0 - fillfactor) / 100.0).floor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_holds_366_short_keys_and_9_full_posting_lists() {
        let btree = |fillfactor: f64| Btree { fillfactor, block_size: 8192.0 };
        assert_eq!([90.0, 100.0].map(|fillfactor| btree(fillfactor).equal(20.0, 16.0)), [366.0, 406.0]);
        assert_eq!(btree(90.0).equal(812.0, 16.0), 9.0);
    }
}
