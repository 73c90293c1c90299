//! What the module offers, without the browser: bytes in, bytes out. The native example calls the same functions.

use pgdba_analysis::{Analysis, Changes, Options};
use pgdba_report::{Report, html};
use pgdba_snapshot::{ReadError, psql};
use serde_json::json;

/// Why there is no answer, in the words of the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The stable word for this fault.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: &'static str,
}

impl Fault {
    /// The fault as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        json!({ "code": self.code, "message": self.message, "hint": self.hint }).to_string()
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Self { code: error.code(), message: error.to_string(), hint: error.hint() }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let message = format!("the findings could not be written as JSON: {error}");
        Self { code: "internal", message, hint: "This is a defect of pgdba; please report it." }
    }
}

/// The analysis of a snapshot, as JSON.
///
/// # Errors
/// The snapshot cannot be read.
pub fn analyze(snapshot: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(serde_json::to_vec(&analysis(snapshot)?)?)
}

/// The HTML report of a snapshot: one whole document.
///
/// # Errors
/// The snapshot cannot be read.
pub fn report(snapshot: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(html::render(&Report::of(&analysis(snapshot)?)).into_bytes())
}

/// The parameters that should have other values, as the file that `pgdba config apply --file` takes; nothing where there are
/// none.
///
/// # Errors
/// The snapshot cannot be read.
pub fn changes(snapshot: &[u8]) -> Result<Vec<u8>, Fault> {
    let analysis = analysis(snapshot)?;
    let changes = Changes::of(&analysis.recommendations, analysis.cluster.fingerprint);
    Ok(if changes.is_empty() { Vec::new() } else { changes.text()?.into_bytes() })
}

/// The psql script that collects a snapshot where no binary may be carried to.
#[must_use]
pub fn psql_script() -> Vec<u8> {
    psql::script(&psql::Options::default()).into_bytes()
}

fn analysis(snapshot: &[u8]) -> Result<Analysis, ReadError> {
    Ok(pgdba_analysis::analyze(&pgdba_snapshot::read(snapshot)?, &Options::default()))
}
