//! The advisory lock: one change of a server at a time, whatever home or machine it comes from.
//!
//! PostgreSQL keeps advisory locks a database, so the same lock taken in another database does not collide. Each side takes its
//! own first and then looks for others in all databases: at least one of two sees the other. The one in the database with
//! the lower oid stays, and the other gives way.

use std::time::Duration;

use pgdba_collector::Answer;

use super::{Server, reason_of};
use crate::error::ApplyError;

/// The key: the bytes of `pgdba`.
const KEY: i64 = 0x70_6764_6261;

/// How long a side that stays waits for the other to give way, and a side that takes over for a dead one's session to end.
const PATIENCE: Duration = Duration::from_millis(2000);

/// How often it looks.
const EACH: Duration = Duration::from_millis(100);

impl Server {
    /// Takes the lock for the change `id`.
    pub(crate) async fn lock(&mut self, id: &str) -> Result<(), ApplyError> {
        // The change's id is what the other side is told.
        let named = format!("set application_name = 'pgdba {id}'");
        self.command(&named).await.map_err(|fault| ApplyError::Question(reason_of(fault)))?;
        let mut waited = Duration::ZERO;
        loop {
            let taken = self.ask(&format!("select pg_catalog.pg_try_advisory_lock({KEY}) as taken")).await?;
            let is_taken = taken.first().is_some_and(|row| row.is("taken"));
            let others = self.others().await?;
            let own = is_taken && others.iter().all(|other| other.is("gives_way"));
            if own && others.is_empty() {
                return Ok(());
            }
            // A session of this very change is that of a process that died; the server has not noticed yet.
            let is_ghost = others.iter().all(|other| change_of(other).as_deref() == Some(id));
            if is_taken {
                self.unlock().await?;
            }
            if !(own || is_ghost) || waited >= PATIENCE {
                return Err(locked(others.first()));
            }
            tokio::time::sleep(EACH).await;
            waited += EACH;
        }
    }

    /// Frees it, on the leader's server too, where the lock goes with its session.
    pub(crate) async fn unlock(&mut self) -> Result<(), ApplyError> {
        self.leader = None;
        self.ask(&format!("select pg_catalog.pg_advisory_unlock({KEY}) as freed")).await.map(|_| ())
    }

    /// Whether this session still holds it: a pooler may have handed the statements to another one.
    pub(crate) async fn still_locked(&mut self) -> Result<bool, ApplyError> {
        let sql = format!(
            "select 1 as one from pg_catalog.pg_locks l
             where l.locktype = 'advisory' and l.pid = pg_catalog.pg_backend_pid() and l.granted
               and (l.classid::int8 << 32 | l.objid::int8) = {KEY} and l.objsubid = 1"
        );
        Ok(!self.ask(&sql).await?.is_empty())
    }

    /// The other sessions that hold it, in whatever database.
    async fn others(&mut self) -> Result<Vec<Answer>, ApplyError> {
        let sql = format!(
            "select l.pid, a.application_name, a.usename, a.client_addr, a.backend_start,
                    l.database > (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()) as gives_way
             from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
             where l.locktype = 'advisory' and l.granted and l.pid <> pg_catalog.pg_backend_pid()
               and (l.classid::int8 << 32 | l.objid::int8) = {KEY} and l.objsubid = 1
             order by l.pid"
        );
        self.ask(&sql).await
    }
}

/// The change that a session names.
fn change_of(session: &Answer) -> Option<String> {
    session.get("application_name")?.strip_prefix("pgdba ").map(str::to_owned)
}

fn locked(holder: Option<&Answer>) -> ApplyError {
    let Some(session) = holder else {
        let holder = "another session, which has just ended".to_owned();
        return ApplyError::LockedOnServer { holder, changeset_id: None };
    };
    let changeset_id = change_of(session);
    let get = |column| session.get(column);
    let mut text = format!("server process {}", get("pid").unwrap_or("?"));
    if let Some(role) = get("usename") {
        text.push_str(&format!(" of role \"{role}\""));
    }
    if let Some(address) = get("client_addr") {
        text.push_str(&format!(" from {address}"));
    }
    if let Some(since) = get("backend_start") {
        text.push_str(&format!(" since {since}"));
    }
    if let Some(id) = &changeset_id {
        text.push_str(&format!(", change set {id}"));
    }
    ApplyError::LockedOnServer { holder: text, changeset_id }
}
