//! The configuration in force, with values as typed quantities.

mod configured;
mod files;
pub mod next_start;
pub(in crate::facts) mod starting;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use pgdba_pg::parameter::{self, Declaration, Kind, Source, Value};
use pgdba_pg::unit::{bytes_per_unit, millis_per_unit};
use pgdba_pg::{Bytes, Millis, ServerVersion, display};
use pgdba_snapshot::sections::pg_settings::PgSetting;

use crate::format::{Checked, NotAssessed};

pub use configured::{Configured, is_for_all_roles};
pub use files::Files;
pub use next_start::Change;
pub use waiting::Waiting;

/// The parameters by name, without those that the role cannot see or the version does not have.
#[derive(Debug, Default)]
pub struct Settings {
    by_name: BTreeMap<String, PgSetting>,
    /// The parameters whose value for the server is hidden by one of the collecting session.
    hidden: BTreeSet<String>,
    /// The major version, which decides how some texts are read.
    major: i64,
}

impl Settings {
    pub(super) fn from_rows(version: Option<ServerVersion>, rows: Vec<PgSetting>) -> Self {
        let by_name = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        let newest = ServerVersion::KNOWN_MAJORS.into_iter().max().unwrap_or_default();
        Self { by_name, hidden: BTreeSet::new(), major: version.map_or(newest, ServerVersion::major) }
    }

