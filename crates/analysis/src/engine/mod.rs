//! Runs the rules over one snapshot's facts.

pub mod about;
pub mod bloat;
pub mod condition;
pub mod draft;
pub mod drop_index;
pub mod estimates;
mod finish;
pub mod found;
pub mod freeze;
pub mod horizon;
pub mod index_use;
pub mod off;
pub mod plan;
pub mod prelude;
pub mod proposal;
pub mod release;
mod remedy;
pub mod rule;
pub mod sift;
pub mod statements;
pub mod table_reads;
pub mod vacuum;
mod wal;
pub mod work_mem;
pub mod workers;

use crate::facts::{Beside, Facts, View};
use crate::format::{Assessment, Checked, Finding, NotAssessed, Outcome, SetAside};
use rule::Rule;
use sift::Sifted;

/// The findings of the rules that ran, and the outcome of each rule.
#[derive(Debug, Default)]
pub struct Run {
    /// What was found, the most urgent first.
    pub findings: Vec<Finding>,
    /// What was found but set aside by the policy, in the order of the rules.
    pub set_aside: Vec<SetAside>,
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
        let skipped = beside.policy.and_then(|policy| policy.skips(rule.as_named()));
        let (outcome, unchecked) = if skipped.is_some() || is_ignored(rule) {
            (Outcome::Ignored { reason: skipped.map(str::to_owned) }, None)
        } else {
            run.outcome(evaluate(rule, facts, beside))
        };
        run.assessments.push(Assessment { unchecked, ..assessment(rule, beside, outcome) });
    }
    run.findings.sort_by(by_urgency);
    run
}

impl Run {
    /// Adds the findings of a rule, and returns its outcome, with the reason if it could not check everything.
    fn outcome(&mut self, evaluated: Checked<Evaluated>) -> (Outcome, Option<String>) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let Evaluated { finding, set_aside, unchecked } = match evaluated {
            Err(missing) => {
                return (Outcome::NotAssessed { reason: missing.reason, is_expected: missing.is_expected }, None);
            }
            Ok(evaluated) => evaluated,
        };
        let aside = number(set_aside.len());
        self.set_aside.extend(set_aside);
        let outcome = match finding {
            Some(finding) => {
                let subjects = number(finding.subjects.len());
                self.findings.push(finding);
                Outcome::Found { subjects }
            }
            None if aside > 0 => Outcome::SetAside { subjects: aside },
            None => Outcome::Passed,
        };
        (outcome, unchecked.map(|missing| missing.reason))
    }
}

/// What one rule finds, without what the policy sets aside, and that.
struct Evaluated {
    finding: Option<Finding>,
    set_aside: Vec<SetAside>,
    /// Why it could not check everything.
    unchecked: Option<NotAssessed>,
}

fn evaluate(rule: &Rule, facts: &Facts<'_>, beside: Beside<'_>) -> Checked<Evaluated> {
    let Sifted { draft, set_aside } = (rule.run)(&View::new(facts, beside, rule.reads))?;
    facts.require_needs(rule.reads)?;
    let unchecked = facts.require_databases(rule.reads).err();
    if let Some(reason) = unchecked.clone().filter(|_| draft.is_none() && set_aside.is_empty()) {
        return Err(reason);
    }
    let surroundings = facts.surroundings()?;
    let complete = |draft| remedy::complete(draft, facts.configured().ok(), surroundings);
    let finding = draft.map(|draft| finish::finish(complete(draft), rule, surroundings));
    Ok(Evaluated { finding, set_aside, unchecked })
}

/// What one rule finds and the policy shows.
///
/// # Errors
/// Why it could not run.
pub fn find(rule: &Rule, facts: &Facts<'_>, beside: Beside<'_>) -> Checked<Option<Finding>> {
    evaluate(rule, facts, beside).map(|evaluated| evaluated.finding)
}

fn assessment(rule: &Rule, beside: Beside<'_>, outcome: Outcome) -> Assessment {
    Assessment {
        code: rule.code.to_owned(),
        name: rule.name.to_owned(),
        title: rule.title.to_owned(),
        passed: rule.passed.to_owned(),
        area: rule.area,
        worst: beside.policy.map_or(rule.worst, |policy| policy.worst(rule.as_named(), rule.worst)),
        outcome,
        unchecked: None,
    }
}

/// By severity, confidence and weight, greatest first; then by code.
fn by_urgency(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let graver = b.severity.cmp(&a.severity).then(b.confidence.cmp(&a.confidence));
    graver.then(b.weight().total_cmp(&a.weight())).then_with(|| a.code.cmp(&b.code))
}
