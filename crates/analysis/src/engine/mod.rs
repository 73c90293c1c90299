//! Runs the rules over one snapshot's facts.

pub mod outcome;
pub mod page;
pub mod remedy;
pub mod rule;

use std::cmp::Reverse;

use pgdba_snapshot::DiagSnapshot;

use crate::facts::Facts;
use crate::finding::{Analysis, Assessment, Finding, Severity, Verdict};
use crate::{recommendation, rules, topics};
use outcome::{NotAssessed, Outcome};
use rule::Rule;

/// What the caller wants of an analysis.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Codes or names of rules that shall stay silent.
    pub ignore: Vec<String>,
}

/// Analyses one snapshot.
///
/// The same snapshot gives the same analysis, to the byte, natively and in WebAssembly.
#[must_use]
pub fn analyze(snapshot: &DiagSnapshot, options: &Options) -> Analysis {
    let facts = Facts::derive(snapshot);
    let mut findings = Vec::new();
    let mut assessments = Vec::new();
    for rule in rules::all() {
        if options.ignore.iter().any(|ignored| rule.is_called(ignored)) {
            continue;
        }
        let outcome = match run(rule, &facts) {
            Ok(found) if found.is_empty() => Outcome::Clean,
            Ok(found) => {
                let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
                findings.extend(found);
                Outcome::Found { count }
            }
            Err(NotAssessed(reason)) => Outcome::NotAssessed { reason },
        };
        assessments.push(Assessment {
            code: rule.code.to_owned(),
            name: rule.name.to_owned(),
            title: rule.title.to_owned(),
            area: rule.area,
            outcome,
        });
    }
    findings.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let recommendations = recommendation::merged([recommendation::of_findings(&findings, &facts.settings)]);
    Analysis {
        format: "pgdba.analysis",
        format_version: 1,
        verdict: verdict(&findings, &assessments),
        cluster: facts.cluster.clone(),
        topics: topics::all().map(|topic| topic.view(&facts)).collect(),
        sections: facts.sections.states(),
        problems: facts.problems.clone(),
        findings,
        recommendations,
        assessments,
    }
}

/// One rule over the facts: its findings, or why it could not look.
///
/// # Errors
/// [`NotAssessed`] where a section the rule needs is missing, or the rule itself says it cannot tell.
pub fn run(rule: &Rule, facts: &Facts) -> Result<Vec<Finding>, NotAssessed> {
    for spec in rule.needs {
        facts.sections.require(spec)?;
    }
    for spec in rule.needs_whole {
        facts.sections.require_whole(spec)?;
    }
    let mut findings = (rule.run)(facts)?;
    for finding in &mut findings {
        finding.remedy = remedy::complete(finding.remedy.clone(), &facts.settings);
    }
    Ok(findings)
}

/// What to do first: the gravest, then the surest, then in the order of the rules.
fn rank(finding: &Finding) -> (Reverse<Severity>, Reverse<crate::finding::Confidence>, &str, &crate::finding::Subject) {
    (Reverse(finding.severity), Reverse(finding.confidence), &finding.code, &finding.subject)
}

/// A cluster of which less than half could be looked at gets no clean bill.
fn verdict(findings: &[Finding], assessments: &[Assessment]) -> Verdict {
    let blind = assessments.iter().filter(|a| matches!(a.outcome, Outcome::NotAssessed { .. })).count();
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Critical) => Verdict::ActNow,
        Some(Severity::Warning) => Verdict::NeedsAttention,
        _ if blind * 2 > assessments.len() => Verdict::CannotSay,
        Some(_) => Verdict::HealthyWithSuggestions,
        None => Verdict::Healthy,
    }
}
