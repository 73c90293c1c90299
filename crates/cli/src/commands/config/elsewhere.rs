//! Recommendations that ALTER SYSTEM does not carry out.

use pgdba_analysis::Recommendation;
use pgdba_analysis::format::recommendation::Route;
use pgdba_pg::parameter::Source;

/// Where a parameter has to be changed, where ALTER SYSTEM cannot.
pub(super) fn elsewhere(one: &Recommendation) -> Option<String> {
    let parameter = &one.parameter;
    match &one.route {
        Route::AlterSystem => None,
        Route::CommandLine => {
            Some(format!("{parameter} is set on the command line, which overrides ALTER SYSTEM: change it there"))
        }
        Route::Override(by) => {
            let by = Source::parse(by).and_then(Source::statement).unwrap_or(by);
            Some(format!("{parameter} is set by {by}, which overrides ALTER SYSTEM: change it there"))
        }
        Route::Patroni => Some(format!(
            "{parameter} is managed by Patroni: use pgdba config apply --via patroni, or patronictl edit-config"
        )),
        Route::PatroniMember => Some(format!(
            "{parameter} was set on this member with ALTER SYSTEM, which overrides Patroni: run ALTER SYSTEM RESET \
             {parameter} on the member, then set it with patronictl edit-config if its value there differs"
        )),
        Route::Service(service) => {
            Some(format!("{parameter} is managed by {service}: change it in its parameter group or console"))
        }
    }
}
