//! Goes through the rows of a section one by one, so that no second copy of the document is held.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use crate::cell::{Cell, CellReader};

/// What is done with a row: its values, `None` where there is something else in its place.
type Each<'e, 'de> = &'e mut dyn FnMut(Option<&[Cell<'de>]>);

/// Hands each row of `rows`, the JSON text of an array, to `each`.
///
/// One function for all sections: it is the code that a document spends most of its time in, and a browser optimizes it
/// once.
///
/// # Errors
/// `rows` is not an array, or not JSON.
pub(crate) fn stream<'de>(rows: &'de str, each: Each<'_, 'de>) -> serde_json::Result<()> {
    serde_json::Deserializer::from_str(rows).deserialize_seq(Rows(each))
}

struct Rows<'e, 'de>(Each<'e, 'de>);

impl<'de> Visitor<'de> for Rows<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut buffer = Vec::new();
        while let Some(row) = seq.next_element_seed(OneRow(buffer))? {
            buffer = match row {
                Cell::List(mut cells) => {
                    (self.0)(Some(&cells));
                    cells.clear();
                    cells
                }
                _ => {
                    (self.0)(None);
                    Vec::new()
                }
            };
        }
        Ok(())
    }
}

/// A value of which the items of a list go into the buffer of the previous row.
struct OneRow<'de>(Vec<Cell<'de>>);

impl<'de> DeserializeSeed<'de> for OneRow<'de> {
    type Value = Cell<'de>;

    /// A function of its own, because a browser replaces slow code by optimized code only between two calls.
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        CellReader(self.0).deserialize(deserializer)
    }
}
