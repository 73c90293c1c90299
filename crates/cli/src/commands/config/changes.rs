//! The file that `pgdba config apply --file` takes: parameters and the values they should have.

use std::collections::BTreeMap;
use std::path::Path;

use pgdba_analysis::Recommendation;
use pgdba_collector::AtomicFile;
use serde::Serialize;

use crate::failure::Failure;

/// A change set in the form that people write by hand.
#[derive(Debug, Serialize)]
pub(super) struct Changes {
    parameters: BTreeMap<String, String>,
    fingerprint: Option<String>,
}

impl Changes {
    /// Those of the recommendations that `ALTER SYSTEM` can bring about.
    pub(super) fn of(recommendations: &[Recommendation], fingerprint: Option<String>) -> Self {
        let possible = recommendations.iter().filter(|one| one.fixed_by.is_none());
        let parameters = possible.map(|one| (one.parameter.clone(), one.recommended.clone())).collect();
        Self { parameters, fingerprint }
    }

    /// Whether there is nothing to change.
    pub(super) fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// How many parameters it changes.
    pub(super) fn count(&self) -> i64 {
        i64::try_from(self.parameters.len()).unwrap_or(i64::MAX)
    }

    /// Writes the file, whole or not at all.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        Ok(AtomicFile::write_text(path, &format!("{}\n", serde_json::to_string_pretty(self)?))?)
    }
}
