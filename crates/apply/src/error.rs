//! What keeps a change from being made, and what to do about it.

mod change;
mod offline;
mod store;

use std::path::PathBuf;

use pgdba_change::journal::BadJournal;
use pgdba_change::machine::Closed;
use pgdba_change::refusal::Refusal;
use pgdba_change::restore::Collision;
use pgdba_collector::CollectError;

pub use self::change::ChangeError;
pub use self::offline::OfflineError;
pub use self::store::StoreFault;
use crate::holder::{Holder, Operation};
use crate::patroni::PatroniError;

/// Why a change was not made, or not put back. The text is one sentence, without a secret.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The precheck refused; nothing was changed.
    #[error("{first}{}", others(*.more))]
    Refused {
        /// The first refusal.
        first: Box<Refusal>,
        /// How many more there are.
        more: usize,
    },
    /// Another change of this server is under way from this home, or was when its process died.
    #[error("{}", held(holder, *.is_alive))]
    Locked {
        /// Who holds the lock.
        holder: Box<Holder>,
        /// Whether that process lives.
        is_alive: bool,
    },
    /// Another change is under way from another home or machine.
    #[error("this server is being changed by {holder}")]
    LockedOnServer {
        /// The session that holds the advisory lock, in words.
        holder: String,
        /// The change it names.
        changeset_id: Option<String>,
    },
    /// The lock file is not one of pgdba's.
    #[error("the lock file \"{}\" is damaged", .path.display())]
    BadLock {
        /// Which.
        path: PathBuf,
    },
    /// pgdba's own folder cannot be used; nothing was changed.
    #[error(transparent)]
    Store(StoreFault),
    /// A journal cannot be read.
    #[error("could not read the journal \"{}\": {reason}", .path.display())]
    BadJournal {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: BadJournal,
    },
    /// No such change.
    #[error("change set {0} does not exist for this server")]
    UnknownChangeSet(String),
    /// More than one change has an id that begins so.
    #[error("{}", ambiguous(beginning, ids))]
    AmbiguousChangeSet {
        /// What was given.
        beginning: String,
        /// The ids it fits, the oldest first.
        ids: Vec<String>,
    },
    /// There is nothing to take up.
    #[error("change set {id} {}", closed(*.why))]
    Closed {
        /// Which.
        id: String,
        /// Why.
        why: Closed,
    },
    /// A parameter was changed again since.
    #[error("a parameter was changed after change set {id}: {}{}", collision.now_clause(), more_changed(*.more))]
    ChangedSince {
        /// The first parameter, with its value now.
        collision: Box<Collision>,
        /// How many more there are.
        more: usize,
        /// The change that would be rolled back or resumed.
        id: String,
        /// The later change of pgdba, if it was one.
        later_change: Option<String>,
    },
    /// An earlier change of this server is incomplete.
    #[error("change set {id} is incomplete: {state}{}", ended_because(ended.as_deref()))]
    Incomplete {
        /// Which.
        id: String,
        /// What was done and what not.
        state: String,
        /// Why its last run ended; none where it was killed.
        ended: Option<String>,
        /// Whether it was on its way back already.
        goes_back: bool,
    },
    /// A connection pooler is in between.
    #[error("the connection goes through a connection pooler that shares server sessions between its clients")]
    Pooled {
        /// Where the server itself listens, where it says so.
        server: Option<String>,
    },
    /// The server is not as the plan said any more.
    #[error("the server has changed since the plan was made: {0}")]
    PlanOutdated(String),
    /// It failed half-way and was undone.
    #[error("the change failed and was undone: {reason}{}", notes.iter().map(|note| format!("; {note}")).collect::<String>())]
    Undone {
        /// What failed.
        reason: String,
        /// What else the user should know, one clause each.
        notes: Vec<String>,
        /// The next step, where the failure itself has one.
        hint: Option<String>,
    },
    /// It could neither be finished nor undone.
    #[error("change set {id} is incomplete: {reason}; {state}")]
    Stuck {
        /// Which.
        id: String,
        /// What failed.
        reason: String,
        /// What was done and what not.
        state: String,
        /// Whether it was on its way back already.
        goes_back: bool,
    },
    /// The former state is in the file, and something else than it is in force.
    #[error("interrupted; {0}")]
    Interrupted(String),
    /// The change goes through Patroni, and nobody said where that is.
    #[error("--via patroni needs the address of Patroni")]
    NoPatroni,
    /// The server could not be asked.
    #[error("a required query failed: {0}")]
    Question(String),
    /// No session, or no snapshot.
    #[error("{}", of_session(.0))]
    Collect(#[from] CollectError),
    /// Patroni.
    #[error(transparent)]
    Patroni(#[from] PatroniError),
    /// The data directory of a server that does not run.
    #[error(transparent)]
    Offline(#[from] OfflineError),
    /// A parameter could not be set, put into force or put back.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The connection was lost, and opening it again failed too.
    #[error("{lost}; could not reconnect: {again}")]
    NotReconnected {
        /// What failed when the connection was lost.
        lost: Box<ApplyError>,
        /// Why no new connection could be used.
        again: Box<ApplyError>,
    },
}

impl ApplyError {
    /// A word for programs; it does not change from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { first, .. } => first.code(),
            Self::Locked { is_alive: true, .. } | Self::LockedOnServer { .. } => "locked",
            Self::Locked { is_alive: false, .. } => "lock_abandoned",
            Self::BadLock { .. } => "bad_lock",
            Self::Store(fault) => fault.code(),
            Self::BadJournal { .. } => "bad_journal",
            Self::UnknownChangeSet(_) => "unknown_change_set",
            Self::AmbiguousChangeSet { .. } => "ambiguous_change_set",
            Self::Closed { why: Closed::Applied, .. } => "already_applied",
            Self::Closed { why: Closed::GoingBack, .. } => "going_back",
            Self::Closed { why: Closed::RolledBack, .. } => "already_rolled_back",
            Self::Closed { why: Closed::NothingDone, .. } => "nothing_was_changed",
            Self::ChangedSince { .. } => "changed_since",
            Self::Incomplete { .. } => "incomplete_change",
            Self::Pooled { .. } => "pooled_connection",
            Self::PlanOutdated(_) => "plan_outdated",
            Self::Undone { .. } => "undone",
            Self::Stuck { .. } => "half_way",
            Self::Interrupted(_) => "interrupted",
            Self::NoPatroni => "no_patroni",
            Self::Question(_) | Self::Change(_) => "server_refused",
            Self::NotReconnected { lost, .. } => lost.code(),
            Self::Collect(error) => error.code(),
            Self::Patroni(error) => error.code(),
            Self::Offline(error) => error.code(),
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Refused { first, more: 0 } => first.hint().to_owned(),
            // The first one's stands last: it may be SQL to be copied.
            Self::Refused { first, .. } => format!("To see all refusals, use --dry-run. {}", first.hint()),
            Self::Locked { is_alive: true, .. } | Self::LockedOnServer { .. } => {
                "Wait until it has finished, then run the command again.".to_owned()
            }
            Self::Locked { holder, .. } => recovery(&holder.changeset_id, holder.operation == Operation::Rollback),
            Self::BadLock { path } => format!(
                "Make sure that no other pgdba process is changing this server, then remove the file: rm \"{}\"",
                path.display()
            ),
            Self::Store(fault) => fault.hint(),
            Self::BadJournal { .. } => {
                "Keep the file, and find out what happened to it before you change this server.".to_owned()
            }
            Self::UnknownChangeSet(_) => "List the change sets with: pgdba config history".to_owned(),
            Self::AmbiguousChangeSet { .. } => "Use more characters of the ID. List the change sets with: pgdba \
                                                config history"
                .to_owned(),
            Self::Closed { id, why } => after_closed(id, why),
            Self::ChangedSince { later_change: Some(later), .. } => {
                format!("Roll back the later change first: pgdba config rollback --changeset-id {later}")
            }
            Self::ChangedSince { collision, .. } => {
                format!("To overwrite it, add --force, which would {}.", collision.ours_clause())
            }
            Self::Incomplete { id, goes_back, .. } => {
                format!(
                    "{}; or release it as it is with: pgdba config unlock --changeset-id {id}",
                    recovery(id, *goes_back)
                )
            }
            Self::Pooled { server } => {
                let server = server.as_ref().map(|server| format!(" (it listens on {server})")).unwrap_or_default();
                format!("Nothing was changed. Connect to the server directly{server}, or to a pool in session mode.")
            }
            Self::PlanOutdated(_) => "Review the new plan, then run the command again.".to_owned(),
            Self::Undone { hint, .. } => {
                hint.clone().unwrap_or_else(|| "Remove the cause, then run the command again.".to_owned())
            }
            Self::Stuck { id, goes_back, .. } => recovery(id, *goes_back),
            Self::Interrupted(_) => "Run the command again when you are ready.".to_owned(),
            Self::NoPatroni => {
                "Add --patroni http://HOST:8008, or register the address with: pgdba cluster add NAME --patroni URL"
                    .to_owned()
            }
            Self::Question(_) | Self::Change(_) => "Remove the cause, then run the command again.".to_owned(),
            Self::NotReconnected { again, .. } => return again.hint(),
            Self::Collect(error) => return hint_of_session(error),
            Self::Patroni(error) => error.hint(),
            Self::Offline(error) => error.hint(),
        })
    }

    /// Whether another change stands in the way.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::LockedOnServer { .. } | Self::Incomplete { .. })
    }

    /// Whether the call itself was wrong.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::UnknownChangeSet(_) | Self::AmbiguousChangeSet { .. } | Self::NoPatroni => true,
            Self::Collect(error) => error.is_usage(),
            _ => false,
        }
    }
}

