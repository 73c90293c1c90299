//! The family of rules "parameter X is off".

use super::about::About;
use super::draft::Draft;
use crate::facts::View;
use crate::facts::settings::{Configured, Settings};
use crate::format::{Checked, Effort, Figure, Severity, Weight};

/// A boolean parameter that is off.
#[derive(Debug)]
pub struct Off {
    parameter: &'static str,
    set_by: Option<String>,
    /// The others that are off: after this one is enabled, the next check reports the next.
    others: Vec<&'static str>,
    /// Whether it makes no difference before a promotion.
    is_idle: bool,
}

/// The first of `parameters` that is off for all sessions without a value of their own, with the others.
///
/// # Errors
/// `pg_settings` is missing or does not show one of them; or the collecting session has a value of its own, which hides that for
/// the server.
pub fn off(view: &View<'_>, parameters: &[&'static str]) -> Checked<Option<Off>> {
    let settings = view.server_settings()?;
    off_among(settings, |name| settings.is_on(name), parameters)
}

/// The same of parameters that make no difference on a standby, where it is a notice, and of which the value of all roles does
/// not count.
///
/// # Errors
/// As [`off`].
pub fn off_on_primary(view: &View<'_>, parameters: &[&'static str]) -> Checked<Option<Off>> {
    let (is_idle, configured) = (view.surroundings()?.is_standby, view.configured()?);
    let off = off_among(configured, |name| configured.is_on_for_server(name), parameters)?;
    if let Some(off) = off {
        return Ok(Some(Off { is_idle, ..off }));
    }
    let is_hidden = |name: &&&str| configured.is_on(name).is_some() && configured.is_on_for_server(name).is_none();
    match parameters.iter().find(is_hidden) {
        Some(name) => Err(Configured::hidden(name)),
        None => Ok(None),
    }
}

fn off_among(
    settings: &Settings,
    is_on: impl Fn(&str) -> Option<bool>,
    parameters: &[&'static str],
) -> Checked<Option<Off>> {
    let is_off = |name: &&'static str| is_on(name) == Some(false);
    let Some(parameter) = parameters.iter().copied().find(is_off) else {
        parameters.iter().try_for_each(|name| settings.require(name).map(|_| ()))?;
        return Ok(None);
    };
    let others = parameters.iter().copied().filter(|name| *name != parameter && is_off(name)).collect();
    let own = settings.is_on_for_server(parameter).is_some();
    let set_by = settings.get(parameter).filter(|_| own).and_then(Settings::set_by);
    Ok(Some(Off { parameter, set_by, others, is_idle: false }))
}

/// The parameter as a subject. A rule of the family imports this function in place of one of its own.
#[must_use]
pub fn subject(off: &Off) -> About {
    let figures = off.names().map(|name| Figure::parameter(name, "off").against("on"));
    let about = About::parameter(off.parameter, Weight::All)
        .figures(figures)
        .figures([Figure::new("set_by", off.set_by.clone())]);
    if off.is_idle { about.severity(Severity::Notice) } else { about }
}

impl Off {
    /// Whether it makes no difference before a promotion.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.is_idle
    }

    /// Whether this parameter is off.
    #[must_use]
    pub fn is(&self, parameter: &str) -> bool {
        self.names().any(|name| name == parameter)
    }

    /// All that are off.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.parameter).chain(self.others.iter().copied())
    }

    /// A finding that enables it with a reload.
    #[must_use]
    pub fn enable(&self) -> Draft {
        let names: Vec<&str> = self.names().collect();
        let others = self.others.join(" and ");
        Draft::new(format!("Enable {}", names.join(" and "))).set(self.parameter, "on", Effort::Reload).advise_if(
            !self.others.is_empty(),
            format!("Then enable {others} too: one has no effect without the other."),
        )
    }
}
