//! The whole collection: connect, identify, one section after the other, seal.

use std::io::Write;

use pgdba_snapshot::write::{Head, SnapshotWriter};
use pgdba_snapshot::{Prereq, Sampling, SectionSpec};
use tokio::time::Instant;

use crate::delta::{Window, rounded};
use crate::document::Document;
use crate::dsn::ConnectOptions;
use crate::error::CollectError;
use crate::fault::Fault;
use crate::identify::{Refusal, identify};
use crate::missing::Missing;
use crate::options::CollectOptions;
use crate::outcome::Collected;
use crate::prerequisite;
use crate::run::{Run, now};
use crate::section::{self, Permissions};
use crate::session::Session;

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
    let opening = identify(session).await?;
    let (version, identity, mut warnings) = (opening.version, opening.identity.clone(), opening.warnings.clone());
    let prerequisites = prerequisite::ask(session, &mut warnings).await?;
    let prereqs: Vec<Prereq> = prerequisites.iter().map(|prerequisite| prerequisite.prereq.clone()).collect();
    let (had, lacking): (Vec<_>, Vec<_>) = wanted.iter().copied().partition(|spec| spec.since <= version.major());
    let mut run = Run {
        session,
        connect,
        options,
        version,
        prerequisites,
        datname: opening.datname.clone(),
        opening,
        opened: Instant::now(),
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
        sampling: &sampling(options, window.as_ref()),
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
    if options.warns_of_newer_sections {
        warnings.extend(lacking.into_iter().map(too_new));
    }
    warnings.extend(document.warnings());
    let was_broken_off = run.over.is_some() || document.window.loss.is_some();
    let out = document.writer.finish().map_err(Fault::Output)?;
    Ok((out, Collected { server_version: version, identity, sections: document.outcomes, warnings, was_broken_off }))
}

/// Why there is no section at all.
fn nothing(reasons: &[String]) -> String {
    match reasons {
        [] => Missing::OnlyInDelta.to_string(),
        reasons => reasons.join("; "),
    }
}

fn too_new(spec: &SectionSpec) -> String {
    format!("section {} requires PostgreSQL {} or newer", spec.name, spec.since)
}

fn sampling(options: &CollectOptions, window: Option<&Window>) -> Sampling {
    Sampling {
        mode: if options.interval.is_some() { "delta" } else { "single" }.to_owned(),
        interval_seconds: window.map(|window| rounded(window.length)),
        requested_seconds: options.interval.map(rounded),
        gap: window.and_then(|window| window.gap.clone()),
        statements: Some(i64::from(options.statements)),
    }
}
