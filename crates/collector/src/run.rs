//! A collection on its way: one look at one section, in whichever database the session is.

use std::time::Instant;

use jiff::Timestamp;
use pgdba_pg::ServerVersion;
use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::permission::{REPLACED, WITHOUT_TEXTS};
use pgdba_snapshot::section::Scope;

use crate::dsn::ConnectOptions;
use crate::encoding::escaping;
use crate::fault::Fault;
use crate::identify::{Opening, identify_database};
use crate::missing::{Missing, Seen};
use crate::options::CollectOptions;
use crate::prerequisite::Prerequisite;
use crate::rows::SectionRows;
use crate::sample::Sample;
use crate::section::{self, Extent, Permission, Permissions};
use crate::session::Session;

/// A collection on its way.
pub(crate) struct Run<'a> {
    pub(crate) session: &'a mut Session,
    pub(crate) connect: &'a ConnectOptions,
    pub(crate) options: &'a CollectOptions,
    /// What the server said of itself at the beginning.
    pub(crate) opening: Opening,
    /// When that was.
    pub(crate) opened: tokio::time::Instant,
    pub(crate) version: ServerVersion,
    pub(crate) prerequisites: Vec<Prerequisite>,
    /// The database the session is in.
    pub(crate) datname: String,
    /// What the role may read in this database, as far as it was asked.
    pub(crate) permissions: Permissions,
    /// Why nothing more can be read.
    pub(crate) over: Option<Fault>,
    /// Told what is being done.
    pub(crate) progress: &'a mut dyn FnMut(&str),
}

impl Run<'_> {
    /// Reads the rows of `spec` from the current database into `sample`, all of them or none; a fault only where no
    /// document can come of it.
    pub(crate) async fn look(
        &mut self,
        spec: &'static SectionSpec,
        extent: Extent,
        sample: &mut Sample,
    ) -> Result<Seen, Fault> {
        if let Some(over) = &self.over {
            return Ok(Err(Missing::NotReached { end: Box::new(self.end_of_reading(over)), part: "section" }));
        }
        (self.progress)(spec.name);
        // Before anything is asked: a section that this server cannot have needs no question.
        if let Err(missing) = self.statement(spec, extent, false) {
            return Ok(Err(missing));
        }
        if let Err(missing) = self.ask(&[spec]).await? {
            return Ok(Err(missing));
        }
        let permission = self.permissions.get(spec.name).cloned().unwrap_or_default();
        let Permission { refused, privileged, limited } = permission;
        let sql = match refused.map_or_else(|| self.statement(spec, extent, privileged), Err) {
            Ok(sql) => sql,
            Err(missing) => return Ok(Err(missing)),
        };
        let (collected_at, clock) = (now(), Instant::now());
        match self.read(spec, extent, &sql, sample).await {
            Ok(note) => {
                sample.collected_at.get_or_insert(collected_at);
                sample.duration_ms += (clock.elapsed().as_secs_f64() * 1e6).round() / 1e3;
                sample.limited = limited.or(note.map(str::to_owned)).or(sample.limited.take());
                Ok(Ok(()))
            }
            Err(fault) => self.reason(fault).map(Err),
        }
    }

    /// Asks what the role may read of `specs` in this database, unless that is known.
    pub(crate) async fn ask(&mut self, specs: &[&'static SectionSpec]) -> Result<Seen, Fault> {
        let known = &self.permissions;
        let unknown: Vec<_> = specs.iter().copied().filter(|spec| !known.contains_key(spec.name)).collect();
        if unknown.is_empty() || self.over.is_some() {
            return Ok(Ok(()));
        }
        match section::permissions(self.session, &unknown).await {
            Ok(mut answers) => {
                self.permissions.append(&mut answers);
                Ok(Ok(()))
            }
            Err(fault) => self.reason(fault).map(Err),
        }
    }

    fn statement(&self, spec: &SectionSpec, extent: Extent, privileged: bool) -> Result<String, Missing> {
        let statements = extent.limit(self.options.statements);
        section::statement(spec, self.version, &self.prerequisites, statements, privileged)
    }

    /// Reads with `sql`; where text is in the way, again in a form that no text can be in the way of.
    async fn read(
        &mut self,
        spec: &'static SectionSpec,
        extent: Extent,
        sql: &str,
        sample: &mut Sample,
    ) -> Result<Option<&'static str>, Fault> {
        let fault = match self.attempt(spec, extent, sql, sample, false).await {
            Ok(()) => return Ok(None),
            Err(fault) if !fault.is_encoding() => return Err(fault),
            Err(fault) => fault,
        };
        // The first column of a database's section comes from the session, not from the server.
        let own = usize::from(spec.scope == Scope::Database);
        let columns = sample.columns.get(own..).unwrap_or_default().to_vec();
        if !columns.is_empty() {
            match self.attempt(spec, extent, &escaping(sql, &columns), sample, true).await {
                Ok(()) => return Ok(Some(REPLACED)),
                Err(again) if !again.is_encoding() => return Err(again),
                Err(_) => {}
            }
        }
        let plain = self.statement(spec, extent, false).unwrap_or_default();
        let Some(sql) = section::without_texts(spec, &plain) else { return Err(fault) };
        self.attempt(spec, extent, &sql, sample, false).await.map(|()| Some(WITHOUT_TEXTS))
    }

    async fn attempt(
        &mut self,
        spec: &'static SectionSpec,
        extent: Extent,
        sql: &str,
        sample: &mut Sample,
        escaped: bool,
    ) -> Result<(), Fault> {
        let mark = sample.mark()?;
        let guard = self.session.guard;
        self.session.guard.keeps_any_bytes |= escaped;
        let mut rows = SectionRows::new(sample, spec, &self.datname, escaped);
        rows.has_texts = extent.has_texts();
        let outcome = self.session.stream(sql, &mut rows).await;
        let begun = rows.begun;
        self.session.guard = guard;
        let outcome = match outcome {
            Ok(()) if !begun => Err(Fault::Answer("the server did not return any rows or columns".to_owned())),
            outcome => outcome,
        };
        if outcome.is_err() {
            sample.rewind(mark)?;
        }
        outcome
    }

    /// What a section says of `fault`; the fault itself where no document can come of it.
    pub(crate) fn reason(&mut self, fault: Fault) -> Result<Missing, Fault> {
        match fault.reason() {
            Ok(reason) => Ok(Missing::Refused(reason)),
            Err(fault @ (Fault::Interrupted | Fault::Output(_))) => Err(fault),
            Err(fault) => {
                let missing = self.end_of_reading(&fault);
                self.over = Some(fault);
                Ok(missing)
            }
        }
    }

    fn end_of_reading(&self, fault: &Fault) -> Missing {
        match fault {
            Fault::Lost(text) => Missing::Lost(text.clone()),
            _ => Missing::TimeLimit(self.options.limit()),
        }
    }

    /// Goes to another database; why not, where that one cannot be read.
    pub(crate) async fn move_to(&mut self, datname: &str) -> Result<Seen, Fault> {
        if let Some(over) = &self.over {
            return Ok(Err(Missing::NotReached { end: Box::new(self.end_of_reading(over)), part: "database" }));
        }
        if self.datname == datname {
            return Ok(Ok(()));
        }
        if let Err(fault) = self.session.move_to(self.connect, datname).await {
            return self.reason(fault).map(Err);
        }
        datname.clone_into(&mut self.datname);
        self.permissions.clear();
        match identify_database(self.session).await {
            Ok(()) => Ok(Ok(())),
            Err(fault) => self.reason(fault).map(Err),
        }
    }
}

/// The collector's clock, in milliseconds: nobody compares what is finer.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
