//! Parameters that were changed.

use pgdba_snapshot::sections::pg_settings::PgSetting;
use schemars::JsonSchema;
use serde::Serialize;

use super::sides::Sides;
use crate::configuration::{Configuration, Difference, Parameter, Side, compare};
use crate::format::TakesEffect;

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingValue {
    /// As the server has it: a number is in the parameter's unit.
    pub setting: Option<String>,
    /// As displayed.
    pub shown: String,
    /// `pg_settings.source`.
    pub source: Option<String>,
    /// The configuration file, if it comes from one.
    pub file: Option<String>,
    /// The line in the file.
    pub line: Option<i64>,
    /// Where it comes from, in words, such as `ALTER SYSTEM (postgresql.auto.conf:3)`.
    pub origin: String,
}

/// A parameter whose value changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingChange {
    /// Its name.
    pub parameter: String,
    /// For whom it is set, such as `database shop`; none if for all.
    pub scope: Option<String>,
    /// The value before; none if there was none.
    pub before: Option<SettingValue>,
    /// The value after; none if there is none.
    pub after: Option<SettingValue>,
    /// What a change requires to take effect.
    pub takes_effect: TakesEffect,
}

/// A value in the configuration files that is not in force yet, and was not there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PendingSetting {
    /// The parameter's name.
    pub parameter: String,
    /// The value in force.
    pub current: Option<String>,
    /// The value in the files; none if they could not be read.
    pub pending: Option<String>,
    /// What it requires: `restart` or `reload`.
    pub needs: TakesEffect,
}

/// The comparison of the parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Settings {
    /// Why they could not be compared.
    pub missing: Option<String>,
    /// Those that changed, by name.
    pub changed: Vec<SettingChange>,
    /// Values that are not in force yet.
    pub pending: Vec<PendingSetting>,
    /// How many are equal.
    pub equal: u64,
    /// Those whose values are masked in both, so that pgdba cannot tell whether they changed.
    pub masked: Vec<String>,
    /// Those that only the first snapshot has, at their defaults: another version, or a library that is no longer loaded.
    pub only_before: Vec<String>,
    /// Those that only the second snapshot has, at their defaults.
    pub only_after: Vec<String>,
}

/// Compares the parameters.
pub(super) fn diff(sides: &Sides<'_>) -> Settings {
    let missing = [("first", &sides.before), ("second", &sides.after)].into_iter().find_map(|(which, side)| {
        let section = side.snapshot.section::<PgSetting>();
        section.rows.is_empty().then(|| format!("the {which} snapshot does not contain pg_settings"))
    });
    let comparison = compare(sides.before.snapshot, sides.after.snapshot);
    if missing.is_some() {
        return Settings {
            missing,
            changed: Vec::new(),
            pending: Vec::new(),
            equal: 0,
            masked: Vec::new(),
            only_before: Vec::new(),
            only_after: Vec::new(),
        };
    }
    let is_set = |one: &Difference| [&one.first, &one.second].into_iter().flatten().any(|side| side.changed);
    let names = |is: fn(&Difference) -> bool| -> Vec<String> {
        let one_sided = comparison.one_sided.iter().filter(|one| !is_set(one) && is(one));
        one_sided.map(|one| one.parameter.clone()).collect()
    };
    let one_sided = comparison.one_sided.iter().filter(|one| is_set(one));
    let mut changed: Vec<SettingChange> = comparison.differences.iter().chain(one_sided).map(change).collect();
    changed.extend(comparison.overrides.iter().map(|one| SettingChange {
        parameter: one.parameter.clone(),
        scope: Some(one.scope()),
        before: one.first.as_ref().map(|text| of_override(&text.setting, &text.shown)),
        after: one.second.as_ref().map(|text| of_override(&text.setting, &text.shown)),
        takes_effect: TakesEffect::NewSession,
    }));
    Settings {
        missing: None,
        pending: pending(sides),
        equal: comparison.equal,
        only_before: names(|one| one.second.is_none()),
        only_after: names(|one| one.first.is_none()),
        masked: comparison.masked,
        changed,
    }
}

fn change(difference: &Difference) -> SettingChange {
    let value = |side: &Side| SettingValue {
        setting: side.value.as_ref().map(|value| value.setting.clone()),
        shown: side.value.as_ref().map_or_else(|| "–".to_owned(), |value| value.shown.clone()),
        source: side.origin.source.clone(),
        file: side.origin.file.clone(),
        line: side.origin.line,
        origin: side.origin.words.clone(),
    };
    SettingChange {
        parameter: difference.parameter.clone(),
        scope: None,
        before: difference.first.as_ref().map(value),
        after: difference.second.as_ref().map(value),
        takes_effect: difference.takes_effect,
    }
}

fn of_override(setting: &str, shown: &str) -> SettingValue {
    SettingValue {
        setting: Some(setting.to_owned()),
        shown: shown.to_owned(),
        source: None,
        file: None,
        line: None,
        origin: "ALTER ROLE or ALTER DATABASE".to_owned(),
    }
}

/// Pending changes that were not pending before.
fn pending(sides: &Sides<'_>) -> Vec<PendingSetting> {
    let (before, after) = (Configuration::of(sides.before.snapshot), Configuration::of(sides.after.snapshot));
    let was_pending = |parameter: &Parameter| {
        before.parameters.iter().any(|other| other.name == parameter.name && other.next == parameter.next)
    };
    let new = after.parameters.iter().filter(|parameter| parameter.next.is_some() && !was_pending(parameter));
    let one = |parameter: &Parameter| {
        let next = parameter.next.as_ref()?;
        Some(PendingSetting {
            parameter: parameter.name.clone(),
            current: parameter.value.as_ref().map(|value| value.shown.clone()),
            pending: next.value.as_ref().map(|value| value.shown.clone()),
            needs: next.needs,
        })
    };
    new.filter_map(one).collect()
}
