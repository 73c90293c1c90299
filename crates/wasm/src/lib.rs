//! The pure crates for a browser: bytes in, bytes out.
//!
//! No logic lives here: [`faces`] calls the other crates, and the functions below hand it to JavaScript. An error
//! arrives there as a JSON string with the members `code`, `message` and `hint`.

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

/// A snapshot that was read and analyzed.
#[derive(Debug)]
#[wasm_bindgen]
pub struct Analyzed(faces::Analyzed);

#[wasm_bindgen]
impl Analyzed {
    /// Reads and analyzes a snapshot (plain or gzip); the bytes of a key file restore the names of a redacted snapshot, and
    /// those of a policy file decide about findings, unless they are empty.
    ///
    /// # Errors
    /// The fault as JSON, where the snapshot, the key or the policy cannot be read, or snapshot and key do not belong together.
    #[wasm_bindgen(constructor)]
    pub fn new(snapshot: &[u8], key: &[u8], policy: &[u8]) -> Result<Self, JsValue> {
        faces::Analyzed::of(snapshot, key, policy).map(Self).map_err(thrown)
    }

    /// Whether names are replaced by tokens.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.0.is_redacted()
    }

    /// The analysis as JSON.
    ///
    /// # Errors
    /// The fault as JSON, where it cannot be written.
    pub fn findings(&self) -> Result<Vec<u8>, JsValue> {
        self.0.findings().map_err(thrown)
    }

    /// The HTML report, as one whole document in UTF-8.
    #[must_use]
    pub fn report(&self) -> Vec<u8> {
        self.0.report()
    }

    /// The parameters that should have other values, as the file that `pgdba config apply --file` takes, in UTF-8; empty
    /// where there are none.
    ///
    /// # Errors
    /// The fault as JSON, where it cannot be written.
    pub fn changes(&self) -> Result<Vec<u8>, JsValue> {
        self.0.changes().map_err(thrown)
    }
}

/// The psql script that collects a snapshot on hosts where binaries are not allowed, in UTF-8.
#[must_use]
#[wasm_bindgen]
pub fn psql_script() -> Vec<u8> {
    faces::psql_script()
}

fn thrown(fault: Fault) -> JsValue {
    JsValue::from_str(&fault.to_json())
}
