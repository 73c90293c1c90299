//! The whole collection: connect, identify, one section after the other, seal.

use std::io::Write;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pgdba_pg::ServerVersion;
use pgdba_snapshot::write::{Head, SnapshotWriter, Tail};
use pgdba_snapshot::{Identity, Prereq, Producer, Sampling, SectionSpec};

use crate::dsn::{ConnectOptions, Target};
use crate::error::{CollectError, Limit};
use crate::fault::Fault;
use crate::identify::{Refusal, identify};
use crate::prerequisite::{self, Prerequisite};
use crate::rows::SectionRows;
use crate::section::{self, Permission};
use crate::session::Session;

/// What to collect, and how long it may take.
#[derive(Debug, Clone)]
pub struct CollectOptions {
    /// The sections by name; none means all that the server's version has.
    pub sections: Option<Vec<String>>,
    /// At most this many statements of pg_stat_statements.
    pub statements: u32,
    /// The longest the whole may take, connecting included.
    pub max_time: Duration,
    /// Who collects, for the document.
    pub producer: Producer,
}

impl CollectOptions {
    /// Statements that are kept where nothing else is said.
    pub const STATEMENTS: u32 = 1000;

    /// The time limit where nothing else is said.
    pub const MAX_TIME: Duration = Duration::from_secs(60);

    /// Everything, within the usual limits.
    #[must_use]
    pub fn new(producer: Producer) -> Self {
        Self { sections: None, statements: Self::STATEMENTS, max_time: Self::MAX_TIME, producer }
    }
}

/// What came of a collection, besides the document.
#[derive(Debug)]
pub struct Collected {
    /// The server's version.
    pub server_version: ServerVersion,
    /// Which cluster it was.
    pub identity: Identity,
    /// Every section that the document mentions, in its order.
    pub sections: Vec<SectionOutcome>,
    /// What the reader should know, one sentence each: what is missing from the document, and why.
    pub warnings: Vec<String>,
}

impl Collected {
    /// Whether every section that the server's version has is there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.sections.iter().all(|section| section.error.is_none())
    }
}

/// What came of one section.
#[derive(Debug, Clone)]
pub struct SectionOutcome {
    /// The section's name.
    pub name: &'static str,
    /// Rows in the document, before an error those that were already written.
    pub rows: u64,
    /// Why it is not available.
    pub error: Option<String>,
    /// Why part of it is hidden.
    pub limited: Option<String>,
}

/// Collects a snapshot into `out`, naming each section to `progress` before it is read. SIGINT and SIGTERM end it.
///
/// # Errors
/// Only where there is no document worth having; `out` is dropped then, half-written. What a server refuses is in
/// [`Collected`].
pub async fn collect<W: Write>(
    connect: &ConnectOptions,
    options: &CollectOptions,
    out: W,
    progress: &mut dyn FnMut(&str),
) -> Result<(W, Collected), CollectError> {
    let wanted = section::wanted(options.sections.as_deref())?;
    let mut session = Session::open(connect, options.max_time).await?;
    let outcome = run(&mut session, &connect.target, options, &wanted, out, progress).await;
    session.close().await;
    outcome
}

async fn run<W: Write>(
    session: &mut Session,
    target: &Target,
    options: &CollectOptions,
    wanted: &[&'static SectionSpec],
    out: W,
    progress: &mut dyn FnMut(&str),
) -> Result<(W, Collected), CollectError> {
    let as_error = |refusal: Refusal| refusal.into_error(target, options.max_time);
    let collected_at = now();
    let opening = identify(session, target).await.map_err(as_error)?;
    let mut warnings = opening.warnings;
    let prerequisites = prerequisite::ask(session, &mut warnings).await.map_err(|fault| as_error(fault.into()))?;
    let prereqs: Vec<Prereq> = prerequisites.iter().map(|prerequisite| prerequisite.prereq.clone()).collect();
    let head = Head {
        producer: &options.producer,
        collected_at,
        identity: &opening.identity,
        prereqs: &prereqs,
        sampling: &Sampling { mode: "single".to_owned(), interval_seconds: None },
    };
    let writer = SnapshotWriter::begin(out, &head).map_err(CollectError::document)?;
    let mut run = Run { session, options, version: opening.version, prerequisites, writer, over: None };
    let mut outcomes = Vec::new();
    for spec in wanted {
        if spec.since > run.version.major() {
            warnings.extend(options.sections.as_ref().map(|_| too_new(spec)));
            continue;
        }
        progress(spec.name);
        outcomes.push(run.section(spec).await.map_err(|fault| as_error(fault.into()))?);
    }
    let Run { writer, over, version, .. } = run;
    if let Some(fault) = over.filter(|_| outcomes.iter().all(|outcome| outcome.error.is_some())) {
        return Err(as_error(fault.into()));
    }
    warnings.extend(outcomes.iter().filter_map(warning));
    let out = writer.finish().map_err(CollectError::document)?;
    Ok((out, Collected { server_version: version, identity: opening.identity, sections: outcomes, warnings }))
}

fn too_new(spec: &SectionSpec) -> String {
    format!("section {}: only servers from PostgreSQL {} on have it", spec.name, spec.since)
}

fn warning(outcome: &SectionOutcome) -> Option<String> {
    let SectionOutcome { name, error, limited, .. } = outcome;
    match (error, limited) {
        (Some(error), _) => Some(format!("section {name} is not available: {error}")),
        (None, Some(limited)) => Some(format!("section {name} is not complete: {limited}")),
        (None, None) => None,
    }
}

/// A collection on its way.
struct Run<'a, W: Write> {
    session: &'a mut Session,
    options: &'a CollectOptions,
    version: ServerVersion,
    prerequisites: Vec<Prerequisite>,
    writer: SnapshotWriter<W>,
    /// Why nothing more can be read.
    over: Option<Fault>,
}

