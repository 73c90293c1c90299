//! The sections of a document, found by name and not read.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The sections, each unread: found in the same pass as the other members, because they are nearly all of a document.
#[derive(Default)]
pub(crate) struct SectionTexts<'a> {
    by_name: BTreeMap<String, &'a RawValue>,
    /// What the member is where it is no object.
    mistyped: Option<&'static str>,
}

impl SectionTexts<'_> {
    /// Each section's text; `problems` tells where the member is not an object.
    pub(crate) fn owned(&self, problems: &mut Vec<String>) -> BTreeMap<String, Box<RawValue>> {
        problems.extend(self.mistyped.map(|kind| {
            format!("could not read the member \"sections\" of the snapshot: it is {kind}, expected an object")
        }));
        self.by_name.iter().map(|(name, raw)| (name.clone(), (*raw).to_owned())).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for SectionTexts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SectionTextsVisitor)
    }
}

struct SectionTextsVisitor;

impl<'de> Visitor<'de> for SectionTextsVisitor {
    type Value = SectionTexts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sections by name")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut by_name = BTreeMap::new();
        while let Some((name, raw)) = map.next_entry::<String, &'de RawValue>()? {
            by_name.insert(name, raw);
        }
        Ok(SectionTexts { by_name, mistyped: None })
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(SectionTexts::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(mistyped("a boolean"))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(mistyped("a number"))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(mistyped("a number"))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(mistyped("a number"))
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(mistyped("text"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(mistyped("a list"))
    }
}

fn mistyped<'a>(kind: &'static str) -> SectionTexts<'a> {
    SectionTexts { by_name: BTreeMap::new(), mistyped: Some(kind) }
}
