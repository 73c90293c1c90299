//! Connection poolers that give each transaction another session of the server: locks and settings of a session mean nothing there.

use super::{Server, reason_of};
use crate::error::ApplyError;

/// Which session of the server answers: its process and when that began.
const BACKEND: &str = "\
select pg_catalog.pg_backend_pid()::text as pid, pg_catalog.pg_postmaster_start_time()::text as started_at";

impl Server {
    /// Refuses a connection that is not a session of the server's own. Nothing is set on any session.
    ///
    /// A pooler that hands out its sessions in turn shows another process in the second transaction. One that hands out the session
    /// that was used last gives it to the next client, although this one is still connected.
    pub(super) async fn refuse_pooler(&mut self) -> Result<(), ApplyError> {
        let (first, second) = (self.backend().await?, self.backend().await?);
        if first != second {
            return Err(self.pooled());
        }
        let connect = self.connect.for_database(&self.session.target, &self.opening.datname);
        let mut other = match Self::open(&connect, None).await {
            Ok(other) => other,
            // The check of the lock before each write is what is left.
            Err(error) => {
                let warning =
                    format!("could not check for a connection pooler, because the second connection failed: {error}");
                self.opening.warnings.push(warning);
                return Ok(());
            }
        };
        let beside = other.backend().await;
        // Twice, because of two sessions handed out in turn each client sees its own as long as they alternate.
        let (again, once_more) = (self.backend().await?, self.backend().await?);
        other.close().await;
        let is_own = first == again && first == once_more && first != beside?;
        if is_own { Ok(()) } else { Err(self.pooled()) }
    }

    fn pooled(&self) -> ApplyError {
        let identity = &self.opening.identity;
        let server = identity.resolved_addr.as_ref().zip(identity.resolved_port);
        ApplyError::Pooled { server: server.map(|(address, port)| format!("{address}:{port}")) }
    }

    async fn backend(&mut self) -> Result<(Option<String>, Option<String>), ApplyError> {
        let rows = self.session.steady_query(BACKEND).await.map_err(|fault| ApplyError::Question(reason_of(fault)))?;
        Ok(rows.first().map(|row| (row.text("pid"), row.text("started_at"))).unwrap_or_default())
    }
}