impl<W: Write> Run<'_, W> {
    /// Reads one section into the document; a fault only where the document cannot go on.
    async fn section(&mut self, spec: &'static SectionSpec) -> Result<SectionOutcome, Fault> {
        if let Some(over) = &self.over {
            let reason = format!("{} before this section", self.end_of_reading(over));
            return self.unavailable(spec, reason);
        }
        // Before anything is asked: a section that this server cannot have needs no question.
        if let Err(reason) = self.statement(spec, false) {
            return self.unavailable(spec, reason);
        }
        let permission = match section::permission(self.session, spec).await {
            Ok(permission) => permission,
            Err(fault) => {
                let reason = self.reason(fault)?;
                return self.unavailable(spec, reason);
            }
        };
        let Permission { refused, privileged, limited } = permission;
        match refused.map_or_else(|| self.statement(spec, privileged), Err) {
            Ok(sql) => self.read(spec, &sql, limited).await,
            Err(reason) => self.unavailable(spec, reason),
        }
    }

    fn statement(&self, spec: &SectionSpec, privileged: bool) -> Result<String, String> {
        section::statement(spec, self.version, &self.prerequisites, self.options.statements, privileged)
    }

    async fn read(
        &mut self,
        spec: &'static SectionSpec,
        sql: &str,
        limited: Option<String>,
    ) -> Result<SectionOutcome, Fault> {
        let (collected_at, clock) = (now(), Instant::now());
        let mut rows = SectionRows::new(&mut self.writer, spec);
        let fault = self.session.stream(sql, &mut rows).await.err();
        let duration_ms = (clock.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        let (begun, count, stats_reset) = (rows.begun, rows.count, rows.stats_reset());
        let error = match fault {
            Some(fault) => Some(self.reason(fault)?),
            None if begun => None,
            None => Some("the server gave no rows and no columns".to_owned()),
        };
        match error {
            Some(reason) if !begun => self.unavailable(spec, reason),
            error => {
                let outcome = SectionOutcome { name: spec.name, rows: count, error, limited };
                let SectionOutcome { error, limited, .. } = outcome.clone();
                let collected_at = Some(collected_at);
                self.writer.end_section(&Tail { collected_at, duration_ms, stats_reset, limited, error })?;
                Ok(outcome)
            }
        }
    }

    fn unavailable(&mut self, spec: &SectionSpec, reason: String) -> Result<SectionOutcome, Fault> {
        self.writer.unavailable_section(spec.name, &reason)?;
        Ok(SectionOutcome { name: spec.name, rows: 0, error: Some(reason), limited: None })
    }

    /// What a section says of `fault`; the fault itself where no document can come of it.
    fn reason(&mut self, fault: Fault) -> Result<String, Fault> {
        match fault {
            Fault::Server(text) | Fault::Answer(text) => Ok(text),
            Fault::Lost(_) | Fault::TimeLimit => {
                let reason = self.end_of_reading(&fault);
                self.over = Some(fault);
                Ok(reason)
            }
            Fault::Interrupted | Fault::Output(_) => Err(fault),
        }
    }

    fn end_of_reading(&self, fault: &Fault) -> String {
        match fault {
            Fault::Lost(text) => format!("the connection was lost ({text})"),
            _ => format!("the time limit of {} was reached", Limit(self.options.max_time)),
        }
    }
}

/// The collector's clock, in milliseconds: nobody compares what is finer.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
