//! The compiler target `wasm32-unknown-unknown`, from rustup or from Debian's packages.
//!
//! It is not listed in a `rust-toolchain.toml`: where rustup's download is out of reach, every cargo command would fail.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::debian_wasm;
use super::wasm_library::has_core;
pub use super::wasm_library::{TARGET, VIA};
use crate::process;

/// Makes the target ready and returns the toolchain argument that cargo needs to build for it, if any.
pub fn prepare() -> Result<Option<&'static str>> {
    match std::env::var(VIA).as_deref() {
        Ok("debian") => debian_wasm::prepare().map(Some),
        Ok("rustup") => by_rustup().map(|()| None),
        Ok(other) if !other.is_empty() => bail!("{VIA} is {other:?}, expected rustup or debian"),
        _ => either(),
    }
}

/// What is ready now, in words; `None` when nothing is. Installs nothing.
pub fn found() -> Option<String> {
    let debian_only = std::env::var(VIA).is_ok_and(|via| via == "debian");
    if !debian_only && is_in_toolchain() {
        return Some("in the active toolchain".to_owned());
    }
    debian_wasm::is_ready().then(|| format!("cargo {}, from Debian's packages", debian_wasm::ARGUMENT))
}

/// The active toolchain where it has, or can get, the target; else Debian's packages.
fn either() -> Result<Option<&'static str>> {
    if is_in_toolchain() {
        return Ok(None);
    }
    if debian_wasm::is_ready() {
        return Ok(Some(debian_wasm::ARGUMENT));
    }
    let Err(refused) = by_rustup() else { return Ok(None) };
    println!("rustup could not add {TARGET}, trying Debian's packages");
    match debian_wasm::prepare() {
        Ok(argument) => Ok(Some(argument)),
        Err(error) => bail!("could not install the target {TARGET}\nby rustup: {refused:#}\nby Debian: {error:#}"),
    }
}

fn by_rustup() -> Result<()> {
    if is_in_toolchain() {
        return Ok(());
    }
    println!("installing the target {TARGET} (the page runs the analysis in the browser)");
    process::output(Command::new("rustup").args(["target", "add", TARGET]))?;
    Ok(())
}

/// Whether the compiler that cargo would use here has the target's standard library.
fn is_in_toolchain() -> bool {
    let mut ask = Command::new("rustc");
    ask.args(["--print", "target-libdir", "--target", TARGET]);
    process::output(&mut ask).is_ok_and(|folder| has_core(Path::new(folder.trim())))
}
