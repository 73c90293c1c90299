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
    /// Whether it is another than the built-in one.
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

/// What a role, a database or both have in one place and not in the other, or otherwise.
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
    /// For whom it holds, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        scope(self.database.as_deref(), self.role.as_deref())
    }
}

/// How two configurations differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The first cluster, or the first moment.
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
    /// Parameters of both whose values are masked, in force or for a role or database, so that nobody can say whether they
    /// differ.
    pub masked: Vec<String>,
    /// What could not be seen of the first.
    pub first_unseen: Vec<Unseen>,
    /// What could not be seen of the second.
    pub second_unseen: Vec<Unseen>,
}

/// How the configurations in two snapshots differ.
#[must_use]
pub fn compare(first: &DiagSnapshot, second: &DiagSnapshot) -> Comparison {
    let (one, two) = (Configuration::of(first), Configuration::of(second));
    let (mut ours, mut theirs) = (by_name(&one), by_name(&two));
    let names: BTreeSet<String> = ours.keys().chain(theirs.keys()).map(|name| (*name).to_owned()).collect();
    let mut found = Comparison {
        first: one.cluster.clone(),
        second: two.cluster.clone(),
        differences: Vec::new(),
        one_sided: Vec::new(),
        overrides: override_differences(&one, &two),
        equal: 0,
        masked: masked_overrides(&one, &two),
        first_unseen: one.unseen.clone(),
        second_unseen: two.unseen.clone(),
    };
    for name in names {
        found.add(ours.remove(name.as_str()), theirs.remove(name.as_str()));
    }
    found
}

impl Comparison {
    fn add(&mut self, first: Option<&Parameter>, second: Option<&Parameter>) {
        let Some((one, two)) = first.zip(second) else {
            return self.one_sided.extend(difference(first, second));
        };
        if is_of_the_session(one) || is_of_the_session(two) {
            return;
        }
        match judge(one, two) {
            Judgement::Equal => self.equal = self.equal.saturating_add(1),
            Judgement::Masked => self.masked.push(one.name.clone()),
            Judgement::Different => self.differences.extend(difference(first, second)),
        }
    }

    /// Whether nothing was found that differs.
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

/// What the client that collected asked for is no setting of the cluster.
fn is_of_the_session(parameter: &Parameter) -> bool {
    parameter.origin.source.as_deref() == Some("client") || parameter.name == "client_encoding"
}

fn by_name(configuration: &Configuration) -> BTreeMap<&str, &Parameter> {
    // One that only a role or a database sets is told among the overrides.
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
        first.into_iter().map(|(scope, one)| (scope.clone(), (Some(one), second.remove(&scope)))).collect();
    pairs.extend(second.into_iter().map(|(scope, other)| (scope, (None, Some(other)))));
    // Of two that are masked nobody knows more than that both are there.
    let is_same = |(one, other): (Option<Held<'_>>, Option<Held<'_>>)| {
        one.zip(other).is_some_and(|((of, one), (_, other))| parameter::same(&of.kind, &one.setting, &other.setting))
    };
    let text = |held: Option<Held<'_>>| held.map(|(_, text)| text.clone());
    pairs
        .into_iter()
        .filter(|(_, pair)| !is_same(*pair))
        .map(|((parameter, database, role), (one, other))| OverrideDifference {
            parameter,
            database,
            role,
            first: text(one),
            second: text(other),
        })
        .collect()
}

/// A role's or a database's value, and of which parameter.
type Held<'a> = (&'a Parameter, &'a ParameterText);

fn overrides(configuration: &Configuration) -> BTreeMap<Scope, Held<'_>> {
    let of =
        |parameter: &'_ Parameter, one: &Override| (parameter.name.clone(), one.database.clone(), one.role.clone());
    let all = configuration.parameters.iter();
    all.flat_map(|parameter| parameter.overrides.iter().map(move |one| (of(parameter, one), (parameter, &one.value))))
        .collect()
}
