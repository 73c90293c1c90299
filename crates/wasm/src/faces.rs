//! The functions of the module without the browser: bytes in, bytes out. The native example calls the same functions.

use pgdba_analysis::policy::PolicyError;
use pgdba_analysis::tuning::form::{self, Answer};
use pgdba_analysis::{Analysis, Changes, Facts, NotAssessed, Options};
use pgdba_report::{Report, html};
use pgdba_snapshot::redact::{self, Key, KeyError};
use pgdba_snapshot::{DiagSnapshot, ReadError, psql};
use serde_json::json;

/// An error, with a message for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The stable error code.
    pub code: &'static str,
    /// The message.
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
        Self { code: error.code(), message: format!("could not use the key: {error}"), hint: error.hint() }
    }
}

impl From<PolicyError> for Fault {
    fn from(error: PolicyError) -> Self {
        Self { code: error.code(), message: format!("could not use the policy: {error}"), hint: error.hint() }
    }
}

impl From<NotAssessed> for Fault {
    fn from(missing: NotAssessed) -> Self {
        let hint = "The configuration in force must be readable: collect the section pg_settings.";
        Self { code: "not_assessed", message: format!("cannot recommend values: {}", missing.reason), hint }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let message = format!("could not read or write JSON: {error}");
        Self { code: "internal", message, hint: "This is a bug in pgdba; report it." }
    }
}

/// A snapshot that was read and analyzed once, for all outputs.
#[derive(Debug)]
pub struct Analyzed {
    snapshot: DiagSnapshot,
    analysis: Analysis,
}

impl Analyzed {
    /// Reads and analyzes a snapshot; a `key` restores the names of a redacted snapshot, and a `policy` decides about findings,
    /// unless they are empty.
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
        let analysis = pgdba_analysis::analyze(&snapshot, &options);
        Ok(Self { snapshot, analysis })
    }

    /// Whether names are replaced by tokens.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.analysis.cluster.redacted
    }

    /// The analysis, as JSON.
    ///
    /// # Errors
    /// None that can occur with an analysis.
    pub fn findings(&self) -> Result<Vec<u8>, Fault> {
        Ok(serde_json::to_vec(&self.analysis)?)
    }

    /// The HTML report: one whole document.
    #[must_use]
    pub fn report(&self) -> Vec<u8> {
        html::render(&Report::of(&self.analysis)).into_bytes()
    }

    /// The parameters that should have other values, as the file that `pgdba config apply --file` takes; nothing if there
    /// are none.
    ///
    /// # Errors
    /// None that can occur with an analysis.
    pub fn changes(&self) -> Result<Vec<u8>, Fault> {
        let changes = Changes::of(&self.analysis);
        Ok(if changes.is_empty() { Vec::new() } else { changes.text()?.into_bytes() })
    }

    /// The fields of the form for what-if tuning, with what the snapshot shows, as JSON.
    ///
    /// # Errors
    /// None that can occur with a form.
    pub fn fields(&self) -> Result<String, Fault> {
        Ok(serde_json::to_string(&form::fields(&Facts::of(&self.snapshot)))?)
    }

    /// The answer to the texts in these fields, which `values` has as JSON.
    ///
    /// # Errors
    /// The settings or the version of the server are unknown, or `values` is not what the form has.
    pub fn tune(&self, values: &str) -> Result<String, Fault> {
        let answer = form::answer(&Facts::of(&self.snapshot), &self.analysis, &serde_json::from_str(values)?)?;
        tuned(answer)
    }
}

/// The fields of the form without a snapshot, as JSON.
///
/// # Errors
/// None that can occur with a form.
pub fn fields() -> Result<String, Fault> {
    Ok(serde_json::to_string(&form::fields_without_server())?)
}

/// The answer to the texts in these fields, which `values` has as JSON.
///
/// # Errors
/// `values` is not what the form has.
pub fn tune(values: &str) -> Result<String, Fault> {
    tuned(form::answer_without_server(&serde_json::from_str(values)?))
}

/// The fields that cannot be used, the HTML document with the values, and the file with the changes, as JSON.
fn tuned(answer: Answer) -> Result<String, Fault> {
    let changes = answer.changes.map(|changes| changes.text()).transpose()?;
    let html = html::render(&answer.blocks.into_iter().collect());
    Ok(json!({ "wrong": answer.wrong, "html": html, "changes": changes }).to_string())
}

/// The psql script that collects a snapshot on hosts where binaries are not allowed.
#[must_use]
pub fn psql_script() -> Vec<u8> {
    psql::script(&psql::Options::default()).into_bytes()
}
