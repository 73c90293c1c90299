//! The configuration in force, with values as typed quantities.

use std::collections::BTreeMap;

use pgdba_pg::unit::{bytes_per_unit, millis_per_unit};
use pgdba_pg::{Bytes, Millis};
use pgdba_snapshot::sections::pg_settings::PgSetting;

/// The parameters by name. A parameter that the role may not see, or the version does not have, is not there.
#[derive(Debug, Default)]
pub struct Settings {
    by_name: BTreeMap<String, PgSetting>,
}

impl Settings {
    pub(super) fn from_rows(rows: Vec<PgSetting>) -> Self {
        Self { by_name: rows.into_iter().map(|row| (row.name.clone(), row)).collect() }
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
