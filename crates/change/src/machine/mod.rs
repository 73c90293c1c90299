//! What comes next: `next(state, event) -> (state, action)`.
//!
//! The state stands in the journal before its action begins, so at any moment the journal names the last thing that may have been
//! begun. An action may be done again after a death in the middle of it: setting a parameter, reloading and putting
//! back all come to the same end however often they are done.

use std::fmt::Display;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a change has come. Each is written to the journal before what follows it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum State {
    /// The change is written down; no lock is held yet.
    Planned,
    /// Nobody else can change this server.
    Locked,
    /// Every parameter may be changed.
    Prechecked,
    /// A snapshot of the configuration is kept.
    Snapshotted,
    /// `done` of the steps are done; the next one may have begun. With all done the server is about to reload.
    Applying {
        /// Steps that are done.
        done: u32,
        /// Steps in all.
        of: u32,
    },
    /// The server was told to read its files again.
    Reloaded,
    /// Every new value is in force, or known to wait for a restart.
    Verified,
    /// The change is done.
    Recorded,
    /// The former state is being put back.
    Restoring {
        /// Why.
        why: Why,
    },
    /// The former state is in the file again; the server is about to reload.
    PutBack {
        /// Why.
        why: Why,
    },
    /// The server was told to read the former file.
    ReloadedBack {
        /// Why.
        why: Why,
    },
    /// The server is as it was before.
    Restored {
        /// Why.
        why: Why,
    },
    /// Given up before anything was changed on the server.
    Abandoned {
        /// What stood in the way.
        reason: String,
    },
}

/// Why the former state is put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Why {
    /// Something failed on the way; what had been done is undone.
    Failure {
        /// What failed.
        reason: String,
    },
    /// The user wants the former state back.
    Rollback,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Take the lock file and the server's advisory lock.
    Lock,
    /// Look at every parameter.
    Precheck,
    /// Keep a snapshot of the configuration.
    Snapshot,
    /// Nothing: the state was all there was to write.
    Proceed,
    /// Do one step: set one parameter.
    Set(u32),
    /// Have the server read its files, and wait until it has.
    Reload,
    /// See that the new values are in force.
    Verify,
    /// Put back what stood in the file before.
    PutBack,
    /// See that the former values are in force.
    VerifyFormer,
    /// Free the locks.
    Unlock,
}

/// Why an action failed. `E` is the error of whoever carries the actions out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault<E> {
    /// The error; its text is the reason in the journal.
    pub cause: E,
    /// The next step for the user, where the failure has one of its own.
    pub hint: Option<String>,
    /// Whether it is known that nothing of the change was stored, so that there is nothing to put back.
    pub is_untouched: bool,
}

impl<E> From<E> for Fault<E> {
    /// A fault after which the change may have been stored.
    fn from(cause: E) -> Self {
        Self { cause, hint: None, is_untouched: false }
    }
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<E> {
    /// It is done.
    Done,
    /// It cannot be done; the server still answers.
    Failed(Fault<E>),
    /// Whether it was done is not known, and cannot be found out now: neither way is safe.
    Unknown(E),
    /// The user or the system asked to stop.
    Interrupted,
}

/// What happens after an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next<E> {
    /// Write this state, then do this.
    Enter(State, Action),
    /// The same, on the way back that this fault begins; none where the user asked to stop.
    Retreat(State, Action, Option<Fault<E>>),
    /// The change has come to a clean end; nothing is written.
    Finished,
    /// It cannot go on, and the server may be between the two clean states: the journal and the locks stay for
    /// the command that takes it up.
    Stuck(E),
}

/// How a change that was found in the journal is taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeUp {
    /// Go on to the new state.
    Resume,
    /// Go back to the former state.
    RollBack,
}

/// Why a change cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is applied already.
    Applied,
    /// It is being put back, so there is no way forward.
    GoingBack,
    /// The former state is in force already.
    RolledBack,
    /// Nothing had been changed.
    NothingDone,
}

/// The first state of a change, and its first action.
#[must_use]
pub fn begin() -> (State, Action) {
    (State::Planned, Action::Lock)
}

