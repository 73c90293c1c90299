//! Making ready what the build and the tests need and a bare machine does not have.
//!
//! Each step first checks, in milliseconds, whether its part is there; only then it says in one line what it installs and
//! why, and installs it.

pub mod browser;
mod debian_wasm;
pub mod lock;
pub mod node;
pub mod packages;
mod wasm_library;
pub mod wasm_target;
