//! The family of rules "parameter X is off".

use super::about::About;
use super::draft::Draft;
use crate::facts::View;
use crate::format::{Checked, Effort, Figure, Severity, Weight};

/// A boolean parameter that is off.
#[derive(Debug)]
pub struct Off {
    parameter: &'static str,
    set_by: Option<String>,
    /// Whether it makes no difference before a promotion.
    is_idle: bool,
}

/// The first of `parameters` that is off: after it is enabled, the next check reports the next.
///
/// # Errors
/// `pg_settings` is missing or does not show one of them.
pub fn off(view: &View<'_>, parameters: &[&'static str]) -> Checked<Option<Off>> {
    let settings = view.settings()?;
    for parameter in parameters {
        let setting = settings.require(parameter)?;
        if settings.is_on(parameter) == Some(false) {
            return Ok(Some(Off { parameter, set_by: setting.source.clone(), is_idle: false }));
        }
    }
    Ok(None)
}

/// The same of parameters that make no difference on a standby: there it is a notice.
///
/// # Errors
/// As [`off`].
pub fn off_on_primary(view: &View<'_>, parameters: &[&'static str]) -> Checked<Option<Off>> {
    let is_idle = view.surroundings()?.is_standby;
    Ok(off(view, parameters)?.map(|off| Off { is_idle, ..off }))
}

/// The parameter as a subject. A rule of the family imports this function in place of one of its own.
#[must_use]
pub fn subject(off: &Off) -> About {
    let about = About::parameter(off.parameter, Weight::All)
        .figures([Figure::parameter(off.parameter, "off").against("on"), Figure::new("set_by", off.set_by.clone())]);
    if off.is_idle { about.severity(Severity::Notice) } else { about }
}

impl Off {
    /// Whether it makes no difference before a promotion.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.is_idle
    }

    /// Whether it is this parameter.
    #[must_use]
    pub fn is(&self, parameter: &str) -> bool {
        self.parameter == parameter
    }

    /// A finding that enables it with a reload.
    #[must_use]
    pub fn enable(&self) -> Draft {
        Draft::new(format!("Enable {}", self.parameter)).set(self.parameter, "on", Effort::Reload)
    }
}
