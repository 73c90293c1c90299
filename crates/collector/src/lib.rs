//! Reads a live server into a DiagSnapshot without harming it.
//!
//! One connection; each section in one short read-only transaction under the guards of [`guard`]; rows go from the
//! wire into a sample, in memory while they are few, and a section that is whole goes into the document. [`collect()`] is the whole
//! of it: what it cannot read becomes a section that says why. [`parse_dsn`] finds the server as libpq would, [`AtomicFile`] keeps
//! torn files off the disk. [`explain`] has nothing to do with the document: it runs EXPLAIN for one statement.

pub mod arguments;
mod collect;
pub mod connect;
mod connect_fault;
pub mod dsn;
pub mod error;
pub mod explain;
pub mod guard;
pub mod output;

mod databases;
mod delta;
mod document;
mod encoding;
mod fault;
mod host;
mod identify;
mod malformed;
mod mask;
mod missing;
mod options;
mod outcome;
mod prerequisite;
mod redaction;
mod rows;
mod run;
mod sample;
mod section;
mod session;
mod socket;
mod standard_output;
mod stop;
mod target;
pub mod tls;
mod wording;

use std::future::Future;

pub use arguments::{CollectArguments, Progress, duration, parse_arguments, try_arguments};
pub use collect::collect;
pub use dsn::{ConnectOptions, parse_dsn};
pub use error::CollectError;
pub use fault::{Fault, Refused};
pub use identify::{Opening, open_session};
pub use malformed::Malformed;
pub use options::CollectOptions;
pub use outcome::{Collected, SectionOutcome};
pub use output::{AtomicFile, is_same_file, lock};
pub use redaction::{KeyFile, collect_redacted, read_key};
pub use session::{Answer, Session};
pub use standard_output::StandardOutput;

/// Runs `future` to its end on a runtime of the calling thread's own. From its first moment on no signal ends the process before it
/// has cleaned up: a file that `future` begins is not left half-written.
///
/// # Errors
/// Those of `future`, and a failure of the operating system to give the runtime what it needs.
pub fn block_on<T, E: From<CollectError>>(future: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(CollectError::Runtime)?;
    let outcome = runtime.block_on(async {
        let _listens = stop::Stop::after(std::time::Duration::ZERO)?;
        future.await
    });
    // A look-up of a name that nobody answers cannot be broken off, and nobody waits for it.
    runtime.shutdown_background();
    outcome
}
