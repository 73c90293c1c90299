//! A named figure.

use schemars::JsonSchema;
use serde::Serialize;

use super::Quantity;

/// A named figure: evidence of a finding, or a fact of a topic.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// The stable word for it, such as `dead_tuples`.
    pub key: String,
    /// The label, such as `dead rows`.
    pub label: String,
    /// The figure.
    pub value: Quantity,
    /// The figure it is compared with, if any.
    pub limit: Option<Quantity>,
}

impl Figure {
    /// A figure; its label is the key with blanks instead of underscores, unless [`Self::labelled`] sets another.
    pub fn new(key: &str, value: impl Into<Quantity>) -> Self {
        Self { key: key.to_owned(), label: key.replace('_', " "), value: value.into(), limit: None }
    }

    /// A figure that is a parameter's value: its label is the parameter's name.
    pub fn parameter(name: &str, value: impl Into<Quantity>) -> Self {
        Self { key: name.to_owned(), label: name.to_owned(), value: value.into(), limit: None }
    }

    /// The same under another label.
    #[must_use]
    pub fn labelled(self, label: &str) -> Self {
        Self { label: label.to_owned(), ..self }
    }

    /// The same, compared with `limit`.
    #[must_use]
    pub fn against(self, limit: impl Into<Quantity>) -> Self {
        Self { limit: Some(limit.into()), ..self }
    }

    /// The limit, as displayed: `threshold 25 050`, or of text `recommended: on`.
    #[must_use]
    pub fn limit_text(&self) -> Option<String> {
        self.limit.as_ref().map(|limit| match limit {
            Quantity::Text(text) => format!("recommended: {text}"),
            limit => format!("threshold {}", limit.display()),
        })
    }
}