/// How a change that stands half-way is brought to an end.
fn recovery(id: &str, goes_back: bool) -> String {
    if goes_back {
        return format!("Complete the rollback with: pgdba config rollback --changeset-id {id}");
    }
    format!(
        "Undo it with: pgdba config rollback --changeset-id {id}; or complete it with: pgdba config apply --resume \
         --changeset-id {id}"
    )
}

/// What can still be done with a change that is closed to this command.
fn after_closed(id: &str, why: &Closed) -> String {
    match why {
        Closed::Applied => format!("Roll it back with: pgdba config rollback --changeset-id {id}"),
        Closed::GoingBack => recovery(id, true),
        Closed::RolledBack | Closed::NothingDone => "Nothing has to be done.".to_owned(),
    }
}

/// How many of the matching IDs the message lists.
const SHOWN_IDS: usize = 5;

fn ambiguous(beginning: &str, ids: &[String]) -> String {
    let shown = ids.iter().take(SHOWN_IDS).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = match ids.len().saturating_sub(SHOWN_IDS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("the IDs of {} change sets begin with {beginning}: {shown}{more}", ids.len())
}

fn others(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => " (and 1 more refusal)".to_owned(),
        more => format!(" (and {more} more refusals)"),
    }
}

/// The next step after a failure of the session.
fn hint_of_session(error: &CollectError) -> Option<String> {
    Some(match error {
        CollectError::Lost { .. } => "Find the reason in the server log, then run the command again.".to_owned(),
        CollectError::TimeLimit(_) | CollectError::Nothing { .. } => {
            "Nothing was changed. Find the reason in the server log, then run the command again.".to_owned()
        }
        error => error.hint()?.to_owned(),
    })
}

