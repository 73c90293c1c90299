//! `pgdba.toml` as it is written. `docs/schema/policy.json` is made from these types.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use toml::Spanned;
use toml::value::Datetime;

use crate::format::{Area, Severity, SubjectKind};

/// The policy of pgdba: which findings are silenced, lowered, raised or accepted. Of several entries of `silence`, `lower` and
/// `raise` that match a subject, the last one in the file decides.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "pgdba.toml")]
pub(super) struct File {
    /// Subjects that are not shown as findings.
    #[schemars(with = "Vec<Entry>")]
    pub(super) silence: Vec<Spanned<Entry>>,
    /// Subjects that get a lower severity than the rule's; never a higher one.
    #[schemars(with = "Vec<Entry>")]
    pub(super) lower: Vec<Spanned<Entry>>,
    /// Subjects that get a higher severity than the rule's; never a lower one.
    #[schemars(with = "Vec<Entry>")]
    pub(super) raise: Vec<Spanned<Entry>>,
    /// Accepted findings by cluster, as written by `pgdba check --accept`.
    #[schemars(with = "Vec<Accepted>")]
    pub(super) accepted: Vec<Accepted>,
}

/// Which subjects of which rules, and why. Omitted keys match everything, but an entry needs at least one of `rule`, `area`,
/// `kind` and the patterns. A pattern matches the whole name as stored by the server; `*` stands for any characters, `?` for one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Codes or names of rules.
    #[serde(default)]
    #[schemars(with = "Option<Words>")]
    pub(super) rule: Option<Spanned<Words>>,
    /// Areas of rules.
    #[serde(default)]
    #[schemars(with = "Option<Areas>")]
    pub(super) area: Option<OneOrMore<Area>>,
    /// Kinds of subjects.
    #[serde(default)]
    #[schemars(with = "Option<Kinds>")]
    pub(super) kind: Option<OneOrMore<SubjectKind>>,
    /// Patterns for the subject's database; for a database, its own name.
    #[serde(default)]
    #[schemars(with = "Option<Words>")]
    pub(super) database: Option<Words>,
    /// Patterns for its schema.
    #[serde(default)]
    #[schemars(with = "Option<Words>")]
    pub(super) schema: Option<Words>,
    /// Patterns for the table of a column or constraint.
    #[serde(default)]
    #[schemars(with = "Option<Words>")]
    pub(super) table: Option<Words>,
    /// Patterns for its name.
    #[serde(default)]
    #[schemars(with = "Option<Words>")]
    pub(super) name: Option<Words>,
    /// The new severity, for `lower` and `raise` only.
    pub(super) to: Option<Severity>,
    /// The reason, shown wherever the entry has effect.
    #[schemars(required, with = "String", length(min = 1))]
    pub(super) reason: Option<String>,
    /// The last day on which the entry has effect, compared with the day of the snapshot in UTC. A TOML date, without quotes.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) until: Option<Spanned<Datetime>>,
}

/// The accepted findings of one cluster: IDs of subjects, by the severity up to which each is accepted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Accepted {
    /// The cluster's fingerprint.
    pub(super) cluster: String,
    /// The cluster's display name then, for people.
    #[serde(default, rename = "called")]
    pub(super) _called: Option<String>,
    /// The day of the snapshot.
    #[serde(default, rename = "on")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) _on: Option<Datetime>,
    /// Accepted as critical.
    #[serde(default)]
    pub(super) critical: Vec<String>,
    /// Accepted up to a warning.
    #[serde(default)]
    pub(super) warning: Vec<String>,
    /// Accepted up to a notice.
    #[serde(default)]
    pub(super) notice: Vec<String>,
    /// Accepted as information.
    #[serde(default)]
    pub(super) info: Vec<String>,
}

/// One value, or a list of them.
#[derive(Debug)]
pub(super) struct OneOrMore<T>(pub(super) Vec<T>);

/// One text, or a list of them.
pub(super) type Words = OneOrMore<String>;
type Areas = OneOrMore<Area>;
type Kinds = OneOrMore<SubjectKind>;

impl<T: JsonSchema> JsonSchema for OneOrMore<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOrMore_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = generator.subschema_for::<T>();
        schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = OneOrMore<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes or a list of texts")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(serde::de::value::StrDeserializer::new(text)).map(|one| OneOrMore(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                if all.is_empty() {
                    return Err(serde::de::Error::custom("an empty list matches nothing"));
                }
                Ok(OneOrMore(all))
            }
        }
        deserializer.deserialize_any(Either(std::marker::PhantomData))
    }
}

/// The schema of `pgdba.toml`.
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(File).to_value()
}
