//! Two looks at what only grows, and what happens between them.

use std::collections::BTreeMap;
use std::time::Duration;

use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::section::Scope;
use pgdba_snapshot::sections::{pg_stat_statements, wait_samples};
use serde_json::Value;
use tokio::time::Instant;
use tokio_postgres::{SimpleColumn, SimpleQueryRow};

use crate::databases::{Database, Samples};
use crate::fault::Fault;
use crate::run::{Run, now};
use crate::sample::Sample;
use crate::session::{Rows, cell};

/// How often waits are looked at.
const WAIT_STEP: Duration = Duration::from_secs(1);

/// Looks at the statements inside the window: without them no change of their speed can be told from chance.
const STATEMENT_LOOKS: u32 = 5;

/// What a delta gathered before its last look.
#[derive(Default)]
pub(crate) struct Window {
    /// The first looks.
    pub(crate) earlier: Samples,
    /// The looks at the statements in between.
    pub(crate) between: Vec<Sample>,
    /// What sessions waited for, or why that is not known.
    pub(crate) waits: Option<Result<Sample, String>>,
    /// How long it lasted.
    pub(crate) length: Duration,
    /// Whether somebody ended it early.
    pub(crate) is_cut_short: bool,
}

impl Run<'_> {
    /// Takes the first looks and waits for `interval`, looking at waits and statements meanwhile.
    pub(crate) async fn window(
        &mut self,
        interval: Duration,
        wanted: &[&'static SectionSpec],
        databases: &[Database],
    ) -> Result<Window, Fault> {
        let cumulative = |scope| {
            let specs = wanted.iter().copied().filter(move |spec| spec.is_cumulative() && spec.scope == scope);
            specs.collect::<Vec<_>>()
        };
        let home = self.datname.clone();
        let mut window = Window::default();
        let begun = Instant::now();
        for spec in cumulative(Scope::Cluster) {
            let mut sample = Sample::new();
            // Why one is missing, the last look will say.
            if self.look(spec, &mut sample).await?.is_ok() {
                window.earlier.insert(spec.name, sample);
            }
        }
        let mut local = self.look_everywhere(databases, &cumulative(Scope::Database)).await?;
        window.earlier.append(&mut local);
        window.earlier.retain(|_, sample| !sample.columns.is_empty());
        let _ = self.move_to(&home).await?;
        self.session.stop.is_lenient = true;
        let outcome = self.watch(begun, interval, wanted, &mut window).await;
        self.session.stop.is_lenient = false;
        outcome?;
        window.length = begun.elapsed();
        window.is_cut_short = self.session.stop.was_asked;
        Ok(window)
    }

    async fn watch(
        &mut self,
        begun: Instant,
        interval: Duration,
        wanted: &[&'static SectionSpec],
        window: &mut Window,
    ) -> Result<(), Fault> {
        let watches = |name: &str| wanted.iter().any(|spec| spec.name == name);
        let (watch_waits, watch_statements) =
            (watches(wait_samples::SPEC.name), watches(pg_stat_statements::SPEC.name));
        let end = begun + interval;
        let mut waits = Waits::default();
        let mut next_waits = Instant::now();
        let step = interval / (STATEMENT_LOOKS + 1);
        let mut next_statements = begun + step;
        while Instant::now() < end && !self.session.stop.was_asked && self.over.is_none() {
            if watch_waits && Instant::now() >= next_waits {
                self.look_at_waits(&mut waits).await?;
                next_waits += WAIT_STEP;
            }
            if watch_statements && Instant::now() >= next_statements && next_statements + step <= end {
                let mut sample = Sample::new();
                if self.look(&pg_stat_statements::SPEC, &mut sample).await?.is_ok() {
                    window.between.push(sample);
                }
                next_statements += step;
            }
            let whole = interval.as_secs();
            (self.progress)(&format!("{} of {whole} s; Ctrl-C ends it early", begun.elapsed().as_secs().min(whole)));
            let next = next_waits.min(next_statements).min(end).max(Instant::now());
            self.session.stop.pause(next.min(Instant::now() + WAIT_STEP)).await?;
        }
        window.waits = watch_waits.then(|| waits.into_sample()).transpose()?;
        Ok(())
    }

    async fn look_at_waits(&mut self, waits: &mut Waits) -> Result<(), Fault> {
        let spec = &wait_samples::SPEC;
        let Some(sql) = spec.sql_for(self.version.major(), false) else { return Ok(()) };
        match self.session.stream(sql, waits).await {
            Ok(()) => {}
            Err(fault) => waits.error = Some(self.reason(fault)?),
        }
        Ok(())
    }
}

/// What sessions were seen to wait for, counted.
#[derive(Default)]
struct Waits {
    columns: Vec<String>,
    counts: BTreeMap<Vec<Option<String>>, i64>,
    error: Option<String>,
}

impl Waits {
    fn into_sample(self) -> Result<Result<Sample, String>, Fault> {
        if let Some(error) = self.error.filter(|_| self.counts.is_empty()) {
            return Ok(Err(error));
        }
        let mut sample = Sample::new();
        sample.columns = self.columns;
        sample.collected_at = Some(now());
        for (words, count) in self.counts {
            let words = words.into_iter().map(|word| word.map_or(Value::Null, Value::String));
            sample.push(&words.chain([Value::from(count)]).collect::<Vec<_>>())?;
        }
        Ok(Ok(sample))
    }
}

impl Rows for Waits {
    fn columns(&mut self, columns: &[SimpleColumn]) -> Result<(), Fault> {
        self.columns = columns.iter().map(|column| column.name().to_owned()).collect();
        Ok(())
    }

    fn row(&mut self, row: &SimpleQueryRow) -> Result<(), Fault> {
        let mut words = (0..row.len()).map(|at| Ok(cell(row, at)?.map(str::to_owned)));
        let mut words = words.by_ref().collect::<Result<Vec<_>, Fault>>()?;
        let count = words.pop().flatten().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        *self.counts.entry(words).or_default() += count;
        Ok(())
    }
}
