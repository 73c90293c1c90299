//! The elements of DER one after the other, as the `der` crate reads them: tags, lengths and the ends of things are its
//! business, so that bytes of a stranger are taken apart by code that many have tried.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, TagNumber, Tagged};

/// One element: its tag and what it holds.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) any: AnyRef<'a>,
    /// The element with tag and length.
    pub(super) whole: &'a [u8],
}

impl<'a> Element<'a> {
    pub(super) fn tag(&self) -> Tag {
        self.any.tag()
    }

    /// The element without tag and length.
    pub(super) fn content(&self) -> &'a [u8] {
        self.any.value()
    }

    /// The elements that it consists of.
    pub(super) fn parts(&self) -> Elements<'a> {
        Elements(self.content())
    }
}

/// The tag of a part that the standard numbers, as `[0]`.
pub(super) const fn numbered(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// The same of a part without parts of its own.
pub(super) const fn numbered_primitive(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: false, number: TagNumber(number) }
}

/// Elements one after the other; it ends where the bytes end or are not DER.
#[derive(Clone)]
pub(super) struct Elements<'a>(pub(super) &'a [u8]);

impl<'a> Elements<'a> {
    /// The next element, if it has this tag.
    pub(super) fn expect(&mut self, tag: Tag) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag() == tag)
    }

    /// The next element, if it has this tag; else it stays the next one.
    pub(super) fn optional(&mut self, tag: Tag) -> Option<Element<'a>> {
        let mut rest = self.clone();
        let element = rest.expect(tag)?;
        *self = rest;
        Some(element)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let whole = SliceReader::new(self.0).and_then(|mut reader| reader.tlv_bytes()).ok()?;
        let any = AnyRef::from_der(whole).ok()?;
        self.0 = self.0.get(whole.len()..)?;
        Some(Element { any, whole })
    }
}
