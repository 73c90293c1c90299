//! Two samples of what is cumulative, and what happens in the window between them.

mod reconnect;
mod timer;
mod waits;
mod watch;

use std::collections::BTreeMap;
use std::time::Duration;

use pgdba_snapshot::section::Scope;
use pgdba_snapshot::{Gap, SectionSpec};
use tokio::time::Instant;

use crate::databases::{Database, Samples};
use crate::fault::Fault;
use crate::missing::Missing;
use crate::run::Run;
use crate::sample::Sample;
use crate::section::Extent;

pub(crate) use reconnect::rounded;

/// What a delta gathered before its last samples.
#[derive(Default)]
pub(crate) struct Window {
    /// The samples of the beginning.
    pub(crate) earlier: Samples,
    /// The samples in between, by the sections' names.
    pub(crate) between: BTreeMap<&'static str, Vec<Sample>>,
    /// What sessions waited for, or why that is not known.
    pub(crate) waits: Option<Result<Sample, Missing>>,
    /// How long it lasted.
    pub(crate) length: Duration,
    /// Whether somebody ended it early.
    pub(crate) is_cut_short: bool,
    /// When the connection was lost and restored.
    pub(crate) gap: Option<Gap>,
    /// Why the connection was lost.
    pub(crate) loss: Option<String>,
}

impl Window {
    /// What the user should know of how the window went, one sentence each.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let seconds = self.length.as_secs();
        let cut = self.is_cut_short.then(|| format!("the delta was interrupted after {seconds} s"));
        let loss = self.loss.as_ref().map(|reason| match &self.gap {
            Some(gap) => format!(
                "the connection was lost {:.0} s into the delta ({reason}) and restored {:.0} s later; nothing was sampled in between",
                gap.after_seconds, gap.seconds
            ),
            None => format!("the delta ended after {seconds} s, because the connection was lost ({reason})"),
        });
        cut.into_iter().chain(loss).collect()
    }
}

impl Run<'_> {
    /// Takes the first samples and waits for `interval`, sampling waits, locks and statements meanwhile.
    pub(crate) async fn window(
        &mut self,
        interval: Duration,
        wanted: &[&'static SectionSpec],
        databases: &[Database],
    ) -> Result<Window, Fault> {
        let home = self.datname.clone();
        let begun = Instant::now();
        let mut window = Window { earlier: self.first_samples(wanted, databases).await?, ..Window::default() };
        let _ = self.move_to(&home).await?;
        self.session.stop.is_lenient = true;
        let outcome = self.watch(begun, interval, wanted, &home, &mut window).await;
        self.session.stop.is_lenient = false;
        outcome?;
        window.is_cut_short = self.session.stop.was_asked;
        self.ask_again(wanted, &mut window).await?;
        Ok(window)
    }

    /// Asks anew what the role can read: privileges it had at the beginning can be gone, and what is hidden from it would
    /// look like what is not there. Waits are marked too, since it is unknown when the privileges went.
    async fn ask_again(&mut self, wanted: &[&'static SectionSpec], window: &mut Window) -> Result<(), Fault> {
        self.permissions.clear();
        let _ = self.ask(wanted).await?;
        let limited = |spec: &&SectionSpec| self.permissions.get(spec.name)?.limited.clone();
        if let Some(Ok(waits)) = &mut window.waits {
            waits.limited = waits.limited.take().or(wanted
                .iter()
                .copied()
                .filter(|spec| spec.sampled)
                .find_map(|spec| limited(&spec)));
        }
        Ok(())
    }

    async fn first_samples(
        &mut self,
        wanted: &[&'static SectionSpec],
        databases: &[Database],
    ) -> Result<Samples, Fault> {
        let (local, cluster): (Vec<_>, Vec<_>) =
            wanted.iter().copied().filter(|spec| spec.is_cumulative()).partition(|spec| spec.scope == Scope::Database);
        let mut samples = Samples::new();
        for spec in cluster {
            let mut sample = Sample::new();
            // Why one is missing, the last look will say.
            if self.look(spec, Extent::Beginning, &mut sample).await?.is_ok() {
                samples.insert(spec.name, sample);
            }
        }
        samples.append(&mut self.look_everywhere(databases, &local, Extent::Beginning).await?);
        samples.retain(|_, sample| !sample.columns.is_empty());
        Ok(samples)
    }
}
