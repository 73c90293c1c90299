//! The way through Patroni: one change of the dynamic configuration, verified on the members.
//!
//! Patroni's client waits while it works, so it works on a thread of its own; what it wants to know of the server that this session
//! is on, it asks here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc as reply;

use pgdba_change::change_set::{Change, ChangeSet, Former, FormerDcs};
use pgdba_change::facts::{Facts, Setting, is_shown};
use pgdba_change::patroni::{
    Dcs, DcsChange, DcsPlan, Foreign, Member, Role, Settled, Shown, Unsettled, Wanted as WantedValue, Way,
};
use pgdba_pg::parameter::Source;
use tokio::sync::mpsc;

use super::{Server, Wanted};
use crate::error::ApplyError;
use crate::patroni::{Patroni, PatroniError, Sending, Waited};

/// What a member's server shows, by parameter.
type View = Option<BTreeMap<String, Shown>>;

/// A question of Patroni's client: a member, the parameters, and where the answer goes.
type Question = (Member, Vec<WantedValue>, reply::Sender<View>);

/// Who answers those questions.
type Ask<'a> = &'a mut dyn FnMut(&Member, &[WantedValue]) -> View;

/// What came of waiting for the members, as the change goes on from it.
pub(crate) enum Reached {
    /// Every member that answers has taken everything; those that do not are named.
    All(Members),
    /// Not everything was taken, in a clause.
    NotAll(String),
    /// Not a single member answers, in a clause.
    Unknown(String),
}

/// What there is to say of the members.
#[derive(Default)]
pub(crate) struct Members {
    /// One sentence each.
    pub(crate) notes: Vec<String>,
    /// The members that do not answer.
    pub(crate) unconfirmed: Vec<String>,
}

impl Server {
    /// Plans the change of the dynamic configuration: what it holds now is in the plan.
    pub(crate) async fn plan_dcs(&mut self, steps: &[Change]) -> Result<Option<FormerDcs>, ApplyError> {
        let patroni = self.patroni.clone().ok_or(ApplyError::NoPatroni)?;
        let change = |change: &Change| DcsChange {
            name: change.name.clone(),
            value: change.new_value.clone(),
            needs_restart: change.needs_restart,
        };
        let changes: Vec<DcsChange> = steps.iter().filter(|step| step.outcome.is_step()).map(change).collect();
        if changes.is_empty() {
            return Ok(None);
        }
        let url = patroni.url().to_owned();
        let plan = tokio::task::spawn_blocking(move || patroni.plan_dcs(&changes)).await;
        let plan = plan.map_err(|error| ApplyError::Question(error.to_string()))??;
        // What was looked at and what will be restored must be the same.
        let differs = |step: &&Change| step.former != Former::Dynamic { value: plan.former_value(&step.name) };
        if let Some(step) = steps.iter().filter(|step| step.outcome.is_step()).find(differs) {
            return Err(ApplyError::PlanOutdated(outdated(&step.name, &plan.former_value(&step.name))));
        }
        Ok(Some(FormerDcs { url, plan }))
    }

    /// The dynamic configuration, read anew.
    pub(super) async fn dcs_now(&self) -> Result<Option<Dcs>, ApplyError> {
        let Some(patroni) = self.patroni.clone() else { return Ok(None) };
        let identifier = self.opening.identity.system_identifier.clone();
        let asked = tokio::task::spawn_blocking(move || {
            patroni.check(identifier.as_deref())?;
            Ok::<_, PatroniError>(patroni.fresh()?.1)
        });
        Ok(Some(asked.await.map_err(|error| ApplyError::Question(error.to_string()))??))
    }

    /// Whether the credentials allow the change.
    pub(crate) async fn can_change_dcs(&self) -> Result<(), ApplyError> {
        let patroni = self.patroni.clone().ok_or(ApplyError::NoPatroni)?;
        let asked = tokio::task::spawn_blocking(move || patroni.can_change()).await;
        Ok(asked.map_err(|error| ApplyError::Question(error.to_string()))??)
    }

