//! Values that would keep the server from starting, or put data or service at stake: warned about with the reason, not refused.

mod data;
mod future;
mod service;
mod standbys;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;

use self::future::Future;
use crate::change_set::{Change, Via};
use crate::environment::Questions;
use crate::facts::Facts;
use crate::request::Request;

/// What to ask the server before `request` is judged.
#[must_use]
pub fn questions(request: &Request, facts: &Facts, via: Via) -> Questions {
    let wanted = request.parameters.iter().map(|(name, value)| (name.as_str(), value.as_deref()));
    let future = Future::new(facts, via, wanted);
    let mut questions = Questions { start: future.start().questions(), ..Questions::default() };
    service::ask(&future, &mut questions);
    questions
}

/// Every warning about these steps, one sentence each.
pub(super) fn of(facts: &Facts, via: Via, steps: &[&Change]) -> Vec<String> {
    let wanted = steps.iter().map(|change| (change.name.as_str(), change.new_value.as_deref()));
    let future = Future::new(facts, via, wanted);
    let problems = future.start().problems(&facts.environment.host);
    let mut warnings: Vec<String> = problems.iter().map(ToString::to_string).collect();
    warnings.extend(data::check(&future));
    warnings.extend(service::check(&future));
    warnings
}
