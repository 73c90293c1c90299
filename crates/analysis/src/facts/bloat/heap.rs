//! The pages that VACUUM FULL would leave of a table.

use super::column::Column;
use super::width::{Walk, Width, aligned};

/// The bytes of a row's header.
const ROW_HEADER: f64 = 23.0;

/// The bytes of a page's header, and of the pointer to a row.
const PAGE_HEADER: f64 = 24.0;
pub(super) const POINTER: f64 = 4.0;

/// How the rows of a table are laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heap {
    /// The width of a row with its header.
    pub(super) row: Width,
    /// Percent of a page that is filled.
    fillfactor: f64,
    block_size: f64,
}

impl Heap {
    /// A table with these columns, and with `attributes` columns including dropped ones.
    pub(super) fn new(columns: &[Column], attributes: usize, fillfactor: f64, block_size: f64) -> Self {
        let mut walk = Walk::begin();
        for column in columns {
            walk.add(column, 1.0 - column.nulls);
        }
        let data = walk.end();
        let plain = aligned(ROW_HEADER);
        let with_bitmap = aligned(ROW_HEADER + attributes.div_ceil(8) as f64);
        let nulls = null_rows(columns, attributes);
        let more = with_bitmap - plain;
        let variance = data.variance + more * more * nulls * (1.0 - nulls);
        Self { row: Width { mean: data.mean + plain + more * nulls, variance }, fillfactor, block_size }
    }

    /// The pages that so many rows need.
    pub(super) fn pages(&self, rows: f64) -> f64 {
        if rows < 0.5 { 0.0 } else { (rows / self.rows_per_page()).ceil() }
    }

    /// The pages that rows fill without the room that fillfactor keeps.
    pub(super) fn filled_pages(&self, rows: f64) -> f64 {
        (rows * (self.row.mean + POINTER) / (self.block_size - PAGE_HEADER)).floor()
    }

    fn rows_per_page(&self) -> f64 {
        let reserved = (self.block_size * (100.0 - self.fillfactor) / 100.0).floor();
        let usable = self.block_size - PAGE_HEADER - reserved;
        let item = self.row.mean + POINTER;
        let rows = if self.row.is_fixed() {
            (usable / item).floor()
        } else {
            // The last row does not fit: of rows that vary, half a row, with long rows counted more often.
            let mean_square = self.row.plus(POINTER).mean_square();
            (usable - (mean_square / (2.0 * item) - POINTER).max(0.0)) / item
        };
        rows.clamp(1.0, (291.0 * self.block_size / 8192.0).max(1.0))
    }
}

/// The share of the rows that have a null bitmap. A rewrite makes nulls of dropped columns.
fn null_rows(columns: &[Column], attributes: usize) -> f64 {
    if attributes > columns.len() {
        return 1.0;
    }
    1.0 - columns.iter().map(|column| 1.0 - column.nulls).product::<f64>()
}
