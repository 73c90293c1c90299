//! What ends a collection early: the time limit, and the wish of the user or the system.

use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use crate::error::CollectError;
use crate::fault::Fault;

/// SIGXFSZ: a file grew beyond what `ulimit -f` allows. It would end the program before it can clean up; where somebody
/// listens, the write fails instead, as on a full disk.
const FILE_TOO_LARGE: i32 = 25;

/// Listens as long as it lives: a signal between two waits is not lost.
pub(crate) struct Stop {
    deadline: Instant,
    interrupt: Signal,
    terminate: Signal,
    /// The end of the terminal; none where the program was told to outlive it.
    hangup: Option<Signal>,
    /// Whether the first wish to stop ends what can be ended early, and not everything.
    pub(crate) is_lenient: bool,
    /// Whether there was such a wish.
    pub(crate) was_asked: bool,
}

impl Stop {
    /// Starts the clock and the ears.
    pub(crate) fn after(limit: Duration) -> Result<Self, CollectError> {
        let listen = |kind| signal(kind).map_err(CollectError::Runtime);
        // Nobody needs to hear it: that there is a listener is enough, and lasts as long as the process.
        drop(listen(SignalKind::from_raw(FILE_TOO_LARGE))?);
        let now = Instant::now();
        Ok(Self {
            // A limit beyond the clock's range is none.
            deadline: now.checked_add(limit).unwrap_or(now + Duration::from_secs(86_400 * 365)),
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: (!outlives_terminal()).then(|| listen(SignalKind::hangup())).transpose()?,
            is_lenient: false,
            was_asked: false,
        })
    }

    /// The time that is left.
    pub(crate) fn rest(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits until there is a reason to stop, and names it.
    pub(crate) async fn reached(&mut self) -> Fault {
        loop {
            tokio::select! {
                () = sleep_until(self.deadline) => return Fault::TimeLimit,
                () = heard(self.hangup.as_mut()) => return Fault::Interrupted,
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
            if !self.forgives() {
                return Fault::Interrupted;
            }
        }
    }

    /// Waits until `moment`, or until somebody asks for an early end.
    pub(crate) async fn pause(&mut self, moment: Instant) -> Result<(), Fault> {
        tokio::select! {
            () = sleep_until(moment) => return Ok(()),
            () = sleep_until(self.deadline) => return Err(Fault::TimeLimit),
            () = heard(self.hangup.as_mut()) => return Err(Fault::Interrupted),
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        if self.forgives() { Ok(()) } else { Err(Fault::Interrupted) }
    }

    /// Whether somebody asked to stop and nobody waited to hear it.
    pub(crate) fn was_heard(&mut self) -> bool {
        let signals = [Some(&mut self.interrupt), Some(&mut self.terminate), self.hangup.as_mut()];
        // Each is asked: a wish that was expressed twice is one wish.
        signals.into_iter().flatten().filter_map(|signal| signal.recv().now_or_never()).count() > 0
    }

    /// Takes note of a wish to stop; whether it was the first one and may be followed later.
    fn forgives(&mut self) -> bool {
        let forgiven = self.is_lenient && !self.was_asked;
        self.was_asked = true;
        forgiven
    }
}

/// Waits for a signal; for ever where nobody listens.
async fn heard(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether SIGHUP is ignored, as `nohup` has it; to listen would undo that.
fn outlives_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
