//! Making ready what the build and the tests need and a bare machine does not have.
//!
//! Each step first checks, in milliseconds, whether its part is there; only then it says in one line what it installs and
//! why, and installs it.

pub mod browser;
mod debian_wasm;
pub mod lock;
pub mod node;
pub mod packages;
pub mod privilege;
pub mod wasm_target;

use anyhow::Result;

use crate::servers;

/// Makes ready everything that `cargo xtask test` needs.
pub fn everything() -> Result<()> {
    for major in servers::MAJORS {
        servers::install(major)?;
    }
    servers::install_client_tools()?;
    servers::pooler::install()?;
    servers::patroni::install_all()?;
    wasm_target::prepare()?;
    browser::prepare()?;
    node::prepare_browser_tests()
}
