//! What is known of Patroni, asked about one change.

use serde_json::Value;

use super::Patroni;
use crate::change_set::{Change, Former};
use crate::patroni::{OverriddenBy, Override, Refusal, dcs_refuses};

impl Patroni {
    /// Why Patroni would not use what `change` sets in the dynamic configuration; none where it would.
    #[must_use]
    pub fn refuses(&self, change: &Change) -> Option<Refusal> {
        // To remove a value is always possible: Patroni has a default for each.
        let value = Value::String(change.new_value.clone()?);
        let version = if let Self::Managed { version, .. } = self { *version } else { None };
        let is_written_by_patroni = change.patroni_override == Override::Overridden { by: OverriddenBy::Patroni };
        let refusal = dcs_refuses(&change.name, &value, version);
        refusal.or_else(|| is_written_by_patroni.then_some(Refusal::Never("it computes it for each member")))
    }

    /// What the dynamic configuration holds of a parameter.
    #[must_use]
    pub fn former(&self, name: &str) -> Former {
        let value = if let Self::Managed { dcs, .. } = self { dcs.parameter(name) } else { None };
        Former::Dynamic { value }
    }
}
