//! One test binary for everything that needs a real server or the built programs.

mod architecture;
mod fixtures;
mod new_rule;
mod program;
mod snapshots;
mod spoilt;
mod untouched;
