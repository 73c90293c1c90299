//! Runs the rules over one snapshot's facts.

pub mod draft;
mod finish;
pub mod off;
pub mod proposal;
mod remedy;
pub mod rule;

use crate::facts::{Beside, Facts, View};
use crate::format::{Assessment, Checked, Finding, Outcome};
use rule::Rule;

/// The findings of the rules that ran, and the outcome of each rule.
#[derive(Debug, Default)]
pub struct Run {
    /// What was found, the most urgent first.
    pub findings: Vec<Finding>,
    /// The outcome of every rule, in the order of the rules.
    pub assessments: Vec<Assessment>,
}

/// Runs `rules`, without those that are ignored.
#[must_use]
pub fn run<'r>(
    rules: impl Iterator<Item = &'r Rule>,
    facts: &Facts<'_>,
    beside: Beside<'_>,
    is_ignored: impl Fn(&Rule) -> bool,
) -> Run {
    let mut run = Run::default();
    for rule in rules {
        let outcome = if is_ignored(rule) {
            Outcome::Ignored
        } else {
            match find(rule, facts, beside) {
                Ok(None) => Outcome::Passed,
                Ok(Some(finding)) => {
                    let subjects = u64::try_from(finding.subjects.len()).unwrap_or(u64::MAX);
                    run.findings.push(finding);
                    Outcome::Found { subjects }
                }
                Err(reason) => Outcome::NotAssessed { reason: reason.0 },
            }
        };
        run.assessments.push(assessment(rule, outcome));
    }
    run.findings.sort_by(by_urgency);
    run
}

/// What one rule finds.
///
/// # Errors
/// Why it could not run.
pub fn find(rule: &Rule, facts: &Facts<'_>, beside: Beside<'_>) -> Checked<Option<Finding>> {
    let draft = (rule.run)(&View::new(facts, beside, rule.reads))?;
    let surroundings = facts.surroundings()?;
    let complete = |draft| remedy::complete(draft, facts.configured().ok(), surroundings);
    Ok(draft.map(|draft| finish::finish(complete(draft), rule, surroundings)))
}

fn assessment(rule: &Rule, outcome: Outcome) -> Assessment {
    Assessment {
        code: rule.code.to_owned(),
        name: rule.name.to_owned(),
        title: rule.title.to_owned(),
        passed: rule.passed.to_owned(),
        area: rule.area,
        worst: rule.worst,
        outcome,
    }
}

/// By severity, confidence and weight, greatest first; then by code.
fn by_urgency(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let graver = b.severity.cmp(&a.severity).then(b.confidence.cmp(&a.confidence));
    graver.then(b.weight().total_cmp(&a.weight())).then_with(|| a.code.cmp(&b.code))
}
