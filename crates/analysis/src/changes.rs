//! The file that `pgdba config apply --file` takes: parameters and the values they should have.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Recommendation;

/// A change set in the form that people write by hand.
#[derive(Debug, Serialize)]
pub struct Changes {
    parameters: BTreeMap<String, String>,
    fingerprint: Option<String>,
}

impl Changes {
    /// Those of the recommendations that `ALTER SYSTEM` can bring about, for the cluster of this fingerprint.
    #[must_use]
    pub fn of(recommendations: &[Recommendation], fingerprint: Option<String>) -> Self {
        let possible = recommendations.iter().filter(|one| one.fixed_by.is_none());
        let parameters = possible.map(|one| (one.parameter.clone(), one.recommended.clone())).collect();
        Self { parameters, fingerprint }
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// How many parameters it changes.
    #[must_use]
    pub fn count(&self) -> i64 {
        i64::try_from(self.parameters.len()).unwrap_or(i64::MAX)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// None that these types can have.
    pub fn text(&self) -> serde_json::Result<String> {
        Ok(format!("{}\n", serde_json::to_string_pretty(self)?))
    }
}
