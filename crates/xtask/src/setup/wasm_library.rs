//! The standard library of the page's target, wherever it comes from.

use std::fs;
use std::path::Path;

/// The target of the page's module.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Which way is taken: `rustup`, `debian`, or unset for the first one that works.
pub const VIA: &str = "PGDBA_WASM_VIA";

/// Whether a folder of libraries holds the core library: rustc knows the folder's name also where it is not installed.
pub(super) fn has_core(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}
