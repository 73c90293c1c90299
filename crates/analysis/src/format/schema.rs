//! The JSON Schema of the analysis, made from its types.

use serde_json::Value;

use super::Analysis;

/// The schema of [`Analysis`].
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Analysis).to_value()
}