/// What follows where the journal says `state`, its action was carried out and `event` came of it. `steps` is the number of
/// steps of this change.
#[must_use]
pub fn next<E: Display>(state: &State, event: Event<E>, steps: u32) -> Next<E> {
    let fault = match event {
        Event::Done => return done(state, steps),
        Event::Unknown(cause) => return Next::Stuck(cause),
        Event::Failed(fault) => Some(fault),
        Event::Interrupted => None,
    };
    use State as S;
    match (state, fault) {
        (S::Planned | S::Locked | S::Prechecked | S::Snapshotted, fault) => {
            Next::Retreat(S::Abandoned { reason: reason(fault.as_ref()) }, Action::Unlock, fault)
        }
        (S::Applying { .. } | S::Reloaded, fault) => {
            let why = Why::Failure { reason: reason(fault.as_ref()) };
            Next::Retreat(S::Restoring { why }, Action::PutBack, fault)
        }
        // After `Verified` only the record is missing, and to stop on the way back would leave the server between the two states.
        (_, Some(fault)) => Next::Stuck(fault.cause),
        (S::Verified, None) => done(state, steps),
        (S::Restoring { .. } | S::PutBack { .. } | S::ReloadedBack { .. }, None) => again(state),
        (S::Recorded | S::Restored { .. } | S::Abandoned { .. }, None) => Next::Finished,
    }
}

/// The same for a server that does not run: it reads its files as it starts, so that nothing is reloaded or verified after the
/// former lines are in the file.
#[must_use]
pub fn next_offline<E: Display>(state: &State, event: Event<E>) -> Next<E> {
    match (state, event) {
        (State::PutBack { why }, Event::Done) => Next::Enter(State::Restored { why: why.clone() }, Action::Unlock),
        (_, event) => next(state, event, 0),
    }
}

fn done<E>(state: &State, steps: u32) -> Next<E> {
    use State as S;
    let applying = |done: u32| {
        let action = if done < steps { Action::Set(done) } else { Action::Reload };
        Next::Enter(S::Applying { done, of: steps }, action)
    };
    match state {
        S::Planned => Next::Enter(S::Locked, Action::Precheck),
        S::Locked => Next::Enter(S::Prechecked, Action::Snapshot),
        S::Prechecked => Next::Enter(S::Snapshotted, Action::Proceed),
        // Nothing differs from what is there: nothing is set and nothing reloaded.
        S::Snapshotted if steps == 0 => Next::Enter(S::Verified, Action::Proceed),
        S::Snapshotted => applying(0),
        S::Applying { done, .. } if *done < steps => applying(done + 1),
        S::Applying { .. } => Next::Enter(S::Reloaded, Action::Verify),
        S::Reloaded => Next::Enter(S::Verified, Action::Proceed),
        S::Verified => Next::Enter(S::Recorded, Action::Unlock),
        S::Restoring { why } => Next::Enter(S::PutBack { why: why.clone() }, Action::Reload),
        S::PutBack { why } => Next::Enter(S::ReloadedBack { why: why.clone() }, Action::VerifyFormer),
        S::ReloadedBack { why } => Next::Enter(S::Restored { why: why.clone() }, Action::Unlock),
        S::Recorded | S::Restored { .. } | S::Abandoned { .. } => Next::Finished,
    }
}

/// The same state once more, with its action.
fn again<E>(state: &State) -> Next<E> {
    match action_of(state) {
        Some(action) => Next::Enter(state.clone(), action),
        None => Next::Finished,
    }
}

/// The action that a state of the way back was written for.
fn action_of(state: &State) -> Option<Action> {
    match state {
        State::Restoring { .. } => Some(Action::PutBack),
        State::PutBack { .. } => Some(Action::Reload),
        State::ReloadedBack { .. } => Some(Action::VerifyFormer),
        _ => None,
    }
}

fn reason<E: Display>(fault: Option<&Fault<E>>) -> String {
    fault.map_or_else(|| "interrupted".to_owned(), |fault| fault.cause.to_string())
}

/// Where a change whose process died goes on, once its locks are held again.
///
/// # Errors
/// [`Closed`] where there is nothing to take up.
pub fn take_up(state: &State, how: TakeUp, steps: u32) -> Result<(State, Action), Closed> {
    match how {
        TakeUp::Resume => resume(state, steps),
        TakeUp::RollBack => roll_back(state),
    }
}

