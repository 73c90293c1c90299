//! The configuration: values in force, their origin, overrides and pending changes; and the differences between two
//! servers, or two snapshots of the same server.

pub mod against;
mod origin;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::display;
use pgdba_pg::parameter::{self, Kind, Value};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use pgdba_snapshot::sections::{pg_db_role_setting, pg_file_settings, pg_settings, system};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Facts;
use crate::facts::settings::{Configured, Files, Waiting};
use crate::format::{ClusterSummary, SectionState, TakesEffect};
pub use against::{Comparison, Difference, OverrideDifference, Side, compare};
pub use origin::Origin;

/// The sections that the configuration needs.
pub const SECTIONS: [&str; 4] =
    [system::SPEC.name, pg_settings::SPEC.name, pg_file_settings::SPEC.name, pg_db_role_setting::SPEC.name];

/// A value, as the server has it and as displayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ParameterText {
    /// As the server has it: a number is in the parameter's unit, unless the text brings its own.
    pub setting: String,
    /// As displayed.
    pub shown: String,
}

impl ParameterText {
    fn of(value: &str, kind: &Kind) -> Self {
        let unit = match kind {
            Kind::Integer { unit, .. } | Kind::Real { unit, .. } => unit.as_deref(),
            Kind::Bool | Kind::Enum { .. } | Kind::String | Kind::StringList { .. } => None,
        };
        let shown = match (value, parameter::parse(kind, value)) {
            ("", _) => "(empty)".to_owned(),
            (_, Ok(Value::Integer(number))) if unit.is_some() => display::parameter(&number.to_string(), unit),
            (_, Ok(Value::Real(number))) if unit.is_some() => display::parameter(&number.to_string(), unit),
            // A blank at either end would be invisible.
            _ if value.trim() != value => format!("'{value}'"),
            _ => value.to_owned(),
        };
        Self { setting: value.to_owned(), shown }
    }
}

/// A value of a parameter for a role, a database or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Override {
    /// The database; none for all.
    pub database: Option<String>,
    /// The role; none for all.
    pub role: Option<String>,
    /// The value.
    #[serde(flatten)]
    pub value: ParameterText,
}

impl Override {
    fn of(row: &PgDbRoleSetting, kind: &Kind) -> Self {
        Self {
            database: row.datname.clone(),
            role: row.rolname.clone(),
            value: ParameterText::of(row.setting.as_deref().unwrap_or_default(), kind),
        }
    }

    /// For whom it holds, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        scope(self.database.as_deref(), self.role.as_deref())
    }

    /// The command that made it, in words.
    #[must_use]
    pub fn origin(&self) -> &'static str {
        match (&self.database, &self.role) {
            (None, None) => "ALTER ROLE ALL",
            (Some(_), None) => "ALTER DATABASE",
            (None, Some(_)) => "ALTER ROLE",
            (Some(_), Some(_)) => "ALTER ROLE IN DATABASE",
        }
    }
}

fn scope(database: Option<&str>, role: Option<&str>) -> String {
    match (database, role) {
        (None, None) => "all roles".to_owned(),
        (Some(database), None) => format!("database {database}"),
        (None, Some(role)) => format!("role {role}"),
        (Some(database), Some(role)) => format!("role {role} in database {database}"),
    }
}

/// The value that the configuration files have for a parameter and that is not in force yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Next {
    /// What it requires: `restart` or `reload`.
    pub needs: TakesEffect,
    /// The value; none if the files could not be read.
    pub value: Option<ParameterText>,
    /// Where it is set; none if it is the default, or if the files could not be read.
    pub origin: Option<Origin>,
}

/// A value in the configuration files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InFiles {
    /// The value.
    pub value: ParameterText,
    /// Where it is set.
    pub origin: Origin,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value in force; none if the collecting role cannot see it.
    pub value: Option<ParameterText>,
    /// `bool`, `enum`, `integer`, `real` or `string`.
    pub vartype: Option<String>,
    /// The unit of a number, such as `8kB` or `ms`.
    pub unit: Option<String>,
    /// The value compiled into the server.
    pub built_in: Option<ParameterText>,
    /// Where the value comes from.
    pub origin: Origin,
    /// `pg_settings.context`.
    pub context: Option<String>,
    /// When a change takes effect.
    pub takes_effect: TakesEffect,
    /// Whether it is set to a value other than the default.
    pub changed: bool,
    /// The pending change.
    pub next: Option<Next>,
    /// The value in the configuration files, if it differs although no change is pending: another source overrides it, or
    /// the server writes the text differently.
    pub in_files: Option<InFiles>,
    /// Whether `pending_restart` is set although no change is pending.
    pub forgotten_mark: bool,
    /// Whether a line for it in the configuration files is invalid.
    pub faulty: bool,
    /// Values for roles and databases.
    pub overrides: Vec<Override>,
    /// What its values mean.
    #[serde(skip)]
    pub kind: Kind,
}

impl Parameter {
    /// Whether it is changed by an unknown source, because the collector's session sets the parameter itself.
    #[must_use]
    pub fn has_unknown_origin(&self) -> bool {
        self.changed && self.origin.source.is_none()
    }

    /// Whether it is shown without `--all`.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        let has_more = self.next.is_some() || self.in_files.is_some() || !self.overrides.is_empty();
        self.changed || has_more || self.forgotten_mark || self.faulty
    }
}

