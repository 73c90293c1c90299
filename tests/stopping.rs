//! Sessions that sleep on a server for as long as a test looks at it.

use std::thread;

use xtask::servers::Server;

/// Ends the server when it goes, and with it the sessions that sleep on it: also where a test fails, whose threads would
/// else be waited for.
pub(crate) struct Stopping<'s>(pub(crate) &'s Server);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        let stopped = self.0.stop_immediate();
        // A second panic would end the process before the first is told.
        assert!(thread::panicking() || stopped.is_ok(), "{stopped:?}");
    }
}
