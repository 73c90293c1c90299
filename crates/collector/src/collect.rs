//! The whole collection: connect, identify, one section after the other, seal.

use std::io::Write;
use std::time::Duration;

use pgdba_pg::ServerVersion;
use pgdba_snapshot::section::{Partial, Scope};
use pgdba_snapshot::sections::{host, pg_stat_statements};
use pgdba_snapshot::write::{Body, Head, SnapshotWriter};
use pgdba_snapshot::{Identity, Prereq, Producer, Sampling, SectionSpec};

use crate::databases::{Database, Samples};
use crate::delta::Window;
use crate::dsn::ConnectOptions;
use crate::error::CollectError;
use crate::fault::Fault;
use crate::identify::{Opening, Refusal, identify};
use crate::prerequisite;
use crate::run::{Run, now};
use crate::sample::Sample;
use crate::section::{self, Permissions};
use crate::session::Session;

/// What to collect, and how long it may take.
#[derive(Debug, Clone)]
pub struct CollectOptions {
    /// The sections by name; none means all that the server's version has.
    pub sections: Option<Vec<String>>,
    /// At most this many statements of pg_stat_statements.
    pub statements: u32,
    /// The longest the whole may take, connecting included and a delta's interval not.
    pub max_time: Duration,
    /// Whether sections of a database are read in all databases, not in the session's own alone.
    pub all_databases: bool,
    /// How long a delta lasts; none for a single look.
    pub interval: Option<Duration>,
    /// Who collects, for the document.
    pub producer: Producer,
}

impl CollectOptions {
    /// Statements that are kept where nothing else is said.
    pub const STATEMENTS: u32 = 1000;

    /// The time limit where nothing else is said.
    pub const MAX_TIME: Duration = Duration::from_secs(60);

    /// Everything of one database at one look, within the usual limits.
    #[must_use]
    pub fn new(producer: Producer) -> Self {
        Self {
            sections: None,
            statements: Self::STATEMENTS,
            max_time: Self::MAX_TIME,
            all_databases: false,
            interval: None,
            producer,
        }
    }

    /// The longest everything may take.
    pub(crate) fn limit(&self) -> Duration {
        self.max_time.saturating_add(self.interval.unwrap_or_default())
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
    /// Whether reading ended before all was read.
    pub was_broken_off: bool,
}

impl Collected {
    /// Whether every section that the server's version has is there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_whole = |section: &SectionOutcome| section.error.is_none() && section.partial.is_empty();
        !self.was_broken_off && self.sections.iter().all(is_whole)
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
    /// The databases whose part is missing.
    pub partial: Vec<Partial>,
}

/// Collects a snapshot into `out`, naming each step to `progress` before it is done. SIGINT and SIGTERM end it; during
/// the interval of a delta the first of them ends the interval only.
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
    let mut session = Session::open(connect, options.limit()).await?;
    let outcome = run(&mut session, connect, options, &wanted, out, progress).await;
    let target = session.target.clone();
    session.close().await;
    outcome.map_err(|refusal| refusal.into_error(&target, options.limit()))
}

