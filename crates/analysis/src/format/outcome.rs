//! The outcome of rules. "Passed" and "could not be checked" are never the same thing.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Area, Severity};

/// Why a fact is missing or a rule could not run; a sentence fragment such as "pg_stat_statements is not installed".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAssessed {
    /// The reason.
    pub reason: String,
    /// Whether what is missing was not asked for: nobody measured it on this server, or for this snapshot.
    pub is_by_choice: bool,
}

impl NotAssessed {
    /// For the reason `reason`.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_by_choice: false }
    }

    /// For the reason `reason`, which is how the server or the collection was set up. Such a rule can always be made to run, and
    /// is not missed in the verdict.
    pub fn by_choice(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_by_choice: true }
    }
}

/// A fact, or why it is missing.
pub type Checked<T> = Result<T, NotAssessed>;

/// The outcome of one rule for one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// The rule found a problem.
    Found {
        /// Number of subjects that have it, without those that the policy sets aside.
        subjects: u64,
    },
    /// The rule ran and found nothing.
    Passed,
    /// The rule could not run.
    NotAssessed {
        /// The reason.
        reason: String,
        /// Whether what the rule needs was not asked for, such as a delta: the verdict does not depend on it.
        is_by_choice: bool,
    },
    /// Everything it found is set aside by the policy.
    SetAside {
        /// Number of subjects.
        subjects: u64,
    },
    /// The rule was skipped on request.
    Ignored {
        /// The reason, if the policy gives one.
        reason: Option<String>,
    },
}

/// The outcome of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Assessment {
    /// The rule's code.
    pub code: String,
    /// The rule's name.
    pub name: String,
    /// The problem that it checks for, as a sentence.
    pub title: String,
    /// The state in which it passes, as a sentence.
    pub passed: String,
    /// The area it belongs to.
    pub area: Area,
    /// The greatest severity it can find, after the policy.
    pub worst: Severity,
    /// Its outcome.
    pub outcome: Outcome,
    /// Why it did not check everything, although it found something.
    pub unchecked: Option<String>,
}

impl Assessment {
    /// Whether the verdict lacks it: it did not check everything, and not because nobody asked for what it needs.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        let is_by_choice = matches!(self.outcome, Outcome::NotAssessed { is_by_choice: true, .. });
        self.blind_spot().is_some() && !is_by_choice
    }

    /// Why it did not check everything, or anything.
    #[must_use]
    pub fn blind_spot(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::NotAssessed { reason, .. } => Some(reason),
            Outcome::Found { .. } | Outcome::SetAside { .. } | Outcome::Passed | Outcome::Ignored { .. } => {
                self.unchecked.as_deref()
            }
        }
    }
}

/// How many rules ran. `rules` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    /// All rules.
    pub rules: u64,
    /// Rules that ran.
    pub ran: u64,
    /// Rules that could not run.
    pub not_assessed: u64,
    /// Rules that were skipped on request.
    pub ignored: u64,
}

impl Coverage {
    /// The coverage of these assessments.
    #[must_use]
    pub fn of(assessments: &[Assessment]) -> Self {
        let mut coverage = Self::default();
        for assessment in assessments {
            coverage.rules += 1;
            match assessment.outcome {
                Outcome::Found { .. } | Outcome::Passed | Outcome::SetAside { .. } => coverage.ran += 1,
                Outcome::NotAssessed { .. } => coverage.not_assessed += 1,
                Outcome::Ignored { .. } => coverage.ignored += 1,
            }
        }
        coverage
    }

    /// `10 of 15 checks ran, 2 could not run, 3 ignored`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = format!("{} of {} checks ran", self.ran, self.rules);
        for (count, what) in [(self.not_assessed, "could not run"), (self.ignored, "ignored")] {
            if count > 0 {
                words.push_str(&format!(", {count} {what}"));
            }
        }
        words
    }
}
