//! What differs between two configurations, by meaning: `64MB` equals `65536kB`.

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::mask::MASK;
use pgdba_pg::parameter;
use pgdba_snapshot::DiagSnapshot;
use serde::Serialize;

use super::{Configuration, Origin, Override, Parameter, ParameterText, Unseen, scope};
use crate::format::{ClusterSummary, TakesEffect};

/// One of two values and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The value; none where it is not known.
    pub value: Option<ParameterText>,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it differs from the default.
    pub changed: bool,
}

/// A parameter whose values differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its name.
    pub parameter: String,
    /// In the first; none where it has no such parameter or does not show it.
    pub first: Option<Side>,
    /// In the second.
    pub second: Option<Side>,
    /// When a change takes effect.
    pub takes_effect: TakesEffect,
}

/// A value for a role, a database or both that differs or is only in one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverrideDifference {
    /// The parameter's name.
    pub parameter: String,
    /// The database; none for all.
    pub database: Option<String>,
    /// The role; none for all.
    pub role: Option<String>,
    /// The value in the first; none where it has none.
    pub first: Option<ParameterText>,
    /// The value in the second.
    pub second: Option<ParameterText>,
}

impl OverrideDifference {
    /// The role and database, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        scope(self.database.as_deref(), self.role.as_deref())
    }
}

/// How two configurations differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The first cluster, or the first snapshot.
    pub first: ClusterSummary,
    /// The second.
    pub second: ClusterSummary,
    /// Parameters of both with different values, by name.
    pub differences: Vec<Difference>,
    /// Parameters that only one of them has or shows, by name.
    pub one_sided: Vec<Difference>,
    /// Settings of roles and databases that differ.
    pub overrides: Vec<OverrideDifference>,
    /// Parameters of both with equal values.
    pub equal: u64,
    /// Parameters of both whose values are masked, in force or for a role or database, so that pgdba cannot tell whether
    /// they differ.
    pub masked: Vec<String>,
    /// What could not be seen of the first.
    pub first_unseen: Vec<Unseen>,
    /// What could not be seen of the second.
    pub second_unseen: Vec<Unseen>,
}

/// How the configurations in two snapshots differ.
#[must_use]
pub fn compare(first: &DiagSnapshot, second: &DiagSnapshot) -> Comparison {
    let (first, second) = (Configuration::of(first), Configuration::of(second));
    let (mut ours, mut theirs) = (by_name(&first), by_name(&second));
    let names: BTreeSet<String> = ours.keys().chain(theirs.keys()).map(|name| (*name).to_owned()).collect();
    let mut found = Comparison {
        first: first.cluster.clone(),
        second: second.cluster.clone(),
        differences: Vec::new(),
        one_sided: Vec::new(),
        overrides: override_differences(&first, &second),
        equal: 0,
        masked: masked_overrides(&first, &second),
        first_unseen: first.unseen.clone(),
        second_unseen: second.unseen.clone(),
    };
    for name in names {
        found.add(ours.remove(name.as_str()), theirs.remove(name.as_str()));
    }
    found
}

impl Comparison {
    fn add(&mut self, first: Option<&Parameter>, second: Option<&Parameter>) {
        let Some((ours, theirs)) = first.zip(second) else {
            return self.one_sided.extend(difference(first, second));
        };
        if is_of_the_session(ours) || is_of_the_session(theirs) {
            return;
        }
        match judge(ours, theirs) {
            Judgement::Equal => self.equal = self.equal.saturating_add(1),
            Judgement::Masked => self.masked.push(ours.name.clone()),
            Judgement::Different => self.differences.extend(difference(first, second)),
        }
    }

    /// Whether there are no differences.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty() && self.one_sided.is_empty() && self.overrides.is_empty()
    }
}

enum Judgement {
    Equal,
    Masked,
    Different,
}