/// The same failure where it is met in a change.
fn of_session(error: &CollectError) -> String {
    match error {
        CollectError::Lost { target, reason } => format!("the connection to {target} was lost: {reason}"),
        CollectError::TimeLimit(_) => "the server did not answer in time".to_owned(),
        CollectError::Nothing { target, reason } => {
            format!("the configuration of {target} could not be saved before the change: {reason}")
        }
        CollectError::Refused { target, reason } => {
            format!("the server at {target} refused a required query: {reason}")
        }
        other => other.to_string(),
    }
}

fn more_changed(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" (and {more} more)") }
}

fn ended_because(reason: Option<&str>) -> String {
    reason.map(|reason| format!("; its last run ended with: {reason}")).unwrap_or_default()
}

fn held(holder: &Holder, is_alive: bool) -> String {
    let Holder { changeset_id, pid, host, started_at, operation } = holder;
    let what = operation.word();
    if is_alive {
        return format!(
            "this server is being changed: {what} of change set {changeset_id} by process {pid} on {host} since {started_at}"
        );
    }
    format!(
        "process {pid} on {host} was terminated during {what} of change set {changeset_id}, started {started_at}, and \
         its lock still exists"
    )
}

fn closed(why: Closed) -> &'static str {
    match why {
        Closed::Applied => "is already applied",
        Closed::GoingBack => "is being rolled back, so it cannot be resumed",
        Closed::RolledBack => "is already rolled back",
        Closed::NothingDone => "ended before anything was changed",
    }
}
