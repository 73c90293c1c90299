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
const ATTEMPTS: u32 = 20;

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
        let (notes, pending) = (Vec::new(), sending.pending.clone());
        let mut attempt = Attempt { patroni: self, plan, sending, pending, refused: None, notes };
        let mut read = self.read_dcs(&Members::default(), plan, sending.way, attempt.pending.as_deref())?;
        let until = Instant::now() + self.limit(&read.1);
        for _ in 0..ATTEMPTS {
            match attempt.once(&read)? {
                Turn::Stored => return Ok(attempt.notes),
                Turn::Rejected => break,
                Turn::Again if Instant::now() >= until => break,
                Turn::Again => {}
            }
            let again = self.read_dcs(&read.0, plan, sending.way, attempt.pending.as_deref());
            read = again.map_err(|error| self.unknown(&error))?;
        }
        attempt.give_up(&read)
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
            [] => "someone else changed other parts of the dynamic configuration at the same time; these changes are \
                   kept"
                .to_owned(),
            lost => format!("parameters of the change were changed again: {}", lost.join(", ")),
        }))
    }
}

/// A change on its way into the dynamic configuration.
struct Attempt<'a> {
    patroni: &'a Patroni,
    plan: &'a DcsPlan,
    sending: &'a Sending,
    /// Where it was sent without a known outcome.
    pending: Option<String>,
    /// The last answer that was not a success.
    refused: Option<PatroniError>,
    notes: Vec<String>,
}

/// What came of one attempt.
enum Turn {
    /// It is stored.
    Stored,
    /// It was not accepted, and never will be.
    Rejected,
    /// Read again.
    Again,
}

impl Attempt<'_> {
    fn once(&mut self, (members, dcs): &(Members, Dcs)) -> Result<Turn, PatroniError> {
        match step(self.plan, self.sending, dcs, self.pending.is_some(), &mut self.notes) {
            Step::Send(patch) => self.send(dcs, &patch),
            // On the way forward what is there is what was wanted.
            Step::Nothing if self.sending.way == Way::Forward || self.is_over(members, dcs)? => Ok(Turn::Stored),
            Step::Refuse(changed) if self.is_over(members, dcs)? => {
                Err(PatroniError::ChangedSince { changed, overwrite: None })
            }
            Step::Nothing | Step::Refuse(_) => Ok(Turn::Again),
        }
    }

    fn send(&mut self, dcs: &Dcs, patch: &Value) -> Result<Turn, PatroniError> {
        match self.patroni.send(self.plan, self.sending.way, dcs, patch) {
            Ok(note) => {
                self.notes.extend(note);
                Ok(Turn::Stored)
            }
            Err(error) if error.proves_unsent() && self.pending.is_none() => Err(error),
            Err(error) if error.proves_unsent() => {
                self.refused = Some(error);
                Ok(Turn::Rejected)
            }
            Err(error) => {
                self.pending = Some(self.patroni.url().to_owned());
                note(&mut self.notes, format!("{error}; the configuration was read again"));
                self.refused = Some(error);
                Ok(Turn::Again)
            }
        }
    }

    /// Whether nothing that was sent before can be stored any more.
    fn is_over(&self, members: &Members, dcs: &Dcs) -> Result<bool, PatroniError> {
        match &self.pending {
            Some(sent_to) => self.patroni.is_steady(self.plan, members, dcs, sent_to),
            None => Ok(true),
        }
    }

    fn give_up(self, (members, dcs): &(Members, Dcs)) -> Result<Vec<String>, PatroniError> {
        let refused = self
            .refused
            .as_ref()
            .map_or_else(|| "the dynamic configuration keeps changing".to_owned(), PatroniError::to_string);
        if !self.is_over(members, dcs)? {
            let url = self.patroni.url().to_owned();
            return Err(PatroniError::OutcomeUnknown { url, reason: refused });
        }
        if self.plan.lost(self.sending.way, dcs).is_empty() {
            return Ok(self.notes);
        }
        let (url, what) = (self.patroni.url().to_owned(), "PATCH /config".to_owned());
        Err(self.refused.unwrap_or(PatroniError::Failed { url, what, reason: refused }))
    }
}

/// What is to be done about `dcs`. `is_begun` says that this plan may have been stored before, so that its own values are known.
fn step(plan: &DcsPlan, sending: &Sending, dcs: &Dcs, is_begun: bool, notes: &mut Vec<String>) -> Step {
    let foreign = match sending.way {
        Way::Forward if !is_begun => plan.changed(dcs),
        _ => plan.foreign(dcs),
    };
    let listed = foreign.iter().map(Foreign::to_string).collect::<Vec<_>>().join(", ");
    let body = match sending.way {
        _ if sending.force => {
            if !foreign.is_empty() {
                note(notes, format!("overwritten because of --force: {listed}"));
            }
            if sending.way == Way::Forward { plan.patch(dcs) } else { plan.restore(dcs, &[]) }
        }
        Way::Forward if !foreign.is_empty() => return Step::Refuse(foreign),
        Way::Forward => plan.patch(dcs),
        Way::Back => {
            if !foreign.is_empty() {
                note(notes, format!("not restored, because someone else changed it: {listed}"));
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
