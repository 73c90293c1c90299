//! The JSON Schema of a comparison, made from its types.

use serde_json::Value;

use super::Diff;

/// The schema of [`Diff`].
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Diff).to_value()
}