    /// The parameters of the change that somebody else changed since, unless the dynamic configuration cannot be read.
    pub(crate) async fn foreign_in_dcs(&self, plan: &DcsPlan) -> Result<Vec<Foreign>, ApplyError> {
        let (patroni, plan) = (self.patroni.clone().ok_or(ApplyError::NoPatroni)?, plan.clone());
        let asked = tokio::task::spawn_blocking(move || patroni.foreign(&plan)).await;
        Ok(asked.map_err(|error| ApplyError::Question(error.to_string()))??)
    }

    /// Stores the change, or what was there before it; what the user should know comes back, one sentence each.
    pub(crate) async fn store_in_dcs(
        &self,
        change_set: &ChangeSet,
        sending: Sending,
    ) -> Result<Vec<String>, ApplyError> {
        let (patroni, plan) = (self.patroni.clone().ok_or(ApplyError::NoPatroni)?, plan_of(change_set)?);
        let stored = tokio::task::spawn_blocking(move || patroni.store(&plan, &sending)).await;
        Ok(stored.map_err(|error| ApplyError::Question(error.to_string()))??)
    }

    /// Waits until every member has taken what was stored.
    pub(crate) async fn wait_for_members(&mut self, change_set: &ChangeSet, way: Way) -> Result<Reached, ApplyError> {
        let plan = plan_of(change_set)?;
        let mut waited =
            self.with_patroni(change_set, move |patroni, ask| patroni.wait(&plan, way, &mut { ask })).await?;
        if !waited.changed.is_empty() {
            let changed: Vec<String> = waited.changed.iter().map(Foreign::to_string).collect();
            let changed = changed.join(", ");
            return Ok(Reached::NotAll(format!(
                "someone else changed the dynamic configuration while pgdba waited for the members: {changed}"
            )));
        }
        let settled = &waited.settled;
        if let Some(reason) = clauses(settled.not_taken.iter().chain(&settled.waiting)) {
            return Ok(Reached::NotAll(reason));
        }
        let unconfirmed: Vec<String> = settled.unconfirmed_members().into_iter().map(str::to_owned).collect();
        if settled.is_unconfirmed() {
            let reason = clauses(&settled.unconfirmed).unwrap_or_default();
            return Ok(Reached::Unknown(format!("the change is stored, but not confirmed by any member: {reason}")));
        }
        let mut notes = std::mem::take(&mut waited.notes);
        notes.extend(notes_of(settled));
        Ok(Reached::All(Members { notes, unconfirmed }))
    }

