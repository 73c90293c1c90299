//! What `postgresql.auto.conf` holds right now, seen again right before each write and after it.
//!
//! The server has no lock against two sessions that change the same parameter. So a write waits until no other ALTER SYSTEM is under
//! way, as far as the role can see, and comes right after the file was read.

use std::time::{Duration, Instant};

use pgdba_change::auto_conf::AutoConf;
use pgdba_change::change_set::{Change, Former};
use pgdba_change::facts::{AutoConfFile, Facts};
use pgdba_change::restore::{Collision, Direction, collision};
use pgdba_collector::Answer;
use pgdba_pg::quote::quote_literal_raw;

use super::facts::bytes_of_hex;
use super::{Server, Wanted};
use crate::error::{ApplyError, ChangeError};

/// How long another session's ALTER SYSTEM is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked at.
const EACH: Duration = Duration::from_millis(2);

/// The file, after a look at who is changing it: of an expression list the first is evaluated first.
const FILE: &str = "\
select (select pg_catalog.count(*) from pg_catalog.pg_stat_activity a
         where a.pid <> pg_catalog.pg_backend_pid() and a.state = 'active' and a.query ~* '^[[:space:]]*alter[[:space:]]+system')
         as busy,
       pg_catalog.clock_timestamp()::text as at,
       pg_catalog.encode(pg_catalog.pg_read_binary_file('postgresql.auto.conf'), 'hex') as bytes";

/// What a write is compared with afterwards.
pub(crate) struct Before {
    /// The server's clock when the file was read.
    at: Option<String>,
}

impl Server {
    /// The server as it is now, which is remembered.
    pub(crate) async fn look(&mut self, wanted: Wanted) -> Result<Facts, ApplyError> {
        let facts = self.facts(wanted).await?;
        self.observed = Some(facts.clone());
        Ok(facts)
    }

    /// The same without what costs more.
    pub(crate) async fn observe(&mut self) -> Result<Facts, ApplyError> {
        self.look(Wanted::default()).await
    }

    /// The file as it was last seen, where the role can read it.
    pub(crate) fn seen_file(&self) -> Option<AutoConf> {
        self.observed.as_ref()?.auto_conf.read().cloned()
    }

    /// The server as it was last seen; it is asked where that has not been done yet.
    pub(crate) async fn seen(&mut self) -> Result<Facts, ApplyError> {
        match &self.observed {
            Some(facts) => Ok(facts.clone()),
            None => self.observe().await,
        }
    }

    /// Reads again what the file holds, as the role can see it, at a moment at which nobody else is writing it.
    async fn read_file_again(&mut self) -> Result<Before, ApplyError> {
        let is_readable = matches!(self.seen().await?.auto_conf, AutoConfFile::Read(_) | AutoConfFile::Broken(_));
        if !is_readable {
            self.observe().await?;
            return Ok(Before { at: None });
        }
        let began = Instant::now();
        loop {
            let rows = self.session.steady_query(FILE).await.map_err(ChangeError::from)?;
            let row = rows.into_iter().next().unwrap_or_default();
            if row.get("busy") == Some("0") || began.elapsed() > PATIENCE {
                return self.take_file(&row);
            }
            tokio::time::sleep(EACH).await;
        }
    }

    fn take_file(&mut self, row: &Answer) -> Result<Before, ApplyError> {
        let bytes = row.get("bytes").and_then(bytes_of_hex).ok_or(ChangeError::NoContent)?;
        if let Some(facts) = &mut self.observed {
            facts.auto_conf = AutoConfFile::of(&bytes);
        }
        Ok(Before { at: row.text("at") })
    }

    /// Looks right before a write whether somebody else has changed this parameter.
    pub(crate) async fn before_write(
        &mut self,
        change: &Change,
        direction: Direction,
    ) -> Result<(Before, Option<Collision>), ApplyError> {
        if !self.still_locked().await? {
            return Err(ChangeError::LockLost.into());
        }
        let before = self.read_file_again().await?;
        let facts = self.seen().await?;
        Ok((before, collision(change, &facts, direction)))
    }

    /// Says after a write whether another session ran ALTER SYSTEM for the same parameter at the same moment and lost its value: the
    /// file holds `ours`.
    pub(crate) async fn after_write(
        &mut self,
        name: &str,
        ours: &Former,
        before: &Before,
    ) -> Result<Option<String>, ApplyError> {
        let Some(at) = &before.at else { return Ok(None) };
        let sql = format!(
            "select a.pid::text as pid, a.usename as role from pg_catalog.pg_stat_activity a
             where a.pid <> pg_catalog.pg_backend_pid() and a.query ~* '^[[:space:]]*alter[[:space:]]+system'
               and pg_catalog.strpos(pg_catalog.lower(a.query), {}) > 0
               and a.state_change >= {}::timestamptz and a.query_start <= pg_catalog.statement_timestamp()
             order by a.pid limit 1",
            quote_literal_raw(&name.to_ascii_lowercase()),
            quote_literal_raw(at),
        );
        let rows = self.ask(&sql).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        self.read_file_again().await?;
        if self.seen().await?.held(name).as_ref() != Ok(ours) {
            return Ok(None);
        }
        let text = |column| row.get(column).unwrap_or("?");
        Ok(Some(format!(
            "role \"{}\" (server process {}) ran ALTER SYSTEM for \"{name}\" at the same time; check whether its \
             value was lost",
            text("role"),
            text("pid")
        )))
    }
}
