//! The lock on the leader's server: two changes of one cluster through two members meet there.

use std::sync::Arc;

use pgdba_change::patroni::{Member, Role};
use pgdba_collector::ConnectOptions;
use pgdba_collector::dsn::{Host, SessionAttrs, Target};

use super::{Server, reason_of};
use crate::error::ApplyError;

/// The leader's server, locked.
pub(crate) struct Leader {
    /// The member's name.
    name: String,
    /// The session that holds the lock; none where this server is the leader's own, or cannot be locked.
    session: Option<Box<Server>>,
}

impl Server {
    /// Takes the lock for the change `id` on the server of the cluster's leader too, or moves it there where another member leads
    /// by now. What the user should know where that cannot be done comes back.
    ///
    /// # Errors
    /// [`ApplyError::LockedOnServer`] where another change holds it.
    pub(crate) async fn lock_leader(&mut self, id: &str) -> Result<Option<String>, ApplyError> {
        let Some(patroni) = self.patroni.as_ref().map(Arc::clone) else { return Ok(None) };
        let cluster = tokio::task::spawn_blocking(move || patroni.cluster()).await;
        let members = cluster.ok().and_then(Result::ok).map(|cluster| cluster.members).unwrap_or_default();
        let leads = |member: &Member| matches!(member.role, Some(Role::Primary | Role::StandbyLeader));
        match members.into_iter().find(leads) {
            Some(leader) => self.lock_at(&leader, id).await,
            None => Ok(Some(
                "the leader of the cluster is unknown, so a concurrent change through another member would not be \
                 noticed"
                    .to_owned(),
            )),
        }
    }

    /// The same where it is known who leads.
    pub(super) async fn lock_at(&mut self, leader: &Member, id: &str) -> Result<Option<String>, ApplyError> {
        if self.holds_leader(&leader.name).await {
            return Ok(None);
        }
        self.leader = None;
        let name = leader.name.clone();
        let session = if self.is_of(leader) { Ok(None) } else { self.locked_session(leader, id).await };
        match session {
            Ok(session) => {
                self.leader = Some(Leader { name, session });
                Ok(None)
            }
            Err(error) if error.is_locked() => Err(error),
            Err(error) => {
                self.leader = Some(Leader { name: name.clone(), session: None });
                Ok(Some(format!(
                    "could not acquire the lock on the leader {name}, so a concurrent change through another member \
                     would not be noticed: {error}"
                )))
            }
        }
    }

    async fn holds_leader(&mut self, name: &str) -> bool {
        match &mut self.leader {
            Some(Leader { name: locked, session: Some(session) }) if locked == name => {
                session.still_locked().await.unwrap_or(false)
            }
            Some(Leader { name: locked, session: None }) => locked == name,
            _ => false,
        }
    }

    /// A session on the leader's server that holds the lock; none where that is this session's own server.
    async fn locked_session(&mut self, leader: &Member, id: &str) -> Result<Option<Box<Self>>, ApplyError> {
        let (Some(host), Some(port)) = (leader.host.clone(), leader.port) else {
            return Err(ApplyError::Question("the DCS does not contain the address of its server".to_owned()));
        };
        let own = "select pg_catalog.pg_backend_pid() as pid, a.backend_start from pg_catalog.pg_stat_activity a
                   where a.pid = pg_catalog.pg_backend_pid()";
        let own = self.command(own).await.map_err(|fault| ApplyError::Question(reason_of(fault)))?;
        let get = |column| own.first().and_then(|row| row.get(column)).unwrap_or_default();
        let mut session = Self::open(&options_for(&self.connect, host, port), None).await?;
        // Two addresses may lead to one server, which this session has locked already.
        let same = format!(
            "select 1 as one from pg_catalog.pg_stat_activity a
             where a.pid::text = '{}' and a.backend_start::text = '{}' and a.application_name = 'pgdba {id}'",
            get("pid"),
            get("backend_start")
        );
        if session.ask(&same).await?.is_empty() {
            session.lock(id).await?;
            return Ok(Some(Box::new(session)));
        }
        Ok(None)
    }
}

/// The same credentials for another server.
fn options_for(options: &ConnectOptions, host: String, port: u16) -> ConnectOptions {
    ConnectOptions {
        target: Target { host: host.clone(), address: None, port, ..options.target.clone() },
        hosts: vec![Host { hostaddr: None, port, is_named: true, host }],
        session_attrs: SessionAttrs::Any,
        ..options.clone()
    }
}
