//! What the module offers, without the browser: bytes in, bytes out. The native example calls the same functions.

use pgdba_analysis::policy::PolicyError;
use pgdba_analysis::{Analysis, Changes, Options};
use pgdba_report::{Report, html};
use pgdba_snapshot::redact::{self, Key, KeyError};
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

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        Self { code: error.code(), message: format!("the key cannot be used: {error}"), hint: error.hint() }
    }
}

impl From<PolicyError> for Fault {
    fn from(error: PolicyError) -> Self {
        Self { code: error.code(), message: format!("the policy cannot be used: {error}"), hint: error.hint() }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let message = format!("the findings could not be written as JSON: {error}");
        Self { code: "internal", message, hint: "This is a defect of pgdba; please report it." }
    }
}

/// A snapshot that was read and analysed: once, whatever is made of it.
#[derive(Debug)]
pub struct Analyzed {
    analysis: Analysis,
}

impl Analyzed {
    /// Reads and analyses a snapshot; a `key` shows the names of a redacted one, a `policy` decides about findings, and empty
    /// ones are none.
    ///
    /// # Errors
    /// The snapshot, the key or the policy cannot be read, or snapshot and key do not belong together.
    pub fn of(snapshot: &[u8], key: &[u8], policy: &[u8]) -> Result<Self, Fault> {
        let mut policy = pgdba_analysis::read_policy(policy).map(|read| (!policy.is_empty()).then_some(read))?;
        policy.iter_mut().for_each(|policy| policy.file = Some("pgdba.toml".to_owned()));
        let mut snapshot = pgdba_snapshot::read(snapshot)?;
        if !key.is_empty() {
            snapshot = redact::restore(snapshot, &Key::read(key)?)?;
        }
        let options = Options { policy: policy.as_ref(), ..Options::default() };
        Ok(Self { analysis: pgdba_analysis::analyze(&snapshot, &options) })
    }

    /// Whether tokens stand in place of names.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.analysis.cluster.redacted
    }

    /// The analysis, as JSON.
    ///
    /// # Errors
    /// None that can come up with an analysis.
    pub fn findings(&self) -> Result<Vec<u8>, Fault> {
        Ok(serde_json::to_vec(&self.analysis)?)
    }

    /// The HTML report: one whole document.
    #[must_use]
    pub fn report(&self) -> Vec<u8> {
        html::render(&Report::of(&self.analysis)).into_bytes()
    }

    /// The parameters that should have other values, as the file that `pgdba config apply --file` takes; nothing where there
    /// are none.
    ///
    /// # Errors
    /// None that can come up with an analysis.
    pub fn changes(&self) -> Result<Vec<u8>, Fault> {
        let changes = Changes::of(&self.analysis);
        Ok(if changes.is_empty() { Vec::new() } else { changes.text()?.into_bytes() })
    }
}

/// The psql script that collects a snapshot where no binary may be carried to.
#[must_use]
pub fn psql_script() -> Vec<u8> {
    psql::script(&psql::Options::default()).into_bytes()
}
