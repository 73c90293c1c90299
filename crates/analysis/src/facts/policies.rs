//! Tables with row security policies.

use std::collections::BTreeMap;

use pgdba_snapshot::sections::pg_policy::PgPolicy;

use super::relation::{RelationName, Relations};

/// A table with row security policies.
#[derive(Debug)]
pub struct Guarded {
    /// Its name.
    pub name: RelationName,
    /// Whether row-level security is enabled; none where that is not known.
    pub is_enabled: Option<bool>,
    /// Its policies.
    pub policies: Vec<PgPolicy>,
}

impl Guarded {
    /// How many policies it has.
    #[must_use]
    pub fn count(&self) -> i64 {
        i64::try_from(self.policies.len()).unwrap_or(i64::MAX)
    }
}

/// The tables of these policies, in the order of the relations.
pub(super) fn by_table(policies: Vec<PgPolicy>, relations: &Relations) -> Vec<Guarded> {
    let mut of_table = BTreeMap::<usize, Vec<PgPolicy>>::new();
    for policy in policies {
        if let Some(position) = relations.position(policy.datname.as_deref(), policy.polrelid) {
            of_table.entry(position).or_default().push(policy);
        }
    }
    let guarded = of_table.into_iter().filter_map(|(position, policies)| {
        let class = relations.classes.get(position)?;
        Some(Guarded { name: relations.name(position)?, is_enabled: class.relrowsecurity, policies })
    });
    guarded.collect()
}
