//! The JSON Schema of a trend, made from its types.

use serde_json::Value;

use super::Trend;

/// The schema of [`Trend`].
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Trend).to_value()
}
