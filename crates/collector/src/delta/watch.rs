//! What is done in the window of a delta until it ends.

use std::time::Duration;

use pgdba_snapshot::SectionSpec;
use tokio::time::Instant;

use super::Window;
use super::timer::{Task, Timer};
use super::waits::Waits;
use crate::fault::Fault;
use crate::run::Run;
use crate::sample::Sample;
use crate::section::Extent;

/// How often the user is told how far the window is.
const PROGRESS_STEP: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Samples what changes until `interval` after `begun` or until somebody asks to stop. Where the connection is lost on
    /// the way, a new one to the database `home` takes its place.
    pub(super) async fn watch(
        &mut self,
        begun: Instant,
        interval: Duration,
        wanted: &[&'static SectionSpec],
        home: &str,
        window: &mut Window,
    ) -> Result<(), Fault> {
        let end = begun + interval;
        let mut waits = wanted.iter().find(|spec| spec.sampled).map(|spec| Waits::new(spec));
        let mut timers = Timer::all(wanted, begun, interval, self.session.idle_limit);
        loop {
            for timer in &mut timers {
                if timer.is_due() {
                    self.run_task(timer.task, waits.as_mut(), window).await?;
                }
            }
            let is_over = Instant::now() >= end || self.session.stop.was_asked;
            if is_over {
                // A loss that nothing has met yet would cost all that is read last.
                self.ping().await?;
            }
            self.restore(begun, end, home, window).await?;
            if is_over || self.over.is_some() {
                break;
            }
            let whole = interval.as_secs();
            (self.progress)(&format!("{} of {whole} s; Ctrl-C ends it early", begun.elapsed().as_secs().min(whole)));
            let next = timers.iter().map(|timer| timer.next).min().unwrap_or(end).min(end);
            self.session.stop.pause(next.min(Instant::now() + PROGRESS_STEP)).await?;
        }
        if self.over.is_none() {
            window.length = begun.elapsed();
        }
        window.waits = waits.map(Waits::into_sample).transpose()?;
        Ok(())
    }

    async fn run_task(&mut self, task: Task, waits: Option<&mut Waits>, window: &mut Window) -> Result<(), Fault> {
        if self.over.is_some() {
            return Ok(());
        }
        match (task, waits) {
            (Task::KeepAwake, _) => self.ping().await,
            (Task::Waits(spec), Some(waits)) => self.count_waits(spec, waits).await,
            (Task::Waits(_), None) => Ok(()),
            (Task::Sample(spec), _) => {
                let mut sample = Sample::new();
                if self.look(spec, Extent::Between, &mut sample).await?.is_ok() {
                    window.between.entry(spec.name).or_default().push(sample);
                }
                Ok(())
            }
        }
    }

    async fn count_waits(&mut self, spec: &'static SectionSpec, waits: &mut Waits) -> Result<(), Fault> {
        let Some(sql) = spec.sql_for(self.version.major(), false) else { return Ok(()) };
        if let Err(missing) = self.ask(&[spec]).await? {
            waits.missing = Some(missing);
            return Ok(());
        }
        waits.limited = self.permissions.get(spec.name).and_then(|permission| permission.limited.clone());
        match self.session.stream(sql, waits).await {
            Ok(()) => waits.was_read(),
            Err(fault) => waits.missing = Some(self.reason(fault)?),
        }
        Ok(())
    }

    /// Asks for nothing, to show the server a session that is not idle, and to see whether the connection still stands.
    async fn ping(&mut self) -> Result<(), Fault> {
        if self.over.is_some() {
            return Ok(());
        }
        match self.session.ping().await {
            Ok(()) => Ok(()),
            Err(fault) => self.reason(fault).map(drop),
        }
    }
}
