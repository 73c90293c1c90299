//! One test binary for everything that needs a real server or the built programs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic, and so may the functions that only tests call"
)]

mod architecture;
mod fixtures;
mod new_rule;
mod program;
mod redact;
mod sections;
mod snapshots;
mod spoilt;
mod untouched;