fn resume(state: &State, steps: u32) -> Result<(State, Action), Closed> {
    use State as S;
    match state {
        // Nothing was changed yet, and the server may be another one by now: it is looked at anew.
        S::Planned | S::Locked | S::Prechecked | S::Snapshotted => Ok((S::Locked, Action::Precheck)),
        S::Applying { done, .. } if *done < steps => Ok((state.clone(), Action::Set(*done))),
        S::Applying { .. } => Ok((state.clone(), Action::Reload)),
        S::Reloaded => Ok((state.clone(), Action::Verify)),
        S::Verified => Ok((state.clone(), Action::Proceed)),
        S::Recorded => Err(Closed::Applied),
        S::Restoring { .. } | S::PutBack { .. } | S::ReloadedBack { .. } => Err(Closed::GoingBack),
        S::Restored { .. } => Err(Closed::RolledBack),
        S::Abandoned { .. } => Err(Closed::NothingDone),
    }
}

fn roll_back(state: &State) -> Result<(State, Action), Closed> {
    use State as S;
    match state {
        S::Planned | S::Locked | S::Prechecked | S::Snapshotted => {
            let reason = "it ended before anything was changed".to_owned();
            Ok((S::Abandoned { reason }, Action::Unlock))
        }
        S::Applying { .. } | S::Reloaded | S::Verified | S::Recorded => {
            Ok((S::Restoring { why: Why::Rollback }, Action::PutBack))
        }
        // Somebody may have changed the file since: it is put back from the beginning.
        S::Restoring { why } | S::PutBack { why } | S::ReloadedBack { why } => {
            Ok((S::Restoring { why: why.clone() }, Action::PutBack))
        }
        S::Restored { .. } => Err(Closed::RolledBack),
        S::Abandoned { .. } => Err(Closed::NothingDone),
    }
}

impl State {
    /// Whether the server is in one of the two clean states, or was never touched.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Recorded | Self::Restored { .. } | Self::Abandoned { .. })
    }

    /// Whether anything may have been changed on the server.
    #[must_use]
    pub fn has_touched_server(&self) -> bool {
        !matches!(self, Self::Planned | Self::Locked | Self::Prechecked | Self::Snapshotted | Self::Abandoned { .. })
    }

    /// A word for a fault point and for programs: `applying:1`.
    #[must_use]
    pub fn word(&self) -> String {
        let word = match self {
            Self::Planned => "planned",
            Self::Locked => "locked",
            Self::Prechecked => "prechecked",
            Self::Snapshotted => "snapshotted",
            Self::Applying { done, .. } => return format!("applying:{done}"),
            Self::Reloaded => "reloaded",
            Self::Verified => "verified",
            Self::Recorded => "recorded",
            Self::Restoring { .. } => "restoring",
            Self::PutBack { .. } => "put_back",
            Self::ReloadedBack { .. } => "reloaded_back",
            Self::Restored { .. } => "restored",
            Self::Abandoned { .. } => "abandoned",
        };
        word.to_owned()
    }

    /// What was done and what was not, as a clause for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Planned | Self::Locked | Self::Prechecked | Self::Snapshotted => {
                "nothing was changed on the server".to_owned()
            }
            Self::Applying { done, of } if done < of => {
                format!("{done} of {of} steps are complete, and the next one might have started")
            }
            Self::Applying { .. } => "all parameters are set, but the server might not have reloaded".to_owned(),
            Self::Reloaded => "all parameters are set and reloaded, but not verified".to_owned(),
            Self::Verified => "everything is complete except the record in the journal".to_owned(),
            Self::Recorded => "applied".to_owned(),
            Self::Restoring { .. } => "the former state is being restored".to_owned(),
            Self::PutBack { .. } => "the former state is restored, but the server might not have reloaded".to_owned(),
            Self::ReloadedBack { .. } => "the former state is restored and reloaded, but not verified".to_owned(),
            Self::Restored { why: Why::Rollback } => "rolled back".to_owned(),
            Self::Restored { why: Why::Failure { reason } } => format!("failed and undone: {reason}"),
            Self::Abandoned { reason } => format!("nothing was changed: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests;
