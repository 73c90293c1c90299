//! What a policy did to an analysis: everything that it hides is counted.

use jiff::civil::Date;
use pgdba_pg::display::counted;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Severity, Subject};

/// What the policy did. All members are empty without a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicySummary {
    /// The path of the policy file.
    pub file: Option<String>,
    /// Rules that were skipped, because all their subjects are silenced.
    pub skipped: u64,
    /// Subjects that are silenced.
    pub silenced: u64,
    /// Subjects that were accepted before, whether they are shown or set aside.
    pub accepted: u64,
    /// Subjects whose severity was changed.
    pub overridden: u64,
    /// Entries that expired, have no effect or cannot match, one sentence each.
    pub notes: Vec<String>,
}

impl PolicySummary {
    /// `1 check skipped, 3 subjects silenced, 1 accepted, 2 with changed severity`, unless the policy did nothing.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let counts =
            [(self.silenced, "silenced"), (self.accepted, "accepted"), (self.overridden, "with changed severity")];
        let mut counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let skipped = (self.skipped > 0).then(|| format!("{} skipped", counted(self.skipped, "check", "checks")));
        let first = counts.next().map(|(count, what)| format!("{} {what}", counted(count, "subject", "subjects")));
        let words: Vec<String> =
            skipped.into_iter().chain(first).chain(counts.map(|(count, what)| format!("{count} {what}"))).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// What the policy file did, in words, if there is one.
    #[must_use]
    pub fn effect_of_file(&self) -> Option<(&str, String)> {
        let file = self.file.as_deref()?;
        Some((file, self.words().unwrap_or_else(|| "no effect on the findings".to_owned())))
    }
}

/// A severity that the policy changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Overridden {
    /// The rule's severity.
    pub from: Severity,
    /// The reason given in the policy.
    pub reason: String,
    /// The line of the entry in the policy file.
    pub line: u64,
}

/// A subject that was found but is not shown as a finding.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SetAside {
    /// The stable id: the rule's code and the subject.
    pub id: String,
    /// The rule's code.
    pub code: String,
    /// The rule's name.
    pub name: String,
    /// The affected object.
    pub subject: Subject,
    /// Its display name.
    pub label: String,
    /// The rule's severity.
    pub severity: Severity,
    /// Why it is set aside.
    pub why: Why,
}

/// Why something is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Why {
    /// An entry of the policy silences it.
    Silenced {
        /// The reason given in the policy.
        reason: String,
        /// The last day on which the entry has effect.
        #[schemars(with = "Option<String>")]
        until: Option<Date>,
        /// The line of the entry in the policy file.
        line: u64,
    },
    /// It was accepted before, and only new findings were requested.
    Accepted,
}

impl Why {
    /// The reason in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Silenced { reason, until: Some(until), .. } => format!("silenced until {until}: {reason}"),
            Self::Silenced { reason, until: None, .. } => format!("silenced: {reason}"),
            Self::Accepted => "accepted".to_owned(),
        }
    }
}
