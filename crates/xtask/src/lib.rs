//! Build, set-up and generators behind `cargo xtask`, and what the end-to-end tests build on.

pub mod paths;
pub mod process;
pub mod servers;
pub mod setup;
