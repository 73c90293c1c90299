//! What a file must not hold: it searches every text of the file itself, wherever it is, and not what reading makes of it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::leak::{self, Leak};
use super::suspicion::{self, Suspicion};
use super::texts::{self, Members, Place};
use crate::document::FORMAT;
use crate::identity::Tier;
use crate::{schema, sections};

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Search {
    /// What looks like a secret.
    pub suspicions: Vec<Suspicion>,
    /// Where a redacted file has words that are neither tokens nor PostgreSQL's, each place once.
    pub leaks: BTreeSet<Leak>,
}

/// The section of what is outside of sections.
pub(super) const HEAD: &str = "head";

/// Searches a document, or the command line's envelope around one. What is not JSON is searched as one text.
#[must_use]
pub fn search(text: &str, is_redacted: bool) -> Search {
    let mut search = Search::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let walk = Walk { search: &mut search, is_redacted, column: "", depth: 0 };
    if walk.deserialize(&mut reader).and_then(|()| reader.end()).is_err() {
        search.of_head("", text, is_redacted);
    }
    search
}

impl Search {
    fn of_head(&mut self, column: &str, text: &str, is_redacted: bool) {
        self.suspicions.extend(suspicion::of(HEAD, Place { column, parameter: "" }, text));
        if is_redacted && !is_part_of_head(column, text) && !leak::is_known(column, text) {
            self.leaks.insert(Leak { section: HEAD.to_owned(), column: column.to_owned() });
        }
    }

    fn of_member_name(&mut self, name: &str, is_redacted: bool) {
        self.suspicions.extend(suspicion::of(HEAD, Place { column: "", parameter: "" }, name));
        if is_redacted && !MEMBERS.contains(name) {
            self.leaks.insert(Leak { section: HEAD.to_owned(), column: "an unknown member".to_owned() });
        }
    }

    fn of_section(&mut self, name: &str, json: &str, is_redacted: bool) {
        texts::each(json, &mut |place, text| self.suspicions.extend(suspicion::of(name, place, text)));
        if sections::find(name).is_none() {
            self.of_head("sections", name, is_redacted);
        }
        if is_redacted {
            self.leaks.extend(leak::of(name, json));
        }
    }
}

/// Whether every document has `text` there, or digits of a digest.
fn is_part_of_head(column: &str, text: &str) -> bool {
    match column {
        "checksum" | "fingerprint" | "redaction_key" => text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "format" => text == FORMAT,
        "tier" => serde_json::from_value::<Tier>(text.into()).is_ok(),
        "mode" => ["single", "delta"].contains(&text),
        "command" => text == "inspect",
        "name" | "via" => ["pgdba", "pgdba-collect", "psql", "native"].contains(&text),
        _ => false,
    }
}

/// The names of all members that a document or its envelope can have.
static MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut names = BTreeSet::from(["ok", "command", "data", "warnings", "elapsed_ms"].map(str::to_owned));
    properties(&schema::schema(), &mut names);
    names
});

fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                names.extend(properties.keys().cloned());
            }
            members.values().for_each(|member| properties(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Walks over the document as it stands: a member that is there twice is searched twice.
struct Walk<'s, 'c> {
    search: &'s mut Search,
    is_redacted: bool,
    /// The member that it is in.
    column: &'c str,
    depth: usize,
}

/// How deep the document is in the envelope.
const DOCUMENT_DEPTH: usize = 1;

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.search.of_member_name(&name, self.is_redacted);
            if name == "sections" && self.depth <= DOCUMENT_DEPTH {
                map.next_value_seed(Sections { search: &mut *self.search, is_redacted: self.is_redacted })?;
            } else {
                let search = &mut *self.search;
                map.next_value_seed(Walk { search, column: &name, depth: self.depth + 1, ..self })?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let search = &mut *self.search;
            let item = Walk { search, is_redacted: self.is_redacted, column: self.column, depth: self.depth + 1 };
            if seq.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.search.of_head(self.column, text, self.is_redacted);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The sections, each searched with what is known of its columns.
struct Sections<'s> {
    search: &'s mut Search,
    is_redacted: bool,
}

impl<'de> DeserializeSeed<'de> for Sections<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw = <&'de RawValue as Deserialize>::deserialize(deserializer)?;
        match serde_json::from_str(raw.get()) {
            Ok(Members(sections)) => {
                sections.iter().for_each(|(name, raw)| self.search.of_section(name, raw.get(), self.is_redacted));
            }
            Err(_) => self.search.of_head("sections", raw.get(), self.is_redacted),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &str = "postgres://bob:hunter2@h/db";

    fn document(change: impl FnOnce(&mut Value)) -> String {
        let mut document = json!({
            "format": FORMAT, "format_version": 1, "redacted": true, "redaction_key": "00ff",
            "producer": { "name": "pgdba", "version": "0.1.0", "via": "native" },
            "collected_at": "2026-11-28T22:53:48.123Z",
            "identity": { "tier": "system_identifier", "system_identifier": "cluster1", "resolved_addr": "h1" },
            "prereqs": [{ "name": "pg_stat_statements", "available": true, "version": "1.11", "error": null }],
            "sampling": { "mode": "single" },
            "sections": { "pg_class": { "available": true, "columns": ["relname"], "rows": [["t1"]] } },
            "checksum": "00ff",
        });
        change(&mut document);
        document.to_string()
    }

    fn found(text: &str) -> (usize, usize) {
        let search = search(text, true);
        (search.suspicions.len(), search.leaks.len())
    }

    #[test]
    fn a_redacted_document_and_its_envelope_are_clean() {
        assert_eq!(search(&document(|_| ()), true).leaks, BTreeSet::new());
        let enveloped = format!(r#"{{"ok":true,"command":"inspect","data":{}}}"#, document(|_| ()));
        assert_eq!(found(&enveloped), (0, 0));
    }

    #[test]
    fn a_secret_and_a_name_are_found_wherever_they_are() {
        let places: [fn(&mut Value, &str); 10] = [
            |document, text| document["note"] = text.into(),
            |document, text| document[text] = 1.into(),
            |document, text| document["identity"]["resolved_addr"] = text.into(),
            |document, text| document["identity"]["note"] = json!([{ "deep": [text] }]),
            |document, text| document["producer"]["version"] = text.into(),
            |document, text| document["prereqs"][0]["error"] = text.into(),
            |document, text| document["redaction_key"] = text.into(),
            |document, text| document["collected_at"] = text.into(),
            |document, text| document["sections"][text] = json!({ "available": true, "columns": [], "rows": [] }),
            |document, text| document["sections"]["pg_class"]["note"] = text.into(),
        ];
        for (at, place) in places.iter().enumerate() {
            assert_ne!(found(&document(|document| place(document, SECRET))).0, 0, "secret at {at}");
            assert_ne!(found(&document(|document| place(document, "acme_orders"))).1, 0, "name at {at}");
        }
    }

    #[test]
    fn what_is_there_twice_is_searched_twice() {
        let twice = [
            document(|_| ()).replacen("\"sections\":{", &format!("\"sections\":{{\"pg_class\":[\"{SECRET}\"],"), 1),
            document(|_| ()).replacen("\"sections\":", &format!("\"sections\":\"{SECRET}\",\"sections\":"), 1),
            document(|_| ()).replacen("\"tier\":", &format!("\"tier\":\"{SECRET}\",\"tier\":"), 1),
            document(|_| ()).replacen("\"rows\":", &format!("\"rows\":[[\"{SECRET}\"]],\"rows\":"), 1),
            format!(r#"{{"ok":true,"note":"{SECRET}","data":{}}}"#, document(|_| ())),
            format!("not JSON {SECRET}"),
        ];
        for text in twice {
            assert_ne!(found(&text).0, 0, "{text}");
        }
    }
}
