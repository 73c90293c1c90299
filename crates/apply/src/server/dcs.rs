//! The way through Patroni: one change of the dynamic configuration, verified on the members.
//!
//! Patroni's client waits while it works, so it works on a thread of its own; what it wants to know of the server that this session
//! is on, it asks here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc as reply;

use pgdba_change::change_set::{Change, ChangeSet, FormerDcs};
use pgdba_change::facts::{Facts, Setting};
use pgdba_change::patroni::{DcsChange, DcsPlan, Member, Settled, Shown, Wanted as WantedValue};
use pgdba_change::precheck::is_shown;
use tokio::sync::mpsc;

use super::{Server, Wanted};
use crate::error::ApplyError;
use crate::patroni::{Applied, Patroni, PatroniError};

/// What a member's server shows, by parameter.
type View = Option<BTreeMap<String, Shown>>;

/// A question of Patroni's client: a member, the parameters, and where the answer goes.
type Question = (Member, Vec<WantedValue>, reply::Sender<View>);

/// What a piece of work with Patroni gives.
type Work =
    Box<dyn FnOnce(&Patroni, &mut dyn FnMut(&Member, &[WantedValue]) -> View) -> Result<Applied, PatroniError> + Send>;

/// Why a change did not reach every member.
pub(crate) struct Unset {
    /// In a clause.
    pub(crate) reason: String,
    /// Whether it is known that nothing was changed at all: there is nothing to take back then, and what others have
    /// changed meanwhile is theirs.
    pub(crate) is_untouched: bool,
    /// What to do about it, where Patroni's client knows.
    pub(crate) hint: Option<String>,
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
        Ok(Some(FormerDcs { url, plan }))
    }

    /// Sends the change and waits until every member has it.
    pub(crate) async fn set_dcs(&mut self, change_set: &ChangeSet) -> Result<Vec<String>, Unset> {
        let plan = plan_of(change_set).map_err(|reason| Unset { reason, is_untouched: true, hint: None })?;
        let work: Work = Box::new(move |patroni, witness| patroni.apply_dcs(&plan, &mut { witness }));
        let applied = self.with_patroni(change_set, work).await.map_err(|error| Unset {
            is_untouched: !matches!(error, ApplyError::Patroni(PatroniError::OutcomeUnknown { .. })),
            reason: error.to_string(),
            hint: error.hint(),
        })?;
        match unsettled(&applied.settled) {
            Some(reason) => Err(Unset { reason, is_untouched: false, hint: None }),
            None => Ok(notes(applied)),
        }
    }

    /// Puts the former configuration back. A member that does not follow yet is named; Patroni brings it there.
    pub(crate) async fn put_dcs_back(&mut self, change_set: &ChangeSet, force: bool) -> Result<Vec<String>, String> {
        let plan = plan_of(change_set)?;
        let work: Work = Box::new(move |patroni, witness| patroni.rollback_dcs(&plan, force, &mut { witness }));
        let applied = self.with_patroni(change_set, work).await.map_err(|error| error.to_string())?;
        let unsettled = unsettled(&applied.settled);
        let mut notes = notes(applied);
        notes.extend(unsettled);
        Ok(notes)
    }

    /// Does `work` and answers its questions meanwhile.
    async fn with_patroni(&mut self, change_set: &ChangeSet, work: Work) -> Result<Applied, ApplyError> {
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
        while let Some((member, wanted, answer)) = asked.recv().await {
            // Nobody waits for it any more where the work has ended.
            let _ = answer.send(self.view_of(&member, &wanted, change_set).await);
        }
        Ok(task.await.map_err(|error| ApplyError::Question(error.to_string()))??)
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

    fn is_of(&self, member: &Member) -> bool {
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
            setting.source == "default" || !set.and_then(|change| change.new_value.as_deref()).is_some_and(is)
        }
    };
    Shown {
        is_wanted,
        value: setting.shown.clone(),
        source: setting.source.clone(),
        sourcefile: setting.sourcefile.clone(),
        pending_restart: setting.pending_restart,
    }
}

fn plan_of(change_set: &ChangeSet) -> Result<DcsPlan, String> {
    let former = change_set.former_dcs.as_ref();
    former
        .map(|former| former.plan.clone())
        .ok_or_else(|| "the journal holds no plan of Patroni's configuration".to_owned())
}

/// What is not as it shall be, in a clause.
fn unsettled(settled: &Settled) -> Option<String> {
    let all = settled.not_taken.iter().chain(&settled.waiting);
    let clauses: Vec<String> =
        all.map(|one| format!("member {}: \"{}\" {}", one.member, one.parameter, one.why)).collect();
    (!clauses.is_empty()).then(|| clauses.join("; "))
}

fn notes(applied: Applied) -> Vec<String> {
    let mut notes = applied.notes;
    let Settled { by_patroni, pending_restart, .. } = &applied.settled;
    if !by_patroni.is_empty() {
        notes.push(format!(
            "of the members {} only Patroni's word is known, not what their servers show",
            by_patroni.join(", ")
        ));
    }
    let waiting = pending_restart.iter().map(|(member, name)| format!("\"{name}\" on {member}"));
    let waiting: Vec<String> = waiting.collect();
    if !waiting.is_empty() {
        notes.push(format!("waiting for a restart: {}", waiting.join(", ")));
    }
    notes
}

/// A Patroni that several threads may ask.
pub(super) fn shared(patroni: Option<Patroni>) -> Option<Arc<Patroni>> {
    patroni.map(Arc::new)
}