    /// Does `work` and answers its questions meanwhile.
    async fn with_patroni(
        &mut self,
        change_set: &ChangeSet,
        work: impl FnOnce(&Patroni, Ask<'_>) -> Waited + Send + 'static,
    ) -> Result<Waited, ApplyError> {
        let patroni = self.patroni.clone().ok_or(ApplyError::NoPatroni)?;
        let (ask, mut asked) = mpsc::unbounded_channel::<Question>();
        let task = tokio::task::spawn_blocking(move || {
            let mut witness = |member: &Member, wanted: &[WantedValue]| {
                let (answer, answered) = reply::channel();
                ask.send((member.clone(), wanted.to_vec(), answer)).ok()?;
                answered.recv().ok().flatten()
            };
            work(&patroni, &mut witness)
        });
        let mut unlocked = Vec::new();
        while let Some((member, wanted, answer)) = asked.recv().await {
            unlocked.extend(self.follow(&member, &change_set.id).await.filter(|note| !unlocked.contains(note)));
            // Nobody waits for it any more where the work has ended.
            let _ = answer.send(self.view_of(&member, &wanted, change_set).await);
        }
        let mut waited = task.await.map_err(|error| ApplyError::Question(error.to_string()))?;
        waited.notes.extend(unlocked);
        Ok(waited)
    }

    /// Takes the lock on this member too where it leads by now; the change is stored, so that this fails is only said.
    async fn follow(&mut self, member: &Member, id: &str) -> Option<String> {
        if !matches!(member.role, Some(Role::Primary | Role::StandbyLeader)) {
            return None;
        }
        self.lock_at(member, id).await.unwrap_or_else(|error| Some(error.to_string()))
    }

    /// What this session's server shows, if it is that member's.
    async fn view_of(&mut self, member: &Member, wanted: &[WantedValue], change_set: &ChangeSet) -> View {
        if !self.is_of(member) {
            return None;
        }
        let facts = self.facts(Wanted::default()).await.ok()?;
        let shown = wanted.iter().filter_map(|wanted| {
            let setting = facts.setting(&wanted.name)?;
            Some((wanted.name.clone(), shown(setting, wanted, &facts, change_set)))
        });
        Some(shown.collect())
    }

    pub(super) fn is_of(&self, member: &Member) -> bool {
        let identity = &self.opening.identity;
        let port = identity.resolved_port.or(identity.config_port);
        let hosts = [identity.resolved_addr.as_deref(), identity.config_host.as_deref()];
        member.port.map(i64::from) == port && member.host.as_deref().is_some_and(|host| hosts.contains(&Some(host)))
    }
}

fn shown(setting: &Setting, wanted: &WantedValue, facts: &Facts, change_set: &ChangeSet) -> Shown {
    let is = |text: &str| is_shown(setting, facts.version.major(), text).unwrap_or(true);
    let is_wanted = match wanted.value.as_ref().and_then(pgdba_change::patroni::as_postgresql_reads) {
        Some(text) => is(&text),
        // Nothing of Patroni's is wanted: what was set by this change must be gone.
        None => {
            let set = change_set.steps().find(|change| change.name == wanted.name);
            setting.source == Some(Source::Default)
                || !set.and_then(|change| change.new_value.as_deref()).is_some_and(is)
        }
    };
    Shown {
        is_wanted,
        value: setting.shown.clone(),
        source: setting.source,
        sourcefile: setting.sourcefile.clone(),
        pending_restart: setting.pending_restart,
    }
}

fn plan_of(change_set: &ChangeSet) -> Result<DcsPlan, ApplyError> {
    let former = change_set.former_dcs.as_ref().map(|former| former.plan.clone());
    former.ok_or_else(|| {
        ApplyError::Question(
            "the journal does not contain the plan of the change in Patroni's configuration".to_owned(),
        )
    })
}

/// That a parameter is not as the plan said.
pub(crate) fn outdated(name: &str, now: &Option<String>) -> String {
    Foreign { name: name.to_owned(), now: now.clone() }.to_string() + " in the dynamic configuration"
}

/// Members and parameters in one clause; none where there are none.
fn clauses<'a>(all: impl IntoIterator<Item = &'a Unsettled>) -> Option<String> {
    let clauses: Vec<String> = all
        .into_iter()
        .map(|missing| format!("member {}: \"{}\" {}", missing.member, missing.parameter, missing.why))
        .collect();
    (!clauses.is_empty()).then(|| clauses.join("; "))
}

fn notes_of(settled: &Settled) -> Vec<String> {
    let mut notes = Vec::new();
    let unconfirmed = |missing: &Unsettled| {
        format!("member {} did not confirm \"{}\": {}", missing.member, missing.parameter, missing.why)
    };
    notes.extend(settled.unconfirmed.iter().map(unconfirmed));
    let unconfirmed = settled.unconfirmed_members();
    let by_patroni: Vec<&str> =
        settled.by_patroni.iter().map(String::as_str).filter(|name| !unconfirmed.contains(name)).collect();
    if !by_patroni.is_empty() {
        notes.push(format!("confirmed by Patroni only, without a connection to the server: {}", by_patroni.join(", ")));
    }
    let waiting = settled.pending_restart.iter().map(|(member, name)| format!("\"{name}\" on {member}"));
    let waiting: Vec<String> = waiting.collect();
    if !waiting.is_empty() {
        notes.push(format!("restart required for {}", waiting.join(", ")));
    }
    notes
}

/// A Patroni that several threads may ask.
pub(super) fn shared(patroni: Option<Patroni>) -> Option<Arc<Patroni>> {
    patroni.map(Arc::new)
}
