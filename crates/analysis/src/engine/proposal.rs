//! Values that parameters should have: whoever proposes them, one list comes of it.

use std::collections::BTreeMap;

use pgdba_pg::parameter::{self, Scope};

use crate::facts::settings::{Configured, Settings};
use crate::facts::surroundings::Surroundings;
pub use crate::format::recommendation::Route;
use crate::format::recommendation::{Proposal, RecommendationSource, RuleReference};
use crate::format::{Finding, Recommendation, TakesEffect};

/// How a parameter is changed on this server.
#[must_use]
pub fn route(configured: Option<&Configured>, surroundings: &Surroundings, parameter: &str) -> Route {
    let source = configured.and_then(|configured| configured.get(parameter)).and_then(Settings::source);
    let by_files = || match (&surroundings.service, surroundings.has_patroni) {
        (Some(service), _) => Route::Service(service.clone()),
        (None, true) => Route::Patroni,
        (None, false) => Route::AlterSystem,
    };
    let Some(source) = source else { return by_files() };
    match source.scope() {
        Scope::RoleOrDatabase => Route::Override(source.name().to_owned()),
        // Patroni and managed services write the command line themselves.
        Scope::CommandLine if by_files() == Route::AlterSystem => Route::CommandLine,
        // A session that has set it for itself, as the collector's may have, does not keep it from being set for others.
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

/// Chooses for each parameter: the first proposal wins, the others become its alternatives. What this server would
/// refuse is no proposal, and what is in force already needs none.
#[must_use]
pub fn choose(
    proposals: impl IntoIterator<Item = Proposal>,
    configured: Option<&Configured>,
    surroundings: &Surroundings,
) -> Vec<Recommendation> {
    let settings = configured.map(|configured| &**configured);
    let mut order = Vec::new();
    let mut of_parameter = BTreeMap::<String, Vec<Proposal>>::new();
    for proposal in proposals.into_iter().filter(|proposal| is_allowed(proposal, settings)) {
        let others = of_parameter.entry(proposal.parameter.clone()).or_default();
        if others.is_empty() {
            order.push(proposal.parameter.clone());
        }
        others.push(proposal);
    }
    let chosen = order.iter().filter_map(|parameter| {
        let mut proposals = of_parameter.remove(parameter)?.into_iter();
        let winner = proposals.next()?;
        let route = route(configured, surroundings, parameter);
        (!is_in_force(&winner, settings)).then(|| recommendation(winner, proposals.collect(), settings, route))
    });
    chosen.collect()
}

/// Whether the server takes the value: its kind, range and unit.
fn is_allowed(proposal: &Proposal, settings: Option<&Settings>) -> bool {
    let setting = settings.and_then(|settings| Some((settings, settings.get(&proposal.parameter)?)));
    setting.is_none_or(|(settings, setting)| parameter::parse(&settings.kind(setting), &proposal.value).is_ok())
}

fn is_in_force(proposal: &Proposal, settings: Option<&Settings>) -> bool {
    let in_force = || {
        let settings = settings?;
        settings.is_in_force(settings.get(&proposal.parameter)?, &proposal.value)
    };
    in_force() == Some(true)
}

fn recommendation(
    winner: Proposal,
    alternatives: Vec<Proposal>,
    settings: Option<&Settings>,
    route: Route,
) -> Recommendation {
    let setting = settings.and_then(|settings| settings.get(&winner.parameter));
    let context = setting.and_then(|setting| setting.context.clone());
    let takes_effect = TakesEffect::of(context.as_deref());
    Recommendation {
        current: setting.and_then(|setting| setting.setting.clone()),
        unit: setting.and_then(|setting| setting.unit.clone()),
        parameter: winner.parameter,
        recommended: winner.value,
        confidence: winner.confidence,
        rationale: winner.why,
        source: winner.source,
        rule: winner.rule,
        inputs: winner.inputs,
        context,
        takes_effect,
        needs_restart: takes_effect == TakesEffect::Restart,
        route,
        alternatives,
    }
}
