//! The family of rules "parameter X is off".

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::View;
use crate::format::{Checked, Effort, Figure, Severity, Subject, Weight};

/// A boolean parameter that is off.
#[derive(Debug)]
pub struct Off {
    parameter: &'static str,
    set_by: Option<String>,
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
            return Ok(Some(Off { parameter, set_by: setting.source.clone() }));
        }
    }
    Ok(None)
}

impl Off {
    /// A critical finding that enables it with a reload.
    #[must_use]
    pub fn critical(&self) -> Draft {
        let summary = format!("Enable {}", self.parameter);
        Draft::new(Severity::Critical, summary).set(self.parameter, "on", Effort::Reload)
    }
}

impl Affects for Off {
    fn about(&self) -> About {
        About::new(Subject::parameter(self.parameter), Weight::All)
            .figure(Figure::parameter(self.parameter, "off").against("on"))
            .figure(Figure::new("set_by", self.set_by.clone()))
    }
}
