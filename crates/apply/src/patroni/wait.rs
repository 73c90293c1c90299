//! Waiting until every member has taken a change.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::patroni::{
    Dcs, DcsPlan, Evidence, Foreign, Leader, Member, Members, Node, Settled, Shown, TAKEN_WITHIN, Wanted, Way, settled,
};

use super::send::Witness;
use super::{Patroni, PatroniError};
use crate::fault_point;

/// Time between two looks at all members.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// What came of waiting.
#[derive(Debug, Clone, PartialEq)]
pub struct Waited {
    /// How far the members have come.
    pub settled: Settled,
    /// What others changed while the members were waited for; waiting ended with it.
    pub changed: Vec<Foreign>,
    /// Who leads now.
    pub leader: Option<Leader>,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
}

/// What was seen of the members so far, by name.
#[derive(Default)]
struct Seen {
    /// Since when each member's Patroni has held what is wanted.
    holding: BTreeMap<String, Instant>,
    /// The last value of each parameter on each member.
    served: BTreeMap<String, BTreeMap<String, String>>,
}

impl Patroni {
    /// Looks at the members until all have taken what `way` of the plan stored, more time can change nothing, patience is at an
    /// end, or somebody else changes one of the parameters. A member that disappears is waited for as the others are.
    pub fn wait(&self, plan: &DcsPlan, way: Way, witness: &mut dyn Witness) -> Waited {
        let wanted = plan.wanted(way);
        let begun = Instant::now();
        let mut seen = Seen::default();
        let (mut known, mut listed) = (Members::default(), Members::default());
        let (mut loop_wait, mut changed) = (Duration::from_secs(10), Vec::new());
        loop {
            // While the DCS does not say who belongs to the cluster, they are those that were there.
            if let Ok((members, dcs)) = self.fresh() {
                loop_wait = Duration::from_secs(dcs.loop_wait());
                changed = plan.lost(way, &dcs);
                known = union(known, &members);
                listed = members;
            }
            fault_point::reach("waiting", "members");
            let look = |member: &Member| (member.name.clone(), self.look(member, &listed, &wanted, &mut seen, witness));
            let evidence: BTreeMap<_, _> = known.members.iter().map(look).collect();
            let enough = loop_wait + TAKEN_WITHIN;
            let settled = settled(&known, &evidence, &wanted, enough);
            let is_over = begun.elapsed() >= self.patience().max(enough * 2) + loop_wait;
            if settled.is_final() || !changed.is_empty() || is_over {
                let leader = listed.leader();
                let mut notes = notes(&listed);
                if let (Some(then), Some(now)) = (&plan.leader, &leader) {
                    notes.extend(then.moved(now));
                }
                return Waited { settled, changed, leader, notes };
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// What is known of one member now.
    fn look(
        &self,
        member: &Member,
        listed: &Members,
        wanted: &[Wanted],
        seen: &mut Seen,
        witness: &mut dyn Witness,
    ) -> Evidence {
        let is_listed = listed.members.iter().any(|other| other.name == member.name);
        let served = seen.served.entry(member.name.clone()).or_default();
        let (node, silence) = match self.ask(member) {
            Ok((node, config)) => {
                served.extend(
                    wanted
                        .iter()
                        .filter_map(|parameter| Some((parameter.name.clone(), config.parameter(&parameter.name)?))),
                );
                if !wanted.iter().all(|wanted| wanted.is_in(&config)) {
                    seen.holding.remove(&member.name);
                } else if !seen.holding.contains_key(&member.name) {
                    seen.holding.insert(member.name.clone(), Instant::now());
                }
                (Some(node), None)
            }
            Err(_) if !is_listed => (None, Some("it is no longer a member of the cluster".to_owned())),
            Err(error) => (None, Some(error.to_string())),
        };
        let held = seen.holding.get(&member.name).map(Instant::elapsed);
        let shown = witness.shown(member, wanted).unwrap_or_default();
        served.extend(shown.iter().map(|(name, shown): (_, &Shown)| (name.clone(), shown.value.clone())));
        Evidence { node, silence, held, shown, served: served.clone() }
    }

    fn ask(&self, member: &Member) -> Result<(Node, Dcs), PatroniError> {
        let url = member.api_url.as_deref().ok_or(PatroniError::NoAddress)?;
        let patroni = self.of_member(url)?;
        Ok((patroni.node()?, patroni.config()?))
    }
}

/// Everybody who is or was a member, as the DCS described each last.
fn union(mut known: Members, now: &Members) -> Members {
    for member in &now.members {
        match known.members.iter_mut().find(|other| other.name == member.name) {
            Some(other) => member.clone_into(other),
            None => known.members.push(member.clone()),
        }
    }
    known
}

/// What the user should know of the cluster.
fn notes(members: &Members) -> Vec<String> {
    let mut notes = Vec::new();
    if members.pause == Some(true) {
        notes.push(
            "the cluster is paused: there is no automatic failover, and pending restarts must be done manually"
                .to_owned(),
        );
    }
    if let Some(switchover) = &members.scheduled_switchover {
        let at = switchover.at.as_deref().unwrap_or("an unknown time");
        notes.push(format!("a switchover is scheduled for {at}"));
    }
    notes
}
