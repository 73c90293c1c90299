//! The wasm target from Debian's packages, for machines that reach a Debian mirror but not rustup's server.
//!
//! Debian's compiler comes with the source of the standard library but not with its build for wasm. So it is built
//! once, put where the compiler looks for it, and the compiler becomes a rustup toolchain of its own name: cargo then
//! uses it for the page's module only, and both compilers share one lock file and one target folder.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::wasm_library::{TARGET, VIA, has_core};
use super::{lock, packages};
use crate::{privilege, process};

/// How cargo is told to use Debian's compiler.
pub(super) const ARGUMENT: &str = "+debian-wasm";
const TOOLCHAIN: &str = "debian-wasm";

const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const RUSTC: &str = "/usr/bin/rustc";
const SOURCE: &str = "/usr/lib/rustlib/src/rust";
const LIBRARIES: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";
const LINKER: &str = "/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld";
/// Says from which compiler and source the libraries were built; an upgrade of the packages makes it stale.
const STAMP: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/built-from";

/// Whether everything is in place and belongs to the installed compiler.
pub(super) fn is_ready() -> bool {
    let stamped = fs::read_to_string(STAMP).ok();
    let linked = rustup_home().is_some_and(|home| home.join("toolchains").join(TOOLCHAIN).exists());
    linked
        && Path::new(LINKER).exists()
        && has_core(Path::new(LIBRARIES))
        && stamped.is_some()
        && stamped == origin().ok()
}

/// Installs what is missing and returns [`ARGUMENT`].
pub(super) fn prepare() -> Result<&'static str> {
    if is_ready() {
        return Ok(ARGUMENT);
    }
    let _lock = lock::exclusive("wasm-target")?;
    if !is_ready() {
        install().with_context(|| format!("could not make the wasm target from Debian's packages ({VIA} chooses)"))?;
    }
    Ok(ARGUMENT)
}

fn install() -> Result<()> {
    if PACKAGES.iter().any(|package| packages::installed(package).is_none()) {
        packages::install(&PACKAGES, "the compiler for the page's WebAssembly module")?;
    }
    println!("building the standard library for {TARGET} with Debian's compiler (once, under a minute)");
    let workbench = tempfile::tempdir()?;
    build_std(workbench.path())?;
    install_libraries(&workbench.path().join("target").join(TARGET).join("release/deps"))?;

    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let linker = Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
    as_root("mkdir", [OsStr::new("-p"), parent(LINKER).as_os_str()])?;
    as_root("ln", [OsStr::new("-sfn"), linker.as_os_str(), OsStr::new(LINKER)])?;
    process::output(Command::new("rustup").args(["toolchain", "link", TOOLCHAIN, "/usr"]))?;

    let stamp = workbench.path().join("stamp");
    fs::write(&stamp, origin()?)?;
    as_root("cp", [stamp.as_os_str(), OsStr::new(STAMP)])
}

/// Builds std as a by-product of an empty crate.
fn build_std(folder: &Path) -> Result<()> {
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    // Std's own dependencies lie in the source package; cargo looks there only when it is told.
    let vendored = fs::canonicalize(SOURCE).context("Debian's rust-web-src is not there")?.join("library/vendor");
    let source = format!("source.v.directory={:?}", vendored.display().to_string());
    let mut build = Command::new("/usr/bin/cargo");
    build.args(["build", "--release", "--quiet", "--target", TARGET, "-Zbuild-std=std,panic_abort,test"]);
    build.args(["--config", "source.crates-io.replace-with=\"v\"", "--config", &source]).current_dir(folder);
    // With rustup's folder first in PATH, Debian's cargo would call rustup's compiler, which is of another version.
    build.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder).env("CARGO_HOME", folder.join("home"));
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
    process::output(build.env("CARGO_TARGET_DIR", folder.join("target")))?;
    Ok(())
}

fn install_libraries(built: &Path) -> Result<()> {
    let entries = fs::read_dir(built).with_context(|| format!("could not list {}", built.display()))?;
    let files = entries.flatten().map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".rlib") && !name.starts_with("libempty-")
    });
    let files = files.collect::<Vec<_>>();
    // Libraries of an older compiler must not stay beside the new ones.
    as_root("rm", [OsStr::new("-rf"), OsStr::new(LIBRARIES), OsStr::new(STAMP)])?;
    as_root("mkdir", [OsStr::new("-p"), OsStr::new(LIBRARIES)])?;
    let words = files.iter().map(|file| file.as_os_str()).chain([OsStr::new(LIBRARIES)]);
    as_root("cp", words)
}

/// Compiler and source that the libraries must come from.
fn origin() -> Result<String> {
    let source = fs::canonicalize(SOURCE).context("Debian's rust-web-src is not there")?;
    let version = process::output(Command::new(RUSTC).arg("-vV").env_remove("LD_LIBRARY_PATH"))?;
    Ok(format!("{version}source: {}\n", source.display()))
}

fn as_root<'a>(program: &str, words: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
    let mut command = privilege::as_root(program).context("needs root, or sudo without a password")?;
    process::output(command.args(words))?;
    Ok(())
}

fn parent(path: &str) -> &Path {
    Path::new(path).parent().unwrap_or(Path::new("/"))
}

fn rustup_home() -> Option<PathBuf> {
    match std::env::var_os("RUSTUP_HOME") {
        Some(home) => Some(home.into()),
        None => std::env::var_os("HOME").map(|home| Path::new(&home).join(".rustup")),
    }
}
