//! What ends a collection early: the time limit, and the wish of the user or the system.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use crate::error::CollectError;
use crate::fault::Fault;

/// Listens as long as it lives: a signal between two waits is not lost.
pub(crate) struct Stop {
    deadline: Instant,
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Starts the clock and the ears.
    pub(crate) fn after(limit: Duration) -> Result<Self, CollectError> {
        let listen = |kind| signal(kind).map_err(CollectError::Runtime);
        let now = Instant::now();
        Ok(Self {
            // A limit beyond the clock's range is none.
            deadline: now.checked_add(limit).unwrap_or(now + Duration::from_secs(86_400 * 365)),
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// The time that is left.
    pub(crate) fn rest(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits until there is a reason to stop, and names it.
    pub(crate) async fn reached(&mut self) -> Fault {
        tokio::select! {
            () = sleep_until(self.deadline) => Fault::TimeLimit,
            _ = self.interrupt.recv() => Fault::Interrupted,
            _ = self.terminate.recv() => Fault::Interrupted,
        }
    }
}