fn judge(first: &Parameter, second: &Parameter) -> Judgement {
    let Some((a, b)) = first.value.as_ref().zip(second.value.as_ref()) else {
        return if first.value == second.value { Judgement::Equal } else { Judgement::Different };
    };
    match a == b {
        true if a.setting.contains(MASK) => Judgement::Masked,
        false if !parameter::same(&first.kind, &with_unit(a, first), &with_unit(b, second)) => Judgement::Different,
        _ => Judgement::Equal,
    }
}

/// The value with its unit, since another version may have another: `30` in `s` is `30000` in `ms`.
fn with_unit(text: &ParameterText, parameter: &Parameter) -> String {
    match parameter.unit.as_deref() {
        Some(unit) if unit.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("{}{unit}", text.setting),
        _ => text.setting.clone(),
    }
}

/// Parameters that the collector's session sets are not part of the cluster's configuration.
fn is_of_the_session(parameter: &Parameter) -> bool {
    parameter.origin.source.as_deref() == Some("client") || parameter.name == "client_encoding"
}

fn by_name(configuration: &Configuration) -> BTreeMap<&str, &Parameter> {
    // Parameters that only a role or a database sets are shown as overrides.
    let shown = configuration.parameters.iter().filter(|parameter| parameter.value.is_some());
    shown.map(|parameter| (parameter.name.as_str(), parameter)).collect()
}

fn difference(first: Option<&Parameter>, second: Option<&Parameter>) -> Option<Difference> {
    let side = |parameter: &Parameter| Side {
        value: parameter.value.clone(),
        origin: parameter.origin.clone(),
        changed: parameter.changed,
    };
    let either = first.or(second)?;
    Some(Difference {
        parameter: either.name.clone(),
        takes_effect: either.takes_effect,
        first: first.map(side),
        second: second.map(side),
    })
}

/// Parameters that roles or databases have in both under a mask.
fn masked_overrides(first: &Configuration, second: &Configuration) -> Vec<String> {
    let other = overrides(second);
    let held = overrides(first).into_iter().filter(|(scope, (_, text))| {
        text.setting.contains(MASK) && other.get(scope).is_some_and(|(_, other)| other.setting == text.setting)
    });
    held.map(|((parameter, ..), _)| parameter).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Parameter, database and role.
type Scope = (String, Option<String>, Option<String>);

fn override_differences(first: &Configuration, second: &Configuration) -> Vec<OverrideDifference> {
    let (first, mut second) = (overrides(first), overrides(second));
    let mut pairs: BTreeMap<Scope, (Option<Held<'_>>, Option<Held<'_>>)> =
        first.into_iter().map(|(scope, held)| (scope.clone(), (Some(held), second.remove(&scope)))).collect();
    pairs.extend(second.into_iter().map(|(scope, held)| (scope, (None, Some(held)))));
    // Two masked values are only known to exist.
    let is_same = |(ours, theirs): (Option<Held<'_>>, Option<Held<'_>>)| {
        ours.zip(theirs)
            .is_some_and(|((of, ours), (_, theirs))| parameter::same(&of.kind, &ours.setting, &theirs.setting))
    };
    let text = |held: Option<Held<'_>>| held.map(|(_, text)| text.clone());
    pairs
        .into_iter()
        .filter(|(_, pair)| !is_same(*pair))
        .map(|((parameter, database, role), (ours, theirs))| OverrideDifference {
            parameter,
            database,
            role,
            first: text(ours),
            second: text(theirs),
        })
        .collect()
}

/// A role's or a database's value, and of which parameter.
type Held<'a> = (&'a Parameter, &'a ParameterText);

fn overrides(configuration: &Configuration) -> BTreeMap<Scope, Held<'_>> {
    let scope =
        |parameter: &'_ Parameter, held: &Override| (parameter.name.clone(), held.database.clone(), held.role.clone());
    let all = configuration.parameters.iter();
    all.flat_map(|parameter| {
        parameter.overrides.iter().map(move |held| (scope(parameter, held), (parameter, &held.value)))
    })
    .collect()
}
