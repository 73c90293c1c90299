//! `cargo xtask setup`: everything that the tests need, installed in one go.

use anyhow::Result;

use crate::servers;
use crate::setup::{browser, node, wasm_target};

/// Makes ready everything that `cargo xtask test` needs.
pub fn everything() -> Result<()> {
    for major in servers::MAJORS {
        servers::install(major)?;
    }
    servers::install_client_tools()?;
    servers::pooler::install()?;
    servers::clock::install()?;
    servers::patroni::install_all()?;
    wasm_target::prepare()?;
    browser::prepare()?;
    node::prepare_browser_tests()
}
