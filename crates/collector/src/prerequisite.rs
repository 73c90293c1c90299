//! The extensions that sections depend on, as this server has them.

use pgdba_pg::quote::quote_qualified;
use pgdba_snapshot::Prereq;
use pgdba_snapshot::prerequisites::{SQL, extension_version};

use crate::fault::Fault;
use crate::missing::Missing;
use crate::session::{Answer, Session};

/// An extension, and where its objects are.
pub(crate) struct Prerequisite {
    /// As the document names it.
    pub(crate) prereq: Prereq,
    schema: Option<String>,
}

impl Prerequisite {
    fn from_answer(answer: &Answer) -> Self {
        let error = answer.text("error");
        let prereq = Prereq {
            name: answer.text("name").unwrap_or_default(),
            available: error.is_none(),
            version: answer.text("version"),
            error,
        };
        Self { prereq, schema: answer.text("schema") }
    }

    /// The number that chooses a section's SQL, or why there is none.
    pub(crate) fn version(&self) -> Result<i64, Missing> {
        if let Some(error) = &self.prereq.error {
            return Err(Missing::Refused(error.clone()));
        }
        let text = self.prereq.version.as_deref().unwrap_or_default();
        extension_version(text).ok_or_else(|| Missing::ExtensionVersion(text.to_owned()))
    }

    /// The quoted name of the extension's main function, which bears the extension's name.
    pub(crate) fn function(&self) -> String {
        quote_qualified(self.schema.as_deref().unwrap_or_default(), &self.prereq.name)
    }
}

/// Asks for all of them. Where the server refuses to say, none is known, and the reason is a warning.
pub(crate) async fn ask(session: &mut Session, warnings: &mut Vec<String>) -> Result<Vec<Prerequisite>, Fault> {
    match session.query(SQL).await {
        Ok(rows) => Ok(rows.iter().map(Prerequisite::from_answer).collect()),
        Err(fault) => {
            let reason = fault.reason()?;
            warnings.push(format!("could not determine the installed extensions: {reason}"));
            Ok(Vec::new())
        }
    }
}
