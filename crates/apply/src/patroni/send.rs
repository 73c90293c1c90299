//! A change of the dynamic configuration there and back.

use std::collections::BTreeMap;
use std::time::Duration;

use pgdba_change::patroni::{
    Dcs, DcsChange, DcsPlan, Leader, Member, Members, Settled, Shown, Wanted, dcs_refuses, merge,
};
use serde_json::Value;

use super::{Patroni, PatroniError};

/// Who can ask the members' own servers.
pub trait Witness {
    /// What this member's `pg_settings` show of these parameters; none where there is no connection to this member.
    fn shown(&mut self, member: &Member, wanted: &[Wanted]) -> Option<BTreeMap<String, Shown>>;
}

impl<F: FnMut(&Member, &[Wanted]) -> Option<BTreeMap<String, Shown>>> Witness for F {
    fn shown(&mut self, member: &Member, wanted: &[Wanted]) -> Option<BTreeMap<String, Shown>> {
        self(member, wanted)
    }
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// What was sent; none where everything was as it shall be.
    pub sent: Option<Value>,
    /// How far it has come. Where it is not settled, the dynamic configuration holds the change all the same: take it back or wait.
    pub settled: Settled,
    /// Who leads now.
    pub leader: Option<Leader>,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
}

impl Patroni {
    /// Plans a change of the dynamic configuration as it is now. The plan is to be kept before it is applied. Changes nothing.
    ///
    /// # Errors
    /// [`PatroniError::Refuses`] for a value that Patroni would store and not use, and those of [`Patroni::fresh`].
    pub fn plan_dcs(&self, changes: &[DcsChange]) -> Result<DcsPlan, PatroniError> {
        let version = self.node()?.patroni_version();
        for change in changes {
            let Some(text) = &change.value else { continue };
            if let Some(refusal) = dcs_refuses(&change.name, &Value::String(text.clone()), version) {
                let (name, value) = (change.name.clone(), text.clone());
                return Err(PatroniError::Refuses { name, value, refusal });
            }
        }
        let (members, dcs) = self.fresh()?;
        Ok(DcsPlan::new(&dcs, changes, members.leader()))
    }

    /// Applies a plan, and waits until every member shows it, waits for a restart, or will not take it.
    ///
    /// # Errors
    /// [`PatroniError::ChangedSince`] where the dynamic configuration is not as it was planned from,
    /// [`PatroniError::OutcomeUnknown`] where the answer to the change got lost, and those of [`Patroni::patch_config`]. Only the
    /// second leaves open whether something was changed; after all others nothing was.
    pub fn apply_dcs(&self, plan: &DcsPlan, witness: &mut dyn Witness) -> Result<Applied, PatroniError> {
        let (members, dcs) = self.fresh()?;
        let names = plan.changed(&dcs);
        if !names.is_empty() {
            return Err(PatroniError::ChangedSince { names });
        }
        self.carry_out(plan, (members, dcs.clone()), plan.patch(&dcs), &plan.wanted(), witness)
    }

    /// Takes a plan back that was applied, or begun to be, and waits as [`Patroni::apply_dcs`] does. It does no harm to do it twice.
    ///
    /// # Errors
    /// As [`Patroni::apply_dcs`]; [`PatroniError::ChangedSince`] where a parameter has a value that is neither the former one nor
    /// that of the plan. `regardless` takes it back all the same.
    pub fn rollback_dcs(
        &self,
        plan: &DcsPlan,
        regardless: bool,
        witness: &mut dyn Witness,
    ) -> Result<Applied, PatroniError> {
        let (members, dcs) = self.fresh()?;
        let names = plan.touched_by_others(&dcs);
        if !names.is_empty() && !regardless {
            return Err(PatroniError::ChangedSince { names });
        }
        self.carry_out(plan, (members, dcs.clone()), plan.restore(&dcs), &plan.wanted_back(), witness)
    }

    fn carry_out(
        &self,
        plan: &DcsPlan,
        (members, dcs): (Members, Dcs),
        patch: Option<Value>,
        wanted: &[Wanted],
        witness: &mut dyn Witness,
    ) -> Result<Applied, PatroniError> {
        let mut notes = notes(&members);
        if let Some(patch) = &patch {
            notes.extend(self.send(&dcs, patch)?);
        }
        let loop_wait = Duration::from_secs(dcs.loop_wait());
        let (members, settled) = self.wait(members, wanted, loop_wait, witness);
        let leader = members.leader();
        if let (Some(then), Some(now)) = (&plan.leader, &leader) {
            notes.extend(then.moved(now));
        }
        Ok(Applied { sent: patch, settled, leader, notes })
    }

    /// Sends a change; what comes back is what there is to say of it.
    fn send(&self, before: &Dcs, patch: &Value) -> Result<Option<String>, PatroniError> {
        let expected = Dcs(merge(&before.0, patch));
        match self.patch_config(patch) {
            Ok(after) if after == expected => Ok(None),
            Ok(_) => Ok(Some("somebody else changed the dynamic configuration at the same moment".to_owned())),
            // It was sent, and the answer got lost.
            Err(
                error @ (PatroniError::TimedOut { .. }
                | PatroniError::BrokenOff { .. }
                | PatroniError::NotPatroni { .. }
                | PatroniError::TooLarge { .. }),
            ) => match self.fresh() {
                Ok((_, now)) if now == expected => Ok(Some(format!("{error}, but the change was stored"))),
                _ => Err(PatroniError::OutcomeUnknown { url: self.url().to_owned(), reason: error.to_string() }),
            },
            Err(error) => Err(error),
        }
    }
}

/// What the user should know of the cluster before anything is done.
fn notes(members: &Members) -> Vec<String> {
    let mut notes = Vec::new();
    if members.pause == Some(true) {
        notes.push(
            "the cluster is paused: there is no failover, and a pending restart has to be done by hand".to_owned(),
        );
    }
    if let Some(switchover) = &members.scheduled_switchover {
        let at = switchover.at.as_deref().unwrap_or("a time that Patroni does not say");
        notes.push(format!("a switchover is scheduled for {at}"));
    }
    notes
}
