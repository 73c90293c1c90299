//! Values that parameters should have: merges all proposals into one list.

use std::collections::BTreeMap;

use pgdba_pg::Bytes;
use pgdba_pg::parameter::{self, Scope, Source};

use crate::facts::settings::{Configured, Settings};
use crate::facts::surroundings::Surroundings;
pub use crate::format::recommendation::Route;
use crate::format::recommendation::{Proposal, RecommendationSource, RuleReference};
use crate::format::{Finding, Recommendation, TakesEffect};

/// How a parameter is changed on this server.
#[must_use]
pub fn route(configured: Option<&Configured>, surroundings: &Surroundings, parameter: &str) -> Route {
    if configured.is_some_and(|configured| configured.for_all_roles(parameter).is_some()) {
        return Route::Override(Source::Global.name().to_owned());
    }
    let setting = configured.and_then(|configured| configured.for_server(parameter));
    let source = setting.as_ref().and_then(Settings::source);
    let by_files = || match (&surroundings.service, surroundings.has_patroni) {
        (Some(service), _) => Route::Service(service.clone()),
        (None, true) if configured.is_some_and(|configured| configured.is_in_auto_conf(parameter)) => {
            Route::PatroniMember
        }
        (None, true) => Route::Patroni,
        (None, false) => Route::AlterSystem,
    };
    let Some(source) = source else { return by_files() };
    match source.scope() {
        Scope::RoleOrDatabase => Route::Override(source.name().to_owned()),
        // Patroni and managed services write the command line themselves.
        Scope::CommandLine if by_files() == Route::AlterSystem => Route::CommandLine,
        // A value set in a session, such as the collector's, does not prevent setting it for other sessions.
        Scope::CommandLine | Scope::Files | Scope::Session | Scope::Server => by_files(),
    }
}

/// The values that the remedies of findings set, in the findings' order.
pub fn of_findings(findings: &[Finding]) -> impl Iterator<Item = Proposal> {
    findings.iter().filter_map(of_finding)
}

fn of_finding(finding: &Finding) -> Option<Proposal> {
    let sets = finding.remedy.sets.as_ref()?;
    Some(Proposal {
        parameter: sets.parameter.clone(),
        value: sets.value.clone(),
        source: RecommendationSource::Evidence,
        rule: Some(RuleReference {
            code: finding.code.clone(),
            name: finding.name.clone(),
            title: finding.title.clone(),
        }),
        confidence: finding.confidence,
        why: finding.rationale.clone(),
        inputs: finding.figures(),
    })
}

/// Chooses for each parameter: the first proposal is recommended, the others become its alternatives. Values that this
/// server would reject, and those in force already, are left out.
#[must_use]
pub fn choose(
    proposals: impl IntoIterator<Item = Proposal>,
    configured: Option<&Configured>,
    surroundings: &Surroundings,
) -> Vec<Recommendation> {
    let settings = configured.map(|configured| &**configured);
    let mut order = Vec::new();
    let mut of_parameter = BTreeMap::<String, Vec<Proposal>>::new();
    for proposal in allowed(proposals, settings) {
        let others = of_parameter.entry(proposal.parameter.clone()).or_default();
        if others.is_empty() {
            order.push(proposal.parameter.clone());
        }
        others.push(proposal);
    }
    let chosen = order.iter().filter_map(|parameter| {
        let mut proposals = of_parameter.remove(parameter)?.into_iter();
        let first = with_precedence(proposals.next()?, proposals.as_slice());
        let route = route(configured, surroundings, parameter);
        let others = proposals.filter(|other| !is_same(other, &first, settings)).collect();
        (!is_in_force(&first, configured)).then(|| recommendation(first, others, configured, route))
    });
    chosen.collect()
}

/// The proposals whose values the server accepts.
pub fn allowed(
    proposals: impl IntoIterator<Item = Proposal>,
    settings: Option<&Settings>,
) -> impl Iterator<Item = Proposal> {
    proposals.into_iter().filter(move |proposal| is_allowed(proposal, settings))
}

/// A proposal with the reason why it is recommended and not what a formula gives.
fn with_precedence(first: Proposal, others: &[Proposal]) -> Proposal {
    let is_formula = |other: &&Proposal| other.source == RecommendationSource::Pgtune;
    match others.iter().find(is_formula).filter(|_| first.source == RecommendationSource::Evidence) {
        Some(formula) if formula.value != first.value => {
            let why = format!(
                "{} PGTune's formula gives {}; what was measured on this server takes precedence.",
                first.why, formula.value
            );
            Proposal { why: why.trim_start().to_owned(), ..first }
        }
        _ => first,
    }
}

/// Whether two proposals are the same value.
fn is_same(a: &Proposal, b: &Proposal, settings: Option<&Settings>) -> bool {
    let setting = || settings.and_then(|settings| Some((settings, settings.get(&a.parameter)?)));
    a.value == b.value || setting().is_some_and(|(settings, setting)| settings.is_same(setting, &a.value, &b.value))
}

/// Whether the server accepts the value: its kind, range and unit.
fn is_allowed(proposal: &Proposal, settings: Option<&Settings>) -> bool {
    let setting = settings.and_then(|settings| Some((settings, settings.get(&proposal.parameter)?)));
    setting.is_none_or(|(settings, setting)| parameter::parse(&settings.kind(setting), &proposal.value).is_ok())
}

fn is_in_force(proposal: &Proposal, configured: Option<&Configured>) -> bool {
    let in_force = || {
        let configured = configured?;
        configured.is_in_force(&configured.for_server(&proposal.parameter)?, &proposal.value)
    };
    in_force() == Some(true) || configured.is_some_and(|configured| is_rounded(proposal, configured))
}

/// Whether a formula gives the size in force but for less than 1 %: a rule that set it rounded it.
fn is_rounded(proposal: &Proposal, configured: &Configured) -> bool {
    let in_force = configured.bytes(&proposal.parameter);
    let sizes = in_force.zip(configured.size(&proposal.parameter, &proposal.value));
    let is_near = |(now, wanted): (Bytes, Bytes)| now.0.abs_diff(wanted.0) < wanted.0.unsigned_abs() / 100;
    proposal.source == RecommendationSource::Pgtune && sizes.is_some_and(is_near)
}

fn recommendation(
    proposal: Proposal,
    alternatives: Vec<Proposal>,
    configured: Option<&Configured>,
    route: Route,
) -> Recommendation {
    let setting = configured.and_then(|configured| configured.for_server(&proposal.parameter));
    let context = setting.as_ref().and_then(|setting| setting.context.clone());
    let takes_effect = TakesEffect::of(context.as_deref());
    Recommendation {
        current: setting.as_ref().and_then(|setting| setting.setting.clone()),
        unit: setting.as_ref().and_then(|setting| setting.unit.clone()),
        parameter: proposal.parameter,
        recommended: proposal.value,
        confidence: proposal.confidence,
        rationale: proposal.why,
        source: proposal.source,
        rule: proposal.rule,
        inputs: proposal.inputs,
        context,
        takes_effect,
        needs_restart: takes_effect == TakesEffect::Restart,
        route,
        alternatives,
    }
}
