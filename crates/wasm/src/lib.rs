//! The pure crates for a browser: bytes in, bytes out.
//!
//! No logic lives here: [`faces`] calls the other crates, and the functions below hand it to JavaScript. A fault
//! arrives there as a string of JSON with the members `code`, `message` and `hint`.

pub mod faces;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::faces::Fault;

/// The version of pgdba inside this module.
#[must_use]
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The analysis of a snapshot (plain or gzip), as JSON.
///
/// # Errors
/// The fault as JSON, where the snapshot cannot be read.
#[wasm_bindgen]
pub fn analyze(snapshot: &[u8]) -> Result<Vec<u8>, JsValue> {
    faces::analyze(snapshot).map_err(thrown)
}

/// The HTML report of a snapshot (plain or gzip), as one whole document in UTF-8.
///
/// # Errors
/// The fault as JSON, where the snapshot cannot be read.
#[wasm_bindgen]
pub fn report(snapshot: &[u8]) -> Result<Vec<u8>, JsValue> {
    faces::report(snapshot).map_err(thrown)
}

/// The parameters that should have other values, as the file that `pgdba config apply --file` takes, in UTF-8; empty where
/// there are none.
///
/// # Errors
/// The fault as JSON, where the snapshot cannot be read.
#[wasm_bindgen]
pub fn changes(snapshot: &[u8]) -> Result<Vec<u8>, JsValue> {
    faces::changes(snapshot).map_err(thrown)
}

/// The psql script that collects a snapshot where no binary may be carried to, in UTF-8.
#[must_use]
#[wasm_bindgen]
pub fn psql_script() -> Vec<u8> {
    faces::psql_script()
}

fn thrown(fault: Fault) -> JsValue {
    JsValue::from_str(&fault.to_json())
}
