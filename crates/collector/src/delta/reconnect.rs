//! A connection that is lost in the window of a delta is restored once: what was sampled before it is still worth having.

use std::time::Duration;

use pgdba_snapshot::Gap;
use tokio::time::Instant;

use super::Window;
use crate::fault::Fault;
use crate::identify::{Opening, Refusal, identify};
use crate::missing::Missing;
use crate::run::Run;

/// How long at least a server is waited for that restarts: after a crash it synchronizes its data directory first.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time between two attempts.
const STEP: Duration = Duration::from_millis(250);

impl Run<'_> {
    /// Connects again if the connection was lost, once in a window. Where that fails, nothing more can be read.
    pub(super) async fn restore(
        &mut self,
        begun: Instant,
        end: Instant,
        home: &str,
        window: &mut Window,
    ) -> Result<(), Fault> {
        let Some(Fault::Lost(reason)) = &self.over else { return Ok(()) };
        let is_first = window.loss.is_none();
        window.loss.get_or_insert_with(|| reason.clone());
        let lost = Instant::now();
        window.length = lost - begun;
        if !is_first {
            // A second loss ends the window: what the first gap says is still true.
            window.loss = Some(reason.clone());
            window.gap = None;
            return Ok(());
        }
        (self.progress)("the connection was lost; reconnecting");
        let Ok(()) = self.reconnect(home, end.max(lost + PATIENCE)).await? else { return Ok(()) };
        window.gap = Some(Gap { after_seconds: rounded(window.length), seconds: rounded(lost.elapsed()) });
        Ok(())
    }

    /// A new session in the database `home` of the same server, made until `deadline`; why there is none. A server that is
    /// going down or coming up can accept a connection and close it at once, so every failure is worth another attempt.
    async fn reconnect(&mut self, home: &str, deadline: Instant) -> Result<Result<(), Missing>, Fault> {
        loop {
            let attempt = match self.session.move_to(self.connect, home).await {
                Ok(()) => self.resume(home).await,
                Err(fault) => Err(fault),
            };
            let missing = match attempt {
                Ok(()) => return Ok(Ok(())),
                Err(Fault::Lost(reason)) => Missing::Lost(reason),
                Err(fault) => match fault.reason() {
                    Ok(reason) => Missing::Refused(reason),
                    Err(Fault::TimeLimit) => return Ok(Err(Missing::TimeLimit(self.options.limit()))),
                    Err(fault) => return Err(fault),
                },
            };
            if Instant::now() >= deadline || self.session.stop.was_asked {
                return Ok(Err(missing));
            }
            self.session.stop.pause(Instant::now() + STEP).await?;
        }
    }

    /// Goes on with a session that has just been made, if it is on the server that the former was on.
    async fn resume(&mut self, home: &str) -> Result<(), Fault> {
        let opening = match identify(self.session).await {
            Ok(opening) => opening,
            Err(Refusal::Fault(fault)) => return Err(fault),
            Err(_) => return Err(Fault::Answer("the server did not say what it is".to_owned())),
        };
        if !self.is_same_server(&opening) {
            return Err(Fault::Answer("another server answered".to_owned()));
        }
        self.over = None;
        self.permissions.clear();
        home.clone_into(&mut self.datname);
        Ok(())
    }

    /// Whether `opening` is of the server that the collection began on, which may have restarted since. Behind an address
    /// that moves, its standby may answer: the cluster is the same then, the counters are others.
    fn is_same_server(&self, opening: &Opening) -> bool {
        /// How far the two clocks and the way to the server may put the answers apart, in seconds.
        const LEEWAY: f64 = 2.0;
        let same = |first: &Opening, second: &Opening| {
            (&first.identity.system_identifier, first.version) == (&second.identity.system_identifier, second.version)
        };
        let collected_for = self.opened.elapsed().as_secs_f64();
        let has_restarted = opening.uptime <= collected_for + LEEWAY;
        let has_gone_on = (opening.uptime - self.opening.uptime - collected_for).abs() <= LEEWAY;
        same(&self.opening, opening) && (has_restarted || has_gone_on)
    }
}

/// Seconds, to the millisecond.
pub(crate) fn rounded(length: Duration) -> f64 {
    (length.as_secs_f64() * 1e3).round() / 1e3
}
