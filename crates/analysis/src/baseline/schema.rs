//! The JSON Schema of a baseline, made from its types.

use serde_json::Value;

use super::Baseline;

/// The schema of [`Baseline`].
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Baseline).to_value()
}
