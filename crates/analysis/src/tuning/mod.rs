//! Values for parameters: PGTune's formulas for the machine, replaced by what the rules measured on the server, and
//! checked together.
//!
//! [`tune`] is for a server, of which at least the settings are known. [`pgtune_only`] is the formulas alone.

mod fit;
pub mod form;
mod formulas;
pub mod given;
mod guards;
mod machine;
mod notes;
pub mod pgtune;
mod plan;
mod preference;
pub mod script;
mod server;
mod show;

use serde::Serialize;

pub use fit::{Budget, HugePages, Memory, Share, WalSpace};
pub use given::Given;
pub use machine::Machine;
pub use pgtune::{DataSize, Input, OperatingSystem, Storage, Workload};
pub use show::formula_values;

use crate::engine::proposal::{allowed, choose, of_findings};
use crate::facts::Facts;
use crate::facts::surroundings::Surroundings;
use crate::format::recommendation::{Proposal, RecommendationSource};
use crate::format::{Checked, Confidence, Finding, Recommendation};
use fit::Adjustment;
use plan::Plan;
use server::Server;

/// What should be set on a server, and what that needs of its host.
#[derive(Debug, Clone, Serialize)]
pub struct Tuning {
    /// The profile that was used.
    pub workload: Workload,
    /// The machine that the values are for.
    pub machine: Machine,
    /// The values that should be changed; those that rules found first.
    pub recommendations: Vec<Recommendation>,
    /// Values in force that a formula would change, and why they are kept.
    pub kept: Vec<Kept>,
    /// What the recommended values together with all others need, and what is left.
    pub budget: Budget,
    /// What to know before they are set, one sentence each.
    pub notes: Vec<String>,
}

/// A value in force that a formula would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The parameter's name.
    pub parameter: String,
    /// Its value in force, as displayed; none if unknown.
    pub current: Option<String>,
    /// What the formula gives.
    pub formula: String,
    /// Why it is kept.
    pub reason: String,
}

/// What values are computed for.
struct Wanted<'a> {
    machine: &'a Machine,
    workload: Workload,
}

/// The values for a server: those that `findings` set, then those of the formulas, all of them checked together.
///
/// # Errors
/// The settings or the version are unknown.
pub fn tune(facts: &Facts<'_>, findings: &[Finding], given: &Given) -> Checked<Tuning> {
    let server = Server::of(facts)?;
    let machine = Machine::of(facts, given);
    let asked = given.workload.unwrap_or_default();
    let workload = if machine.memory.is_none() { Workload::RemoteConservative } else { asked };
    let mut evidence: Vec<Proposal> = of_findings(findings).collect();
    evidence.extend(guards::wal_senders_beside(&server, &evidence));
    let is_found = |parameter: &str| evidence.iter().any(|proposal| proposal.parameter == parameter);
    let formulas = formulas::of(&server, &Wanted { machine: &machine, workload }, is_found);
    let mut kept = formulas.kept;
    let all = evidence.iter().cloned().chain(formulas.proposals);
    let mut proposals: Vec<Proposal> = allowed(all, Some(server.configured)).collect();
    let mut plan = planned(&server, &proposals);
    let adjustments = fit::fit(&mut plan, &server, &machine);
    adjustments.into_iter().for_each(|adjustment| adjust(&mut proposals, adjustment));
    // What a rule or the sum proposes is not kept, whatever a guard says of the formula.
    kept.retain(|kept| proposals.iter().all(|proposal| proposal.parameter != kept.parameter));
    let plan = startable(&server, &machine, &mut proposals, &mut kept);
    let budget = fit::budget(&plan, &machine);
    let recommendations = choose(proposals, Some(server.configured), server.surroundings);
    let notes = notes::of((asked, workload), &server, &machine, &budget);
    Ok(Tuning { workload, machine, recommendations, kept, budget, notes })
}

/// PGTune's answer, without a server.
#[must_use]
pub fn pgtune_only(input: &Input) -> Vec<Recommendation> {
    let proposal = |(parameter, value): pgtune::Setting| Proposal {
        parameter: parameter.to_owned(),
        value: value.to_string(),
        source: RecommendationSource::Pgtune,
        rule: None,
        confidence: Confidence::Medium,
        why: pgtune::reason(parameter, input).unwrap_or_default(),
        inputs: pgtune::inputs(parameter, input),
    };
    choose(pgtune::settings(input).into_iter().map(proposal), None, &Surroundings::default())
}

/// The server with the first proposal for each parameter.
fn planned<'a>(server: &Server<'a>, proposals: &[Proposal]) -> Plan<'a> {
    let mut plan = Plan::new(server.configured, server.version);
    for (index, proposal) in proposals.iter().enumerate() {
        let is_first = proposals.iter().take(index).all(|earlier| earlier.parameter != proposal.parameter);
        if is_first {
            plan.set(&proposal.parameter, &proposal.value);
        }
    }
    plan
}

/// Puts a value that fits before the one that does not, which becomes an alternative.
fn adjust(proposals: &mut Vec<Proposal>, adjustment: Adjustment) {
    let Adjustment { parameter, value, why } = adjustment;
    let displaced = proposals.iter().position(|proposal| proposal.parameter == parameter);
    let proposal = match displaced.and_then(|index| proposals.get(index)) {
        Some(former) => Proposal { value, why: format!("{} {why}", former.why), ..former.clone() },
        None => Proposal {
            parameter: parameter.to_owned(),
            value,
            source: RecommendationSource::Evidence,
            rule: None,
            confidence: Confidence::Medium,
            why,
            inputs: Vec::new(),
        },
    };
    proposals.insert(displaced.unwrap_or(proposals.len()), proposal);
}

/// Removes the proposals with which the server would not start, or might not.
fn startable<'a>(
    server: &Server<'a>,
    machine: &Machine,
    proposals: &mut Vec<Proposal>,
    kept: &mut Vec<Kept>,
) -> Plan<'a> {
    loop {
        let plan = planned(server, proposals);
        let problems = plan.problems(&machine.host);
        let cause =
            |proposal: &Proposal| problems.iter().find(|problem| problem.parameters.contains(&proposal.parameter));
        let (removed, left): (Vec<Proposal>, Vec<Proposal>) =
            proposals.drain(..).partition(|proposal| cause(proposal).is_some());
        *proposals = left;
        if removed.is_empty() {
            return plan;
        }
        kept.extend(removed.into_iter().map(|proposal| {
            let reason = cause(&proposal).map(ToString::to_string).unwrap_or_default();
            let setting = server.configured.get(&proposal.parameter);
            let current = setting.and_then(crate::facts::settings::Settings::displayed);
            Kept { parameter: proposal.parameter, current, formula: proposal.value, reason: format!("{reason}.") }
        }));
    }
}
