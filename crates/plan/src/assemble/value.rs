//! Figures with the units of the JSON form.

use pgdba_pg::{Bytes, Millis};

use crate::doc::{Doc, Id};

/// A value whose text is parsed.
#[derive(Clone, Copy)]
pub(super) struct Field<'d> {
    pub(super) doc: &'d Doc<'d>,
    pub(super) id: Id,
}

impl<'d> Field<'d> {
    pub(super) fn text(self) -> Option<&'d str> {
        self.doc.text(self.id).filter(|text| *text != "null")
    }

    pub(super) fn texts(self) -> Vec<String> {
        self.doc.texts(self.id)
    }

    /// A finite number.
    pub(super) fn number(self) -> Option<f64> {
        self.text()?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A count, which might be written as `12.0`.
    pub(super) fn count(self) -> Option<u64> {
        let text = self.text()?;
        let whole =
            || text.parse::<f64>().ok().filter(|number| *number >= 0.0 && *number < 9e18).map(|number| number as u64);
        text.parse().ok().or_else(whole)
    }

    pub(super) fn millis(self) -> Option<Millis> {
        self.number().map(Millis)
    }

    pub(super) fn kilobytes(self) -> Option<Bytes> {
        i64::try_from(self.count()?).ok()?.checked_mul(1024).map(Bytes)
    }

    pub(super) fn is_true(self) -> bool {
        self.text() == Some("true")
    }

    pub(super) fn string(self) -> Option<String> {
        self.text().map(str::to_owned)
    }
}

/// Stores a value that could be parsed; `false` if it could not.
pub(super) fn set<T>(place: &mut T, value: Option<T>) -> bool {
    value.map(|value| *place = value).is_some()
}

/// The same for a value that is absent by default.
pub(super) fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let is_valid = value.is_some();
    if is_valid {
        *place = value;
    }
    is_valid
}

/// The members of an object, with their keys.
pub(super) fn members<'d>(field: Field<'d>) -> impl Iterator<Item = (&'d str, Field<'d>)> {
    field.doc.children(field.id).map(move |id| (field.doc.key(id), Field { id, ..field }))
}