/// An invalid line of the configuration files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FaultyLine {
    /// The file.
    pub file: Option<String>,
    /// The line.
    pub line: Option<i64>,
    /// The parameter, where the line could be read that far.
    pub parameter: Option<String>,
    /// The value, if it cannot be a secret.
    pub value: Option<String>,
    /// The server's error message.
    pub error: String,
}

/// A section with missing or partial data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unseen {
    /// Its name.
    pub section: String,
    /// Why.
    pub reason: String,
}

/// The configuration of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Configuration {
    /// Which cluster.
    pub cluster: ClusterSummary,
    /// Its parameters: the changed ones, then others of which there is something to say, then the rest, each by name.
    pub parameters: Vec<Parameter>,
    /// Lines of the files that the server cannot take, in the order in which it reads them.
    pub faulty_lines: Vec<FaultyLine>,
    /// Whether they keep the server from loading anything else of the files.
    pub files_blocked: bool,
    /// What the role that collected could not see.
    pub unseen: Vec<Unseen>,
}

impl Configuration {
    /// The configuration in a snapshot.
    #[must_use]
    pub fn of(snapshot: &DiagSnapshot) -> Self {
        let facts = Facts::of(snapshot);
        let cluster = facts.cluster();
        let none = Configured::default();
        let settings = facts.configured().unwrap_or(&none);
        let faulty_lines: Vec<FaultyLine> = settings.faulty_lines().into_iter().map(faulty_line).collect();
        let faulty: BTreeSet<String> =
            faulty_lines.iter().filter_map(|line| Some(line.parameter.as_ref()?.to_ascii_lowercase())).collect();
        let mut parameters = parameters(settings, cluster.database.as_deref());
        for parameter in &mut parameters {
            parameter.faulty = faulty.contains(&parameter.name.to_ascii_lowercase());
        }
        parameters.sort_by_key(|parameter| (!parameter.changed, !parameter.is_notable()));
        Self {
            cluster,
            parameters,
            files_blocked: !faulty_lines.is_empty() && settings.files().is_some_and(Files::are_blocked),
            faulty_lines,
            unseen: SECTIONS.into_iter().filter_map(|section| unseen(&facts.section(section)?)).collect(),
        }
    }
}

fn unseen(state: &SectionState) -> Option<Unseen> {
    let reason = state.reason.clone()?;
    Some(Unseen { section: state.name.clone(), reason })
}

fn faulty_line(row: &pg_file_settings::PgFileSetting) -> FaultyLine {
    FaultyLine {
        file: row.sourcefile.clone(),
        line: row.sourceline,
        parameter: row.name.clone(),
        value: row.setting.clone(),
        error: row.error.clone().unwrap_or_default(),
    }
}

/// Every parameter by name: those that the server shows, and those that only a role or a database sets.
fn parameters(settings: &Configured, database: Option<&str>) -> Vec<Parameter> {
    let of_setting = |setting: &PgSetting| (setting.name.to_ascii_lowercase(), parameter(settings, setting, database));
    let mut by_name: BTreeMap<String, Parameter> = settings.iter().map(of_setting).collect();
    for row in settings.all_overrides() {
        let Some(name) = &row.name else { continue };
        by_name.entry(name.to_ascii_lowercase()).or_insert_with(|| overridden_alone(settings, name));
    }
    by_name.into_values().collect()
}

fn parameter(settings: &Configured, setting: &PgSetting, database: Option<&str>) -> Parameter {
    let kind = settings.kind(setting);
    let text = |value: &Option<String>| value.as_deref().map(|value| ParameterText::of(value, &kind));
    let waiting = settings.waiting(setting);
    Parameter {
        name: setting.name.clone(),
        value: text(&setting.setting),
        vartype: setting.vartype.clone(),
        unit: setting.unit.clone(),
        built_in: text(&setting.boot_val),
        origin: Origin::of(settings, setting, database),
        context: setting.context.clone(),
        takes_effect: TakesEffect::of(setting.context.as_deref()),
        changed: settings.is_changed(setting),
        forgotten_mark: waiting == Waiting::Forgotten,
        next: next(settings, setting, waiting),
        in_files: settings.differing_line(setting).and_then(|line| {
            let value = ParameterText::of(line.setting.as_deref()?, &kind);
            Some(InFiles { value, origin: Origin::of_line(settings, line) })
        }),
        faulty: false,
        overrides: settings.overrides(&setting.name).map(|row| Override::of(row, &kind)).collect(),
        kind,
    }
}

fn next(settings: &Configured, setting: &PgSetting, waiting: Waiting) -> Option<Next> {
    let (needs, value) = match waiting {
        Waiting::Nothing | Waiting::Forgotten => return None,
        Waiting::Reload(value) => (TakesEffect::Reload, Some(value)),
        Waiting::Restart(value) => (TakesEffect::Restart, value),
    };
    Some(Next {
        needs,
        value: value.map(|value| ParameterText::of(&value, &settings.kind(setting))),
        origin: settings
            .files()
            .and_then(|files| files.last(&setting.name))
            .map(|line| Origin::of_line(settings, line)),
    })
}

/// A parameter that the server does not show to this role, or that only a session of its extension has.
fn overridden_alone(settings: &Configured, name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        value: None,
        vartype: None,
        unit: None,
        built_in: None,
        origin: Origin::none(),
        context: None,
        takes_effect: TakesEffect::Unknown,
        changed: false,
        next: None,
        in_files: None,
        forgotten_mark: false,
        faulty: false,
        overrides: settings.overrides(name).map(|row| Override::of(row, &Kind::String)).collect(),
        kind: Kind::String,
    }
}
