//! A typed row: how it is built from the values of the document, and compared with an earlier sample of itself.

use crate::cell::{Cell, ColumnValue};
use crate::counter::{KeyPart, Unmatched};
use crate::spec::{ColumnSpec, SectionSpec};

/// A typed row of a section. Implemented by the `section!` macro only.
pub trait Row: Sized + Clone {
    /// The section the row belongs to.
    const SPEC: &'static SectionSpec;

    /// Builds the row from the values of its declared columns, in their order; `None` where a required one is missing.
    fn from_cells(cells: &mut Cells<'_, '_>) -> Option<Self>;

    /// The values of the columns in [`SectionSpec::key`].
    fn key(&self) -> Vec<KeyPart<'_>>;

    /// How many rows the server had, where the section may hold only part of them.
    fn total(&self) -> Option<u64>;

    /// This row with each counter replaced by its growth since `earlier`, a sample of the same row; everything else is as
    /// it is now.
    ///
    /// # Errors
    /// Where the counters were reset in between.
    fn growth(&self, earlier: &Self) -> Result<Self, Unmatched>;
}

/// Hands a row's values to [`Row::from_cells`] in the order of the declared columns.
pub struct Cells<'r, 'de> {
    cells: &'r [Cell<'de>],
    positions: std::slice::Iter<'r, Option<usize>>,
    columns: std::slice::Iter<'static, ColumnSpec>,
    mistyped: &'r mut Vec<Mistyped>,
}

/// A column in which values were of another type than declared.
pub(crate) struct Mistyped {
    pub(crate) column: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) rows: u64,
}

impl<'r, 'de> Cells<'r, 'de> {
    /// The values `cells` of a row of `spec`, whose columns stand at `positions`.
    pub(crate) fn new(
        spec: &'static SectionSpec,
        cells: &'r [Cell<'de>],
        positions: &'r [Option<usize>],
        mistyped: &'r mut Vec<Mistyped>,
    ) -> Self {
        Self { cells, positions: positions.iter(), columns: spec.columns.iter(), mistyped }
    }

    /// The next declared column's value.
    pub fn value<T: ColumnValue>(&mut self) -> Option<T> {
        let position = self.positions.next().copied().flatten();
        let column = self.columns.next()?;
        let cell = position.and_then(|position| self.cells.get(position)).unwrap_or(&Cell::Null);
        if *cell == Cell::Null {
            return T::missing();
        }
        T::from_cell(cell).or_else(|| {
            self.note(column.name, cell.kind());
            T::missing()
        })
    }

    fn note(&mut self, column: &'static str, kind: &'static str) {
        match self.mistyped.iter_mut().find(|seen| seen.column == column && seen.kind == kind) {
            Some(seen) => seen.rows += 1,
            None => self.mistyped.push(Mistyped { column, kind, rows: 1 }),
        }
    }
}
