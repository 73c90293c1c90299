//! When autovacuum analyzes a table.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_class::PgClass;

use super::settings::Settings;
use super::tables::Table;

/// From how many changed rows on autovacuum analyzes each table: `autovacuum_analyze_threshold + autovacuum_analyze_scale_factor
/// × rows`, where storage parameters of the table take precedence.
#[derive(Debug, Default)]
pub struct AnalyzeThresholds {
    base: Option<f64>,
    factor: Option<f64>,
    /// The storage parameters of the tables that have some, by database and oid.
    own: BTreeMap<(Option<String>, i64), (Option<f64>, Option<f64>)>,
}

impl AnalyzeThresholds {
    pub(super) fn new(classes: &[PgClass], settings: &Settings) -> Self {
        let own = classes.iter().filter_map(|class| {
            let pair =
                (option(class, "autovacuum_analyze_threshold"), option(class, "autovacuum_analyze_scale_factor"));
            (pair != (None, None)).then(|| ((class.datname.clone(), class.oid), pair))
        });
        Self {
            base: settings.float("autovacuum_analyze_threshold"),
            factor: settings.float("autovacuum_analyze_scale_factor"),
            own: own.collect(),
        }
    }

    /// That of a table; none if its rows or the settings are unknown.
    #[must_use]
    pub fn of(&self, table: &Table) -> Option<f64> {
        let key = (table.name.database().map(str::to_owned), table.oid);
        let (base, factor) = self.own.get(&key).copied().unwrap_or_default();
        Some(base.or(self.base)? + factor.or(self.factor)? * table.reltuples?)
    }
}

/// The value of a storage parameter.
fn option(class: &PgClass, name: &str) -> Option<f64> {
    let options = class.reloptions.iter().flatten().filter_map(|option| option.split_once('='));
    options.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok())
}