async fn run<W: Write>(
    session: &mut Session,
    connect: &ConnectOptions,
    options: &CollectOptions,
    wanted: &[&'static SectionSpec],
    out: W,
    progress: &mut dyn FnMut(&str),
) -> Result<(W, Collected), Refusal> {
    let collected_at = now();
    let Opening { version, identity, datname, mut warnings } = identify(session).await?;
    let prerequisites = prerequisite::ask(session, &mut warnings).await?;
    let prereqs: Vec<Prereq> = prerequisites.iter().map(|prerequisite| prerequisite.prereq.clone()).collect();
    let (had, lacking): (Vec<_>, Vec<_>) = wanted.iter().copied().partition(|spec| spec.since <= version.major());
    let mut run = Run {
        session,
        connect,
        options,
        version,
        prerequisites,
        datname,
        permissions: Permissions::new(),
        over: None,
        progress,
    };
    // Where all at once cannot be asked, each is asked alone.
    let _ = run.ask(&had).await?;
    let databases = run.databases().await?;
    let window = match options.interval {
        Some(interval) => Some(run.window(interval, &had, &databases).await?),
        None => None,
    };
    let head = Head {
        producer: &options.producer,
        collected_at,
        identity: &identity,
        prereqs: &prereqs,
        sampling: &sampling(options.interval, window.as_ref()),
    };
    let mut document = Document {
        writer: SnapshotWriter::begin(out, &head).map_err(Fault::Output)?,
        outcomes: Vec::new(),
        window: window.unwrap_or_default(),
    };
    document.sections(&mut run, had, &databases).await?;
    if document.outcomes.iter().all(|outcome| outcome.error.is_some()) {
        let mut reasons = document.warnings();
        reasons.extend(lacking.into_iter().map(too_new));
        return Err(run.over.take().map_or_else(|| Refusal::Nothing(nothing(&reasons)), Refusal::from));
    }
    if options.sections.is_some() {
        warnings.extend(lacking.into_iter().map(too_new));
    }
    warnings.extend(document.warnings());
    let out = document.writer.finish().map_err(Fault::Output)?;
    let was_broken_off = run.over.is_some();
    Ok((out, Collected { server_version: version, identity, sections: document.outcomes, warnings, was_broken_off }))
}

/// Why there is no section at all.
fn nothing(reasons: &[String]) -> String {
    match reasons {
        [] => "what was asked for is only read during a delta".to_owned(),
        reasons => reasons.join("; "),
    }
}

fn too_new(spec: &SectionSpec) -> String {
    format!("section {}: only servers from PostgreSQL {} on have it", spec.name, spec.since)
}

fn sampling(interval: Option<Duration>, window: Option<&Window>) -> Sampling {
    let seconds = |length: Duration| (length.as_secs_f64() * 1e3).round() / 1e3;
    Sampling {
        mode: if interval.is_some() { "delta" } else { "single" }.to_owned(),
        interval_seconds: window.map(|window| seconds(window.length)),
        requested_seconds: interval.map(seconds),
    }
}

/// The document under way.
struct Document<W: Write> {
    writer: SnapshotWriter<W>,
    outcomes: Vec<SectionOutcome>,
    window: Window,
}

impl<W: Write> Document<W> {
    /// Reads all of `specs` and writes them, those of the cluster first.
    async fn sections(
        &mut self,
        run: &mut Run<'_>,
        specs: Vec<&'static SectionSpec>,
        databases: &[Database],
    ) -> Result<(), Fault> {
        let (local, cluster): (Vec<_>, Vec<_>) = specs.into_iter().partition(|spec| spec.scope == Scope::Database);
        for spec in cluster {
            self.cluster_section(run, spec).await?;
        }
        self.local_sections(run, &local, databases).await
    }

    /// Reads a section of the cluster and writes it.
    async fn cluster_section(&mut self, run: &mut Run<'_>, spec: &'static SectionSpec) -> Result<(), Fault> {
        if spec.sampled {
            return match self.window.waits.take() {
                Some(Ok(waits)) => self.write(spec, waits),
                Some(Err(reason)) => self.unavailable(spec, reason),
                None => Ok(()),
            };
        }
        let mut sample = Sample::new();
        let mut seen = run.look(spec, &mut sample).await?;
        if spec.name == host::SPEC.name {
            seen = run.look_at_host(seen, &mut sample).await?;
        }
        match seen {
            Ok(()) => self.write(spec, sample),
            Err(reason) => self.without_last_look(spec, reason),
        }
    }

    /// Reads the sections of all databases and writes them.
    async fn local_sections(
        &mut self,
        run: &mut Run<'_>,
        specs: &[&'static SectionSpec],
        databases: &[Database],
    ) -> Result<(), Fault> {
        let mut samples: Samples = run.look_everywhere(databases, specs).await?;
        for spec in specs {
            let Some(sample) = samples.remove(spec.name) else { continue };
            if sample.columns.is_empty() {
                let reason = sample.partial.into_iter().next().map(|missing| missing.error);
                self.without_last_look(spec, reason.unwrap_or_else(|| "there is no database to read".to_owned()))?;
            } else {
                self.write(spec, sample)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, spec: &'static SectionSpec, mut sample: Sample) -> Result<(), Fault> {
        let mut earlier = self.window.earlier.remove(spec.name);
        let mut between = Vec::new();
        if spec.name == pg_stat_statements::SPEC.name {
            between = std::mem::take(&mut self.window.between);
        }
        let facts = sample.take_facts();
        let body = Body {
            columns: &facts.columns,
            last: sample.look()?,
            earlier: earlier.as_mut().map(Sample::look).transpose()?,
            between: between.iter_mut().map(Sample::look).collect::<Result<_, _>>()?,
        };
        self.writer.section(spec.name, body, &Sample::tail(&facts))?;
        self.outcomes.push(SectionOutcome {
            name: spec.name,
            rows: sample.count,
            error: None,
            limited: facts.limited.clone(),
            partial: facts.partial,
        });
        Ok(())
    }

    /// A section whose last look failed: the first look of a delta is better than nothing.
    fn without_last_look(&mut self, spec: &'static SectionSpec, reason: String) -> Result<(), Fault> {
        let Some(mut first) = self.window.earlier.remove(spec.name) else { return self.unavailable(spec, reason) };
        if spec.name == pg_stat_statements::SPEC.name {
            self.window.between.clear();
        }
        first.limited = Some(format!("it is the first look of the delta, the last is missing: {reason}"));
        self.write(spec, first)
    }

    fn unavailable(&mut self, spec: &SectionSpec, reason: String) -> Result<(), Fault> {
        self.writer.unavailable_section(spec.name, &reason)?;
        let outcome =
            SectionOutcome { name: spec.name, rows: 0, error: Some(reason), limited: None, partial: Vec::new() };
        self.outcomes.push(outcome);
        Ok(())
    }

    fn warnings(&self) -> Vec<String> {
        let cut = self
            .window
            .is_cut_short
            .then(|| format!("the delta was ended early, after {} s", self.window.length.as_secs()));
        let missing = self.outcomes.iter().flat_map(|outcome| &outcome.partial);
        let missing =
            missing.map(|partial| (format!("\"{}\"", partial.datname), format!("not complete: {}", partial.error)));
        let sections = self.outcomes.iter().filter_map(|outcome| {
            let SectionOutcome { name, error, limited, .. } = outcome;
            let not_available = error.as_ref().map(|error| format!("not available: {error}"));
            let reason = not_available.or(limited.as_ref().map(|limited| format!("not complete: {limited}")))?;
            Some(((*name).to_owned(), reason))
        });
        let databases = grouped(missing, ["database", "databases"]);
        cut.into_iter().chain(databases).chain(grouped(sections, ["section", "sections"])).collect()
    }
}

/// So many names stand in one sentence where there are a few more; the document has them all.
const SHOWN: usize = 6;

/// One sentence for each reason, with all that it is the reason for: many sections share one.
fn grouped(items: impl Iterator<Item = (String, String)>, [one, many]: [&str; 2]) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (name, reason) in items {
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => groups.push((reason, vec![name])),
        }
    }
    let sentence = |(reason, names): (String, Vec<String>)| match names.as_slice() {
        [name] => format!("{one} {name} is {reason}"),
        [first @ .., _, _, _, _] if first.len() >= SHOWN => {
            let shown = first.get(..SHOWN).unwrap_or(first);
            format!("{many} {} and {} more are {reason}", shown.join(", "), names.len() - shown.len())
        }
        names => format!("{many} {} are {reason}", names.join(", ")),
    };
    groups.into_iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_reason_is_said_once() {
        let items =
            [("a", "x"), ("b", "y"), ("c", "x"), ("a", "x")].map(|(name, why)| (name.to_owned(), why.to_owned()));
        let said = grouped(items.into_iter(), ["section", "sections"]);
        assert_eq!(said, ["sections a, c are x", "section b is y"]);
        let many = |count| grouped((0..count).map(|at: u32| (at.to_string(), "z".to_owned())), ["section", "sections"]);
        assert_eq!(many(9), ["sections 0, 1, 2, 3, 4, 5, 6, 7, 8 are z"]);
        assert_eq!(many(10), ["sections 0, 1, 2, 3, 4, 5 and 4 more are z"]);
    }
}