    /// The same with another row for each parameter; where `row` has none, the value is hidden.
    fn with_rows(&self, row: impl Fn(&PgSetting) -> Option<PgSetting>) -> Self {
        let by_name: BTreeMap<_, _> = self.iter().filter_map(row).map(|row| (row.name.clone(), row)).collect();
        let hidden = self.by_name.keys().filter(|name| !by_name.contains_key(*name)).cloned().collect();
        Self { by_name, hidden, major: self.major }
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

    /// Whether a parameter that was set to `given` would have the value it has; none if the texts do not decide it: the
    /// server rewrites some strings (a list, a path, a time zone).
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

    /// Whether two texts are the same value of a parameter.
    #[must_use]
    pub fn is_same(&self, setting: &PgSetting, a: &str, b: &str) -> bool {
        parameter::same(&self.kind(setting), a, b)
    }

    /// Whether it is set to a value other than the compiled-in one. Values that initdb or the server determine, or that
    /// the collector's session sets, do not count.
    #[must_use]
    pub fn is_changed(&self, setting: &PgSetting) -> bool {
        use Source::{Client, Default, Override, Session};
        let is_set = match Self::source(setting) {
            Some(source) => !matches!(source, Default | Override | Client | Session),
            // The collector's session set it, and the value shown is the previous one; but every client sets its
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

    /// The parameter's row.
    ///
    /// # Errors
    /// `pg_settings` does not show it, or the collecting session has a value of its own, which hides that for the server.
    pub fn require(&self, name: &str) -> Checked<&PgSetting> {
        let reason = || match self.hidden.contains(name) {
            true => Configured::hidden(name),
            false => NotAssessed::because(format!("pg_settings does not show {name}")),
        };
        self.get(name).ok_or_else(reason)
    }

    /// Where a parameter's value comes from; none where the server hides it, or has a source that no known version has.
    #[must_use]
    pub fn source(setting: &PgSetting) -> Option<Source> {
        Source::parse(setting.source.as_deref()?)
    }

    /// What set a parameter, as displayed: the statement, or else the name of the source.
    #[must_use]
    pub fn set_by(setting: &PgSetting) -> Option<String> {
        let statement = Self::source(setting).and_then(Source::statement).map(str::to_owned);
        statement.or_else(|| setting.source.clone())
    }

    /// The value of a parameter with its unit, as displayed.
    #[must_use]
    pub fn displayed(setting: &PgSetting) -> Option<String> {
        Some(display::parameter(setting.setting.as_deref()?, setting.unit.as_deref()))
    }

    /// A text for a parameter as `pg_settings` shows it.
    fn shown(&self, setting: &PgSetting, text: &str) -> String {
        match parameter::parse(&self.kind(setting), text) {
            Ok(Value::Bool(is_on)) => if is_on { "on" } else { "off" }.to_owned(),
            Ok(Value::Integer(number)) => number.to_string(),
            Ok(Value::Real(number)) => number.to_string(),
            Ok(Value::Enum(word)) => word,
            _ => text.to_owned(),
        }
    }

    /// A text for a parameter, written like the value in force; in quotes where the difference might be a blank.
    #[must_use]
    pub fn displayed_text(&self, setting: &PgSetting, text: &str) -> String {
        let number = match parameter::parse(&self.kind(setting), text) {
            Ok(Value::Integer(number)) => number.to_string(),
            Ok(Value::Real(number)) => number.to_string(),
            _ if text.trim() != text || text.is_empty() => return format!("'{text}'"),
            _ => return text.to_owned(),
        };
        display::parameter(&number, setting.unit.as_deref())
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

    /// The value of a boolean parameter for the server; none if the collecting session has a value of its own, from its role or its
    /// database.
    #[must_use]
    pub fn is_on_for_server(&self, name: &str) -> Option<bool> {
        let source = Self::source(self.get(name)?);
        self.is_on(name).filter(|_| !source.is_some_and(Source::differs_between_sessions))
    }

    /// Whether the server runs autovacuum, which needs `track_counts`.
    #[must_use]
    pub fn runs_autovacuum(&self) -> Option<bool> {
        let counts = self.is_on_for_server("track_counts").unwrap_or(true);
        self.is_on_for_server("autovacuum").map(|is_on| is_on && counts)
    }

    /// Whether the server counts changes of tables.
    ///
    /// # Errors
    /// `track_counts` is off.
    pub fn require_counting(&self) -> Checked<()> {
        match self.is_on("track_counts") {
            Some(false) => Err(NotAssessed::because("track_counts is off, so dead rows are not counted")),
            Some(true) | None => Ok(()),
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

    /// A size.
    ///
    /// # Errors
    /// `pg_settings` does not show it.
    pub fn require_bytes(&self, name: &str) -> Checked<Bytes> {
        self.require_as(name, self.bytes(name))
    }

    /// A whole number.
    ///
    /// # Errors
    /// `pg_settings` does not show it, or the collecting session has a value of its own, which hides that for the server.
    pub fn require_integer(&self, name: &str) -> Checked<i64> {
        self.require_as(name, self.integer(name))
    }

    /// A number.
    ///
    /// # Errors
    /// As [`Self::require_integer`].
    pub fn require_float(&self, name: &str) -> Checked<f64> {
        self.require_as(name, self.float(name))
    }

    /// A duration.
    ///
    /// # Errors
    /// `pg_settings` does not show it, or the collecting session has a value of its own, which hides that for the server.
    pub fn require_millis(&self, name: &str) -> Checked<Millis> {
        self.require_as(name, self.millis(name))
    }

    fn require_as<T>(&self, name: &str, value: Option<T>) -> Checked<T> {
        self.require(name)?;
        value.ok_or_else(|| NotAssessed::because(format!("pg_settings does not show {name}")))
    }

    /// A size; none for -1, which means that another parameter determines the value.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<Bytes> {
        let step = bytes_per_unit(self.get(name)?.unit.as_deref()?)?;
        let value = self.integer(name).filter(|value| *value >= 0)?;
        Some(Bytes(value.saturating_mul(step)))
    }

    /// The greatest size that the server accepts; none where it does not tell.
    #[must_use]
    pub fn greatest_bytes(&self, name: &str) -> Option<Bytes> {
        let setting = self.get(name)?;
        let step = bytes_per_unit(setting.unit.as_deref()?)?;
        Some(Bytes(setting.max_val.as_deref()?.parse::<i64>().ok()?.saturating_mul(step)))
    }

    /// A duration; none for -1, which usually means "disabled".
    #[must_use]
    pub fn millis(&self, name: &str) -> Option<Millis> {
        let step = millis_per_unit(self.get(name)?.unit.as_deref()?)?;
        let value = self.float(name).filter(|value| *value >= 0.0)?;
        Some(Millis(value * step))
    }
}
