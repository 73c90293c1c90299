//! What keeps a parameter from being set, put into force or put back on a server.

use pgdba_change::restore::Collision;
use pgdba_pg::parameter::ValueError;

/// Why an action on the server's configuration failed. The text is one clause, without a secret.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Another session set the parameters to something else since they were last read.
    #[error("another session changed a parameter meanwhile: {}", clauses(.0))]
    ChangedMeanwhile(Vec<Collision>),
    /// `ALTER SYSTEM` cannot express the value.
    #[error("invalid value for parameter \"{name}\": {error}")]
    Value {
        /// The parameter.
        name: String,
        /// What is wrong with its value.
        error: ValueError,
    },
    /// The server refused an `ALTER SYSTEM`.
    #[error("ALTER SYSTEM for \"{name}\": {message}")]
    Refused {
        /// The parameter.
        name: String,
        /// The server's message.
        message: String,
    },
    /// The session failed, was interrupted or ran out of time.
    #[error("{0}")]
    Session(String),
    /// `pg_reload_conf()` could not signal the server.
    #[error("could not signal the server to reload its configuration")]
    NotSignaled,
    /// The server was signaled, and its load time did not change.
    #[error("the server did not reload its configuration; see its log for the reason")]
    NotReloaded,
    /// The server reloaded, and values are not in force: one clause each.
    #[error("{}", .0.join("; "))]
    NotInForce(Vec<String>),
    /// The members of Patroni's cluster did not take the change.
    #[error("{0}")]
    Members(String),
    /// The advisory lock is gone, as behind a pooler.
    #[error("the session lost its lock on this server")]
    LockLost,
    /// The server sent no content of `postgresql.auto.conf`.
    #[error("the server did not send the content of postgresql.auto.conf")]
    NoContent,
    /// The journal names a step that its change set does not have.
    #[error("the change set does not have a step {0}")]
    NoStep(u32),
}

fn clauses(collisions: &[Collision]) -> String {
    collisions.iter().map(Collision::now_clause).collect::<Vec<_>>().join("; ")
}
