//! Where a test kills this process. Builds without the feature `fault-points` have none of it.

/// The variable that names the point.
#[cfg(feature = "fault-points")]
const VARIABLE: &str = "PGDBA_DIE_AT";

/// Dies here, as `kill -9` would have it, where the test asked for this point: `before:applying:1`, `journaled:applying:1`,
/// `done:applying:1`.
#[cfg(feature = "fault-points")]
pub(crate) fn reach(moment: &str, state: &str) {
    if std::env::var(VARIABLE).is_ok_and(|wanted| wanted == format!("{moment}:{state}")) {
        // Nothing can be done about a process that cannot kill itself.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Nothing.
#[cfg(not(feature = "fault-points"))]
pub(crate) fn reach(_: &str, _: &str) {}
