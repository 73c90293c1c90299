//! One test binary for everything that needs a real server or the built programs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic, and so may the functions that only tests call"
)]

mod architecture;
mod cluster;
mod collect;
mod connect;
mod faults;
mod figures;
mod fixtures;
mod hijack;
mod new_rule;
mod patroni;
mod planted;
mod program;
mod psql;
mod recorded;
mod redact;
mod schemas;
mod secrets;
mod sections;
mod snapshots;
mod spoilt;
mod stopping;
mod untouched;
