//! Waiting until every member has taken a change.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use pgdba_change::patroni::{Dcs, Evidence, Member, Members, Node, Settled, TAKEN_WITHIN, Wanted, settled};

use super::send::Witness;
use super::{Patroni, PatroniError};

/// Time between two looks at all members.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

impl Patroni {
    /// Looks at the members until all have taken what is wanted, or more time can change nothing, or patience is at an end.
    pub(super) fn wait(
        &self,
        mut members: Members,
        wanted: &[Wanted],
        loop_wait: Duration,
        witness: &mut dyn Witness,
    ) -> (Members, Settled) {
        let begun = Instant::now();
        let mut holding = BTreeMap::new();
        loop {
            let look = |member: &Member| (member.name.clone(), self.look(member, wanted, &mut holding, witness));
            let evidence: BTreeMap<_, _> = members.members.iter().map(look).collect();
            let settled = settled(&members, &evidence, wanted, loop_wait + TAKEN_WITHIN);
            if settled.is_final() || begun.elapsed() >= self.patience() + loop_wait {
                // Who leads may have changed in the meantime.
                return (self.cluster().unwrap_or(members), settled);
            }
            thread::sleep(BETWEEN_LOOKS);
            // Members come and go; while nobody says so, they are those that were there.
            members = self.cluster().unwrap_or(members);
        }
    }

    /// What is known of one member now. `holding` keeps since when each member's Patroni has held what is wanted.
    fn look(
        &self,
        member: &Member,
        wanted: &[Wanted],
        holding: &mut BTreeMap<String, Instant>,
        witness: &mut dyn Witness,
    ) -> Evidence {
        let (node, silence) = match self.ask(member) {
            Ok((node, config)) => {
                if !wanted.iter().all(|wanted| wanted.is_in(&config)) {
                    holding.remove(&member.name);
                } else if !holding.contains_key(&member.name) {
                    holding.insert(member.name.clone(), Instant::now());
                }
                (Some(node), None)
            }
            Err(silence) => (None, Some(silence)),
        };
        let held = holding.get(&member.name).map(Instant::elapsed);
        Evidence { node, silence, held, shown: witness.shown(member, wanted).unwrap_or_default() }
    }

    fn ask(&self, member: &Member) -> Result<(Node, Dcs), String> {
        let url = member.api_url.as_deref().ok_or("the DCS has no address of its REST interface")?;
        let ask = || -> Result<_, PatroniError> {
            let patroni = self.of_member(url)?;
            Ok((patroni.node()?, patroni.config()?))
        };
        ask().map_err(|error| error.to_string())
    }
}
