//! The configuration in force, with values as typed quantities.

mod files;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use pgdba_pg::parameter::{self, Declaration, Kind, Value};
use pgdba_pg::unit::{bytes_per_unit, millis_per_unit};
use pgdba_pg::{Bytes, Millis, ServerVersion};
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use pgdba_snapshot::sections::system::System;
use schemars::JsonSchema;
use serde::Serialize;

pub use files::Files;

/// What stands between a parameter's value in force and the one that the configuration files give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing.
    Nothing,
    /// Nothing, although the server still marks it as waiting for a restart: after `ALTER SYSTEM RESET` it keeps the mark.
    Forgotten,
    /// A reload, which gives it this value.
    Reload(String),
    /// A restart, which gives it this value; none where the files could not be looked at.
    Restart(Option<String>),
}

impl Waiting {
    /// A mark of the server's that the files do not bear out.
    fn or_forgotten(self) -> Self {
        if self == Self::Nothing { Self::Nothing } else { Self::Forgotten }
    }
}

/// When a change of a parameter takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakesEffect {
    /// When the server is started again.
    Restart,
    /// When the configuration is reloaded.
    Reload,
    /// In sessions that begin after a reload.
    NewSession,
    /// At once in a session that sets it, in all others at a reload.
    Session,
    /// It cannot be changed.
    Never,
    /// pgdba does not know.
    Unknown,
}

impl TakesEffect {
    /// Of a parameter of this `pg_settings.context`.
    #[must_use]
    pub fn of(context: Option<&str>) -> Self {
        match context {
            Some("postmaster") => Self::Restart,
            Some("sighup") => Self::Reload,
            Some("superuser-backend" | "backend") => Self::NewSession,
            Some("superuser" | "user") => Self::Session,
            Some("internal") => Self::Never,
            _ => Self::Unknown,
        }
    }

    /// What brings a change into force, in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Reload => "reload",
            Self::NewSession => "new session",
            Self::Session => "session",
            Self::Never => "never",
            Self::Unknown => "unknown",
        }
    }

    /// When a change takes effect, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Restart => "at a restart",
            Self::Reload => "at a reload",
            Self::NewSession => "in new sessions",
            Self::Session => "at once, in a session",
            Self::Never => "never",
            Self::Unknown => "unknown",
        }
    }
}

/// The parameters by name. A parameter that the role may not see, or the version does not have, is not there.
#[derive(Debug, Default)]
pub struct Settings {
    by_name: BTreeMap<String, PgSetting>,
    files: Option<Files>,
    overrides: Vec<PgDbRoleSetting>,
    /// The major version, which decides how some texts are read.
    major: i64,
    /// The role and the database of the session that collected.
    seen_by: Option<(String, String)>,
}

impl Settings {
    pub(super) fn from_rows(
        version: Option<ServerVersion>,
        rows: Vec<PgSetting>,
        files: Option<Vec<PgFileSetting>>,
        overrides: Vec<PgDbRoleSetting>,
    ) -> Self {
        let by_name = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        let newest = ServerVersion::KNOWN_MAJORS.into_iter().max().unwrap_or_default();
        let major = version.map_or(newest, ServerVersion::major);
        Self { by_name, files: files.map(Files::from_rows), overrides, major, seen_by: None }
    }

    /// The same with the session that collected, where it is known.
    pub(super) fn seen_by(self, system: Option<&System>) -> Self {
        let seen_by = system.and_then(|system| system.current_user.clone().zip(system.current_database.clone()));
        Self { seen_by, ..self }
    }

    /// What values a parameter takes.
    #[must_use]
    pub fn kind(&self, setting: &PgSetting) -> Kind {
        Kind::of(&Declaration {
            name: &setting.name,
            vartype: setting.vartype.as_deref().unwrap_or_default(),
            unit: setting.unit.as_deref(),
            min_val: setting.min_val.as_deref(),
            max_val: setting.max_val.as_deref(),
            enumvals: setting.enumvals.as_deref().unwrap_or_default(),
            major: self.major,
        })
    }

