//! Storing a change in the dynamic configuration, there and back.

use std::collections::BTreeMap;
use std::time::Instant;

use pgdba_change::patroni::{
    Dcs, DcsChange, DcsPlan, Foreign, Member, Members, Shown, Wanted, Way, dcs_refuses, merge,
};
use serde_json::{Value, json};

use super::{Patroni, PatroniError};
use crate::fault_point;

/// How often a change is sent while others keep changing the dynamic configuration.
const ATTEMPTS: u32 = 5;

/// A key that the dynamic configuration of no Patroni has.
const ABSENT_KEY: &str = "pgdba_access_check";

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

/// How a plan is stored.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Which of its two configurations.
    pub way: Way,
    /// Whether values that others set meanwhile are overwritten.
    pub force: bool,
    /// Where this plan may have been sent before with an outcome that is not known; none where it was not.
    pub pending: Option<String>,
}

/// What is to be done about a configuration that was just read.
enum Step {
    /// It holds everything already.
    Nothing,
    /// Send this.
    Send(Value),
    /// Others changed these.
    Refuse(Vec<Foreign>),
}

impl Patroni {
    /// Plans a change of the dynamic configuration as it is now. The plan is to be kept before it is stored. Changes nothing.
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

    /// Fails where these credentials cannot change the dynamic configuration. What is sent changes nothing: it removes a key that is
    /// not there.
    ///
    /// # Errors
    /// Those of [`Patroni::patch_config`].
    pub fn can_change(&self) -> Result<(), PatroniError> {
        self.patch_config(&json!({ ABSENT_KEY: null })).map(drop)
    }

    /// The parameters of the plan that others have changed since it was made.
    ///
    /// # Errors
    /// As [`Patroni::fresh`].
    pub fn foreign(&self, plan: &DcsPlan) -> Result<Vec<Foreign>, PatroniError> {
        Ok(plan.foreign(&self.fresh()?.1))
    }

    /// Brings the dynamic configuration to one of the plan's two; what the user should know comes back, one sentence each.
    /// It does no harm to do it twice. On the way back, parameters that others changed are left as they are and named.
    ///
    /// Patroni stores a patch only if nothing was stored since it read the configuration, so an earlier request that is still
    /// under way cannot overwrite what a later one stored, and sending again is safe.
    ///
    /// # Errors
    /// [`PatroniError::OutcomeUnknown`] where it was sent, now or before, and cannot be shown to be stored or not;
    /// [`PatroniError::ChangedSince`] where others changed a parameter; those of [`Patroni::fresh`] and
    /// [`Patroni::patch_config`]. After all but the first, nothing of the plan is stored.
    pub fn store(&self, plan: &DcsPlan, sending: &Sending) -> Result<Vec<String>, PatroniError> {
        let Sending { way, mut pending, .. } = sending.clone();
        let mut notes = Vec::new();
        let (mut members, mut dcs) = self.read_dcs(&Members::default(), plan, way, pending.as_deref())?;
        let until = Instant::now() + self.limit(&dcs);
        let mut refused: Option<PatroniError> = None;
        for _ in 0..ATTEMPTS {
            match step(plan, sending, &dcs, pending.is_some(), &mut notes) {
                Step::Send(patch) => match self.send(plan, way, &dcs, &patch) {
                    Ok(note) => {
                        notes.extend(note);
                        return Ok(notes);
                    }
                    Err(error) if error.proves_unsent() && pending.is_none() => return Err(error),
                    Err(error) if error.proves_unsent() => {
                        refused = Some(error);
                        break;
                    }
                    Err(error) => {
                        pending = Some(self.url().to_owned());
                        note(&mut notes, format!("{error}; the configuration was read again"));
                        refused = Some(error);
                    }
                },
                Step::Nothing => match pending.as_deref().filter(|_| way == Way::Back) {
                    Some(sent_to) if !self.is_steady(plan, &members, &dcs, sent_to)? => {}
                    _ => return Ok(notes),
                },
                Step::Refuse(changed) => match pending.as_deref() {
                    Some(sent_to) if !self.is_steady(plan, &members, &dcs, sent_to)? => {}
                    _ => return Err(PatroniError::ChangedSince { changed, overwrite: None }),
                },
            }
            if Instant::now() >= until {
                break;
            }
            (members, dcs) =
                self.read_dcs(&members, plan, way, pending.as_deref()).map_err(|error| self.unknown(&error))?;
        }
        let busy = || PatroniError::Failed {
            url: self.url().to_owned(),
            what: "PATCH /config".to_owned(),
            reason: "the dynamic configuration keeps changing".to_owned(),
        };
        let refused = refused.unwrap_or_else(busy);
        match self.is_steady(plan, &members, &dcs, pending.as_deref().unwrap_or(self.url())) {
            Ok(true) if plan.lost(way, &dcs).is_empty() => Ok(notes),
            Ok(true) => Err(refused),
            _ => Err(self.unknown(&refused)),
        }
    }

    /// Sends a change; what comes back is what there is to say of it.
    fn send(&self, plan: &DcsPlan, way: Way, before: &Dcs, patch: &Value) -> Result<Option<String>, PatroniError> {
        fault_point::reach("patching", word(way));
        let after = self.patch_config(patch);
        fault_point::reach("patched", word(way));
        let after = after?;
        if after.0 == merge(&before.0, patch) {
            return Ok(None);
        }
        // What others stored between the read and the change is in the answer, but for the parameters of the change.
        let lost = plan.lost(way, &after).iter().map(Foreign::to_string).collect::<Vec<_>>();
        Ok(Some(match lost.as_slice() {
            [] => "somebody else changed other parts of the dynamic configuration at the same time; they are kept"
                .to_owned(),
            lost => format!("not everything is as the change left it: {}", lost.join(", ")),
        }))
    }
}

/// What is to be done about `dcs`. `is_begun` says that this plan may have been stored before, so that its own values are known.
fn step(plan: &DcsPlan, sending: &Sending, dcs: &Dcs, is_begun: bool, notes: &mut Vec<String>) -> Step {
    let foreign = match sending.way {
        Way::Forward if !is_begun => plan.changed(dcs),
        _ => plan.foreign(dcs),
    };
    let told = foreign.iter().map(Foreign::to_string).collect::<Vec<_>>().join(", ");
    let body = match sending.way {
        _ if sending.force => {
            if !foreign.is_empty() {
                note(notes, format!("overwritten because of --force: {told}"));
            }
            if sending.way == Way::Forward { plan.patch(dcs) } else { plan.restore(dcs, &[]) }
        }
        Way::Forward if !foreign.is_empty() => return Step::Refuse(foreign),
        Way::Forward => plan.patch(dcs),
        Way::Back => {
            if !foreign.is_empty() {
                note(notes, format!("left as it is, because somebody else changed it: {told}"));
            }
            plan.restore(dcs, &foreign)
        }
    };
    // On the way back values return with their types, which a comparison of what PostgreSQL reads does not see.
    match body.filter(|_| sending.way == Way::Back || !plan.lost(Way::Forward, dcs).is_empty()) {
        Some(patch) => Step::Send(patch),
        None => Step::Nothing,
    }
}

fn note(notes: &mut Vec<String>, note: String) {
    if !notes.contains(&note) {
        notes.push(note);
    }
}

/// The word of a way at a fault point.
fn word(way: Way) -> &'static str {
    match way {
        Way::Forward => "forward",
        Way::Back => "back",
    }
}
