//! `cargo xtask web`: the static page, as one HTML file and as a folder, with the analysis inside as WebAssembly.

pub mod assemble;
mod modules;
mod policy;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasm_bindgen_cli_support::Bindgen;

use self::assemble::{Parts, assemble};
use crate::setup::wasm_target::{self, TARGET};
use crate::{paths, process};

/// What the one-file page may weigh when a web server sends it compressed: 0.6 MB without the rules, and 5 kB for each of
/// them with its page.
const LARGEST_PAGE: usize = 1_450_000;

/// The built-in example, relative to the workspace.
const EXAMPLE: &str = "fixtures/example.json.gz";

/// The compiled analysis, ready for a browser or for node.
pub struct Module {
    /// The script that loads the module and holds its functions, as a classic script defining `wasm_bindgen`.
    pub glue: PathBuf,
    /// The module itself.
    pub wasm: PathBuf,
}

/// Builds module and page into `target/web/` and returns the path of the one-file page.
pub fn build() -> Result<PathBuf> {
    let module = build_module()?;
    let read = |path: &PathBuf| fs::read(path).with_context(|| format!("could not read {}", path.display()));
    let example = fs::read(paths::root().join(EXAMPLE)).ok();
    if example.is_none() {
        eprintln!("warning: {EXAMPLE} is missing, so the page has no built-in example");
    }
    let parts = Parts {
        glue: String::from_utf8(read(&module.glue)?).context("the glue is not UTF-8")?,
        wasm: read(&module.wasm)?,
        example,
    };
    let place = folder();
    let page = assemble(&paths::root().join("web"), &parts, &place)?;
    report_sizes(&page)?;
    Ok(page)
}

/// Compiles crate `wasm` and makes its glue: `target/web/pgdba.js` and `target/web/pgdba_bg.wasm`.
pub fn build_module() -> Result<Module> {
    let toolchain = wasm_target::prepare()?;
    let mut build = Command::new("cargo");
    build.args(toolchain).args(["build", "--package", "pgdba-wasm", "--profile", "wasm", "--target", TARGET]);
    // Paths of this machine have no place in a file that is handed out, and would make it differ from machine to machine.
    build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", remapped_paths());
    build.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("LD_LIBRARY_PATH");
    process::run(build.current_dir(paths::root()))?;

    let compiled = paths::target().join(TARGET).join("wasm/pgdba_wasm.wasm");
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name("pgdba")
        .typescript(false)
        .remove_producers_section(true)
        .remove_name_section(true);
    bindgen.no_modules(true)?.generate(folder())?;
    Ok(Module { glue: folder().join("pgdba.js"), wasm: folder().join("pgdba_bg.wasm") })
}

/// Where everything is put.
pub fn folder() -> PathBuf {
    paths::target().join("web")
}

fn remapped_paths() -> String {
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| home.map(|home| home.join(".cargo")));
    let pairs = cargo_home.map(|folder| (folder, "/cargo")).into_iter().chain([(paths::root(), "/pgdba")]);
    let flags = pairs.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join(" ")
}

fn report_sizes(page: &PathBuf) -> Result<()> {
    let raw = fs::read(page)?;
    let packed = gzip(&raw)?.len();
    println!("{}: {} bytes, {packed} after gzip", paths::shown(page), raw.len());
    ensure!(packed <= LARGEST_PAGE, "the page is {packed} bytes after gzip, the limit is {LARGEST_PAGE}");
    Ok(())
}

/// gzip -9, without name and time: the same bytes give the same bytes.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
