//! The outcome of rules. "Passed" and "could not be checked" are never the same thing.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Area, Severity};

/// Why a fact is missing or a rule could not run; a sentence fragment such as "pg_stat_statements is not installed".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAssessed {
    /// The reason.
    pub reason: String,
    /// Whether what is missing was to be expected: nobody asked for it, or the server's version does not have it.
    pub is_expected: bool,
}

impl NotAssessed {
    /// For the reason `reason`.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_expected: false }
    }

    /// For the reason `reason`, which follows from the server's version, or from how the server or the collection was set up. Such
    /// a rule is not missed in the verdict.
    pub fn expected(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_expected: true }
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
        /// Whether that was to be expected, since nobody asked for what the rule needs, such as a delta, or the server's version
        /// does not have it: the verdict does not depend on it.
        is_expected: bool,
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
    /// Whether the verdict lacks it: it did not check everything, for a reason that was not to be expected.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        let is_expected = matches!(self.outcome, Outcome::NotAssessed { is_expected: true, .. });
        self.blind_spot().is_some() && !is_expected
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
