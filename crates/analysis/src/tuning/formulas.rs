//! The formulas' values, made fit for a server.

use super::guards::{self, Fitted};
use super::machine::Machine;
use super::pgtune::{self, Input, Storage, Value, Workload};
use super::preference;
use super::server::Server;
use super::{Kept, Wanted};
use crate::format::Confidence;
use crate::format::recommendation::{Proposal, RecommendationSource};

/// Parameters whose formulas depend on neither memory nor processors nor storage.
const CONSERVATIVE: [&str; 4] = ["checkpoint_completion_target", "max_wal_size", "min_wal_size", "wal_compression"];

/// What the formulas propose, and what they would change but better do not.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    pub(super) proposals: Vec<Proposal>,
    pub(super) kept: Vec<Kept>,
}

/// The formulas' values for a server. `has_evidence` tells of a parameter whether rules propose a value too: then the
/// formula's is an alternative, whatever is set now.
pub(super) fn of(server: &Server<'_>, wanted: &Wanted<'_>, has_evidence: impl Fn(&str) -> bool) -> Formulas {
    let machine = wanted.machine;
    let is_conservative = wanted.workload == Workload::RemoteConservative;
    let Some(input) = input(server, machine, wanted.workload) else { return Formulas::default() };
    let mut found = Formulas::default();
    let beside = guards::io_workers_beside(server, machine).map(|workers| ("io_workers", Value::Number(workers)));
    for (parameter, value) in pgtune::settings(&input).into_iter().chain(beside) {
        if is_conservative && !is_known_without_hardware(parameter, machine) {
            continue;
        }
        let formula = value.to_string();
        let (value, note) = match guards::fit(server, machine, parameter, &formula) {
            Fitted::Use { value, note } => (value, note),
            Fitted::Keep(reason) => {
                found.kept.extend(kept(server, parameter, formula, reason));
                continue;
            }
        };
        if let Some(reason) = preference::keeps(server, parameter, &value).filter(|_| !has_evidence(parameter)) {
            found.kept.extend(kept(server, parameter, formula, reason));
            continue;
        }
        found.proposals.push(proposal(parameter, value, note, (&input, is_conservative)));
    }
    found
}

/// Where the memory is unknown, nothing that depends on it may be used.
fn input(server: &Server<'_>, machine: &Machine, workload: Workload) -> Option<Input> {
    let major = server.version.major();
    if workload != Workload::RemoteConservative {
        return machine.input(workload, major);
    }
    let any = pgdba_pg::Bytes(1 << 30);
    Machine { memory: Some(any), cpus: None, storage: Some(Storage::Ssd), ..machine.clone() }.input(workload, major)
}

fn is_known_without_hardware(parameter: &str, machine: &Machine) -> bool {
    let is_of_wal_size = matches!(parameter, "max_wal_size" | "min_wal_size");
    CONSERVATIVE.contains(&parameter) && (!is_of_wal_size || machine.wal_space.is_some())
}

/// What is kept, unless nothing would change.
fn kept(server: &Server<'_>, parameter: &str, formula: String, reason: String) -> Option<Kept> {
    let setting = server.configured.get(parameter)?;
    let is_same = server.configured.is_in_force(setting, &formula) == Some(true);
    let current = crate::facts::settings::Settings::displayed(setting);
    (!is_same).then(|| Kept { parameter: parameter.to_owned(), current, formula, reason })
}

fn proposal(
    parameter: &str,
    value: String,
    note: Option<String>,
    (input, is_conservative): (&Input, bool),
) -> Proposal {
    let reason = pgtune::reason(parameter, input).unwrap_or_default();
    Proposal {
        parameter: parameter.to_owned(),
        value,
        source: RecommendationSource::Pgtune,
        rule: None,
        confidence: if is_conservative { Confidence::Low } else { Confidence::Medium },
        why: [reason].into_iter().chain(note).collect::<Vec<_>>().join(" "),
        inputs: pgtune::inputs(parameter, input),
    }
}
