//! The configuration in force, with values as typed quantities.

mod files;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use pgdba_pg::parameter_kind::Kind;
use pgdba_pg::unit::{bytes_per_unit, millis_per_unit};
use pgdba_pg::{Bytes, Millis};
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;
use pgdba_snapshot::sections::pg_file_settings::PgFileSetting;
use pgdba_snapshot::sections::pg_settings::PgSetting;
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

/// What values a parameter may have.
#[must_use]
pub fn kind(setting: &PgSetting) -> Kind<'_> {
    Kind {
        vartype: setting.vartype.as_deref(),
        unit: setting.unit.as_deref(),
        min: setting.min_val.as_deref(),
        max: setting.max_val.as_deref(),
        words: setting.enumvals.as_deref(),
    }
}

/// The parameters by name. A parameter that the role may not see, or the version does not have, is not there.
#[derive(Debug, Default)]
pub struct Settings {
    by_name: BTreeMap<String, PgSetting>,
    files: Option<Files>,
    overrides: Vec<PgDbRoleSetting>,
}

impl Settings {
    pub(super) fn from_rows(
        rows: Vec<PgSetting>,
        files: Option<Vec<PgFileSetting>>,
        overrides: Vec<PgDbRoleSetting>,
    ) -> Self {
        let by_name = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        Self { by_name, files: files.map(Files::from_rows), overrides }
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

    /// Every `ALTER ROLE … SET` and `ALTER DATABASE … SET`, in the server's order.
    pub fn all_overrides(&self) -> &[PgDbRoleSetting] {
        &self.overrides
    }

    /// Whether somebody set it, and to something else than what was compiled in. What initdb or the server itself decides
    /// is no news, nor is what the collector's session asked for.
    #[must_use]
    pub fn is_changed(setting: &PgSetting) -> bool {
        let own = ["default", "override", "client", "session"];
        let is_set = match setting.source.as_deref() {
            Some(source) => !own.contains(&source),
            // The collector's session had set it, and the value shown is the one before; but every client names its
            // encoding when it connects.
            None => setting.name != "client_encoding",
        };
        let is_built_in = match (&setting.setting, &setting.boot_val) {
            (Some(value), Some(built_in)) => kind(setting).is_same(value, built_in),
            (value, built_in) => value == built_in,
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