    /// Whether a parameter that was set to `given` would have the value it has; none where texts do not tell: the server
    /// rewrites many a string (a list, a path, a time zone).
    #[must_use]
    pub fn is_in_force(&self, setting: &PgSetting, given: &str) -> Option<bool> {
        let shown = setting.setting.as_deref()?;
        let kind = self.kind(setting);
        match parameter::parse(&kind, given) {
            Ok(Value::Bool(_) | Value::Integer(_) | Value::Real(_) | Value::Enum(_)) => {
                parameter::is_shown_as(&setting.name, self.major, &kind, given, shown)
            }
            _ => parameter::same(&kind, given, shown).then_some(true),
        }
    }

    /// The configuration files; none where they could not be looked at.
    #[must_use]
    pub fn files(&self) -> Option<&Files> {
        self.files.as_ref()
    }

    /// What roles and databases have in place of a parameter's value.
    pub fn overrides(&self, name: &str) -> impl Iterator<Item = &PgDbRoleSetting> {
        self.overrides.iter().filter(move |row| row.name.as_ref().is_some_and(|row| row.eq_ignore_ascii_case(name)))
    }

    /// What the session that collected began with in place of what the files say: of the rows for its own role or for all,
    /// in its own database or in all, the one that wins. None where there is none, or nobody knows whose session it was.
    #[must_use]
    pub fn own_override(&self, name: &str) -> Option<&PgDbRoleSetting> {
        let (role, database) = self.seen_by.as_ref()?;
        // A role that takes on another at once is shown as that other one, and began with its own settings.
        if self.overrides("role").next().is_some() {
            return None;
        }
        let is_for = |whom: &Option<String>, own: &String| whom.as_ref().is_none_or(|whom| whom == own);
        let is_own = |row: &&PgDbRoleSetting| is_for(&row.rolname, role) && is_for(&row.datname, database);
        // The server takes them in this order, the last one first.
        self.overrides(name).filter(is_own).max_by_key(|row| (row.rolname.is_some(), row.datname.is_some()))
    }

    /// Every `ALTER ROLE … SET` and `ALTER DATABASE … SET`, in the server's order.
    pub fn all_overrides(&self) -> &[PgDbRoleSetting] {
        &self.overrides
    }

    /// Whether somebody set it, and to something else than what was compiled in. What initdb or the server itself decides
    /// is no news, nor is what the collector's session asked for.
    #[must_use]
    pub fn is_changed(&self, setting: &PgSetting) -> bool {
        let own = ["default", "override", "client", "session"];
        let is_set = match setting.source.as_deref() {
            Some(source) => !own.contains(&source),
            // The collector's session had set it, and the value shown is the one before; but every client names its
            // encoding when it connects.
            None => setting.name != "client_encoding",
        };
        let is_built_in = match &setting.boot_val {
            Some(built_in) => self.is_in_force(setting, built_in) == Some(true),
            None => setting.setting.is_none(),
        };
        is_set && !is_built_in
    }

    /// The parameter's row.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&PgSetting> {
        self.by_name.get(name)
    }

    /// Every parameter, by name.
    pub fn iter(&self) -> impl Iterator<Item = &PgSetting> {
        self.by_name.values()
    }

    /// The value as the server prints it.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.setting.as_deref()
    }

    /// A boolean parameter.
    #[must_use]
    pub fn is_on(&self, name: &str) -> Option<bool> {
        match self.text(name)? {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        }
    }

    /// A whole number without unit, or in the parameter's unit.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// A number.
    #[must_use]
    pub fn float(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A size; none for -1, which stands for "as another parameter says".
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<Bytes> {
        let step = bytes_per_unit(self.get(name)?.unit.as_deref()?)?;
        let value = self.integer(name).filter(|value| *value >= 0)?;
        Some(Bytes(value.saturating_mul(step)))
    }

    /// A duration; none for -1, which mostly stands for "off".
    #[must_use]
    pub fn millis(&self, name: &str) -> Option<Millis> {
        let step = millis_per_unit(self.get(name)?.unit.as_deref()?)?;
        let value = self.float(name).filter(|value| *value >= 0.0)?;
        Some(Millis(value * step))
    }
}
