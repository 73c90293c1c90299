//! Where a test kills this process or has it wait. Builds without the feature `fault-points` have none of it.

/// The variable that names the point at which the process dies: `before:applying:1`, `journaled:applying:1`,
/// `done:applying:1`, on the way back also `altered:1` and `cleared:max_connections`.
#[cfg(feature = "fault-points")]
const DIE_AT: &str = "PGDBA_DIE_AT";

/// The variable that names the point at which it waits.
#[cfg(feature = "fault-points")]
const WAIT_AT: &str = "PGDBA_WAIT_AT";

/// The folder in which it makes the file `reached`, and then waits for the file `go`.
#[cfg(feature = "fault-points")]
const WAIT_IN: &str = "PGDBA_WAIT_IN";

/// Waits here, or dies as `kill -9` would have it, where the test asked for this point.
#[cfg(feature = "fault-points")]
pub(crate) fn reach(moment: &str, state: &str) {
    let is_wanted = |variable| std::env::var(variable).is_ok_and(|wanted| wanted == format!("{moment}:{state}"));
    if is_wanted(WAIT_AT)
        && let Some(folder) = std::env::var_os(WAIT_IN).map(std::path::PathBuf::from)
    {
        // Where that fails the test waits in vain and says so.
        let _ = std::fs::write(folder.join("reached"), "");
        while !folder.join("go").exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    if is_wanted(DIE_AT) {
        // Nothing can be done about a process that cannot kill itself.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Nothing.
#[cfg(not(feature = "fault-points"))]
pub(crate) fn reach(_: &str, _: &str) {}
