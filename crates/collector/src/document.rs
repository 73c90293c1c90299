//! The document under way: each section is read and written, the samples of a delta with it.

use std::io::Write;

use pgdba_snapshot::SectionSpec;
use pgdba_snapshot::section::Scope;
use pgdba_snapshot::sections::host;
use pgdba_snapshot::write::{Body, SnapshotWriter};

use crate::databases::{Database, Samples};
use crate::delta::Window;
use crate::fault::Fault;
use crate::missing::Missing;
use crate::outcome::{self, SectionOutcome};
use crate::run::Run;
use crate::sample::Sample;
use crate::section::Extent;

/// The document under way.
pub(crate) struct Document<W: Write> {
    pub(crate) writer: SnapshotWriter<W>,
    pub(crate) outcomes: Vec<SectionOutcome>,
    pub(crate) window: Window,
}

impl<W: Write> Document<W> {
    /// Reads all of `specs` and writes them, those of the cluster first.
    pub(crate) async fn sections(
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
                Some(Err(missing)) => self.unavailable(spec, &missing),
                None => Ok(()),
            };
        }
        let mut sample = Sample::new();
        let mut seen = run.look(spec, Extent::Whole, &mut sample).await?;
        if spec.name == host::SPEC.name {
            seen = run.look_at_host(seen, &mut sample).await?;
        }
        match seen {
            Ok(()) => self.write(spec, sample),
            Err(missing) => self.without_last_sample(spec, &missing),
        }
    }

    /// Reads the sections of all databases and writes them.
    async fn local_sections(
        &mut self,
        run: &mut Run<'_>,
        specs: &[&'static SectionSpec],
        databases: &[Database],
    ) -> Result<(), Fault> {
        let mut samples: Samples = run.look_everywhere(databases, specs, Extent::Whole).await?;
        for spec in specs {
            let Some(sample) = samples.remove(spec.name) else { continue };
            if sample.columns.is_empty() {
                let missing = sample.partial.into_iter().next().map(|missing| Missing::Refused(missing.error));
                self.without_last_sample(spec, &missing.unwrap_or(Missing::NoDatabase))?;
            } else {
                self.write(spec, sample)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, spec: &'static SectionSpec, mut sample: Sample) -> Result<(), Fault> {
        let mut earlier = self.window.earlier.remove(spec.name);
        let mut between = self.window.between.remove(spec.name).unwrap_or_default();
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

    /// A section whose last sample failed: the latest one before it takes its place.
    fn without_last_sample(&mut self, spec: &'static SectionSpec, missing: &Missing) -> Result<(), Fault> {
        let between = self.window.between.get_mut(spec.name).and_then(Vec::pop);
        let (mut sample, when) = match between {
            Some(sample) => (sample, "before its end"),
            None => match self.window.earlier.remove(spec.name) {
                Some(sample) => (sample, "at its beginning"),
                None => return self.unavailable(spec, missing),
            },
        };
        sample.limited = Some(format!("the last sample of the delta was taken {when}: {missing}"));
        self.write(spec, sample)
    }

    fn unavailable(&mut self, spec: &SectionSpec, missing: &Missing) -> Result<(), Fault> {
        let reason = missing.to_string();
        self.writer.unavailable_section(spec.name, &reason)?;
        let outcome =
            SectionOutcome { name: spec.name, rows: 0, error: Some(reason), limited: None, partial: Vec::new() };
        self.outcomes.push(outcome);
        Ok(())
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.window.warnings();
        warnings.extend(outcome::warnings(&self.outcomes));
        warnings
    }
}
