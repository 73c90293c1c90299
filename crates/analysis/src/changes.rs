//! The file that `pgdba config apply --file` takes: parameters and the values they should have.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Analysis;
use crate::format::recommendation::Route;
use crate::format::{ClusterSummary, Recommendation};

/// A change set in the form that people write by hand.
#[derive(Debug, Serialize)]
pub struct Changes {
    parameters: BTreeMap<String, String>,
    fingerprint: Option<String>,
}

impl Changes {
    /// The recommendations that `ALTER SYSTEM` or Patroni can carry out, for the analyzed cluster.
    #[must_use]
    pub fn of(analysis: &Analysis) -> Self {
        Self::for_cluster(&analysis.recommendations, &analysis.cluster)
    }

    /// The same of other recommendations. A redacted snapshot does not identify its cluster.
    #[must_use]
    pub fn for_cluster(recommendations: &[Recommendation], cluster: &ClusterSummary) -> Self {
        Self::new(recommendations, cluster.fingerprint.clone().filter(|_| !cluster.redacted))
    }

    /// The same of other recommendations, for the cluster of this fingerprint, if there is one.
    #[must_use]
    pub fn new(recommendations: &[Recommendation], fingerprint: Option<String>) -> Self {
        let is_possible = |route: &Route| matches!(route, Route::AlterSystem | Route::Patroni);
        let possible = recommendations.iter().filter(|recommendation| is_possible(&recommendation.route));
        let parameters = possible.map(|wanted| (wanted.parameter.clone(), wanted.recommended.clone())).collect();
        Self { parameters, fingerprint }
    }

    /// The parameters, each as `name=value`.
    #[must_use]
    pub fn pairs(&self) -> Vec<String> {
        self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, analyze, example};

    #[test]
    fn a_change_set_names_its_cluster_where_that_is_known() {
        let document =
            r#"{ "pg_settings": [ { "name": "fsync", "setting": "off", "vartype": "bool", "context": "sighup" } ] }"#;
        let mut analysis = analyze(&example::snapshot(document).unwrap(), &Options::default());
        analysis.cluster.fingerprint = Some("abc".to_owned());
        for (redacted, expected) in [(false, Some("abc")), (true, None)] {
            analysis.cluster.redacted = redacted;
            let changes = Changes::of(&analysis);
            assert_eq!((changes.count(), changes.fingerprint.as_deref()), (1, expected));
        }
    }
}
