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

    /// The fields of the form for what-if tuning, with what the snapshot shows, as JSON.
    ///
    /// # Errors
    /// The fault as JSON, where it cannot be written.
    pub fn fields(&self) -> Result<String, JsValue> {
        self.0.fields().map_err(thrown)
    }

    /// The answer to the texts in these fields: fields that cannot be used, values as an HTML document, and the file that
    /// `pgdba config apply --file` takes, as JSON.
    ///
    /// # Errors
    /// The fault as JSON, where the settings are unknown or `values` is not what the form has.
    pub fn tune(&self, values: &str) -> Result<String, JsValue> {
        self.0.tune(values).map_err(thrown)
    }
}

/// The fields of the form for what-if tuning without a snapshot, as JSON.
///
/// # Errors
/// The fault as JSON, where it cannot be written.
#[wasm_bindgen]
pub fn fields() -> Result<String, JsValue> {
    faces::fields().map_err(thrown)
}

/// The answer to the texts in these fields, as that of [`Analyzed::tune`].
///
/// # Errors
/// The fault as JSON, where `values` is not what the form has.
#[wasm_bindgen]
pub fn tune(values: &str) -> Result<String, JsValue> {
    faces::tune(values).map_err(thrown)
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
