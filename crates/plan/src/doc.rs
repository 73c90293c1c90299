//! What both readers produce: the values of a plan in the vocabulary of the JSON form, in one list, so that no depth of nesting
//! can exhaust the stack.

use std::borrow::Cow;

use crate::error::ReadError;
use crate::limits::MAX_VALUES;

/// A value in a [`Doc`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(u32);

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A string, and also a number, `true`, `false` or `null`, as it is written.
    Text(Cow<'a, str>),
    /// Values in order.
    Array,
    /// Values with keys, in order; a key can occur twice.
    Object,
}

#[derive(Debug)]
struct Entry<'a> {
    key: Cow<'a, str>,
    value: Value<'a>,
    first: Option<Id>,
    last: Option<Id>,
    next: Option<Id>,
}

/// Values that contain one another.
#[derive(Debug, Default)]
pub(crate) struct Doc<'a> {
    entries: Vec<Entry<'a>>,
}

impl<'a> Doc<'a> {
    /// Adds a value as the last one in `parent`, which must be an array or an object.
    pub(crate) fn push(
        &mut self,
        parent: Option<Id>,
        key: impl Into<Cow<'a, str>>,
        value: Value<'a>,
    ) -> Result<Id, ReadError> {
        if self.entries.len() >= MAX_VALUES {
            return Err(ReadError::TooManyValues);
        }
        let id = Id(u32::try_from(self.entries.len()).map_err(|_| ReadError::TooManyValues)?);
        self.entries.push(Entry { key: key.into(), value, first: None, last: None, next: None });
        if let Some(parent) = parent {
            self.append(parent, id);
        }
        Ok(id)
    }

    fn append(&mut self, parent: Id, id: Id) {
        let Some(entry) = self.entry_mut(parent) else { return };
        let before = entry.last.replace(id);
        entry.first.get_or_insert(id);
        if let Some(before) = before.and_then(|before| self.entry_mut(before)) {
            before.next = Some(id);
        }
    }

    /// Adds a text.
    pub(crate) fn text_in(
        &mut self,
        parent: Id,
        key: impl Into<Cow<'a, str>>,
        text: impl Into<Cow<'a, str>>,
    ) -> Result<(), ReadError> {
        self.push(Some(parent), key, Value::Text(text.into())).map(drop)
    }

    /// Adds an array of texts.
    pub(crate) fn list_in(
        &mut self,
        parent: Id,
        key: impl Into<Cow<'a, str>>,
        items: Vec<Cow<'a, str>>,
    ) -> Result<(), ReadError> {
        let array = self.push(Some(parent), key, Value::Array)?;
        items.into_iter().try_for_each(|item| self.text_in(array, "", item))
    }

    /// The value with this key; where it occurs twice, the last one.
    pub(crate) fn get(&self, object: Id, key: &str) -> Option<Id> {
        self.children(object).filter(|id| self.key(*id) == key).last()
    }

    /// What a value directly contains, in order.
    pub(crate) fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let first = self.entry(id).and_then(|entry| entry.first);
        std::iter::successors(first, |id| self.entry(*id).and_then(|entry| entry.next))
    }

    /// The key of a value, empty for an item of an array.
    pub(crate) fn key(&self, id: Id) -> &str {
        self.entry(id).map_or("", |entry| &entry.key)
    }

    /// The text of a value that is not an array or object.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match self.entry(id).map(|entry| &entry.value) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The texts of an array, or the one text.
    pub(crate) fn texts(&self, id: Id) -> Vec<String> {
        match self.text(id) {
            Some(text) => vec![text.to_owned()],
            None => self.children(id).filter_map(|item| self.text(item)).map(str::to_owned).collect(),
        }
    }

    pub(crate) fn is_object(&self, id: Id) -> bool {
        self.entry(id).is_some_and(|entry| entry.value == Value::Object)
    }

    fn entry(&self, id: Id) -> Option<&Entry<'a>> {
        self.entries.get(id.0 as usize)
    }

    fn entry_mut(&mut self, id: Id) -> Option<&mut Entry<'a>> {
        self.entries.get_mut(id.0 as usize)
    }
}
