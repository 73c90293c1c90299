//! Reads the rows of a section one by one, so that no second copy of the document is held.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use crate::cell::{Cell, CellReader};

/// Called with the values of a row; `None` where an element of the array is not a row.
type Each<'e, 'de> = &'e mut dyn FnMut(Option<&[Cell<'de>]>);

/// Hands each row of `rows`, the JSON text of an array, to `each`.
///
/// It is not generic over the type of row: all sections share this code, so that a browser has optimized it after the first.
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

    /// Not inlined into the loop over the rows: a browser switches to optimized code only when a function is called again.
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        CellReader(self.0).deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_nothing_of_the_row_before() {
        let mut rows = Vec::new();
        let text = r#"[[1, [2, 3], "a\n"], 7, ["b"], {"c": [4]}, [], [null]]"#;
        stream(text, &mut |row| rows.push(row.map(<[Cell<'_>]>::to_vec))).unwrap();
        let list = Cell::List(vec![Cell::Integer(2), Cell::Integer(3)]);
        let first = vec![Cell::Integer(1), list, Cell::Text("a\n".into())];
        let expected =
            [Some(first), None, Some(vec![Cell::Text("b".into())]), None, Some(Vec::new()), Some(vec![Cell::Null])];
        assert_eq!(rows, expected);
    }

    #[test]
    fn rows_that_are_not_a_list_are_an_error() {
        let error = stream("7", &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains("expected a list of rows"), "{error}");
    }
}
