//! Why a text cannot be read as a plan.

use thiserror::Error;

use crate::limits::{MAX_BYTES, MAX_LINES, MAX_NODES, MAX_VALUES};

/// Why a text cannot be read as a plan. [`ReadError::hint`] says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Nothing, or only white space.
    #[error("the text is empty")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("the text is larger than {} MB", MAX_BYTES >> 20)]
    TooLarge,
    /// More than [`MAX_LINES`].
    #[error("the text has more than {MAX_LINES} lines")]
    TooManyLines,
    /// More than [`MAX_NODES`].
    #[error("the text contains plans of more than {MAX_NODES} nodes")]
    TooManyNodes,
    /// More than [`MAX_VALUES`].
    #[error("the text contains plans with more than {MAX_VALUES} values")]
    TooManyValues,
    /// A plan in a form that is not read.
    #[error("the plan is in {0} format, which is not supported")]
    OtherFormat(OtherFormat),
    /// JSON with a plan that ends too early.
    #[error("the JSON of the plan ends at line {line}, before it is complete")]
    Truncated {
        /// Line of the text, from 1.
        line: usize,
    },
    /// JSON with a plan that cannot be read.
    #[error("invalid JSON at line {line}: {found:?} is not expected here")]
    InvalidJson {
        /// Line of the text, from 1.
        line: usize,
        /// The character.
        found: char,
    },
    /// The line of a node that is below no other one, so that its parent is not known.
    #[error("the node at line {line} is not below another one by its indentation")]
    LostNode {
        /// Line of the text, from 1.
        line: usize,
    },
    /// EXPLAIN of a statement that has no plan, such as DDL.
    #[error("the statement has no plan: EXPLAIN reports {0:?}")]
    NoPlanOfStatement(&'static str),
    /// No plan in the text.
    #[error("the text does not contain a plan")]
    NoPlan,
}

/// The formats of EXPLAIN that are recognized and not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherFormat {
    /// `FORMAT XML`
    Xml,
    /// `FORMAT YAML`
    Yaml,
}

impl std::fmt::Display for OtherFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Xml => "XML",
            Self::Yaml => "YAML",
        })
    }
}

impl ReadError {
    /// The stable word for this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "plan_empty",
            Self::TooLarge | Self::TooManyLines | Self::TooManyNodes | Self::TooManyValues => "plan_too_large",
            Self::OtherFormat(_) => "plan_other_format",
            Self::Truncated { .. } => "plan_truncated",
            Self::InvalidJson { .. } => "plan_invalid_json",
            Self::LostNode { .. } => "plan_indentation",
            Self::NoPlanOfStatement(_) => "plan_of_utility",
            Self::NoPlan => "plan_missing",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::NoPlan => {
                "Paste the output of EXPLAIN (ANALYZE, BUFFERS) in format TEXT or JSON, from its first line to its last."
            }
            Self::TooLarge | Self::TooManyLines | Self::TooManyNodes | Self::TooManyValues => {
                "Paste only the plans that you want to read."
            }
            Self::OtherFormat(_) => "Run EXPLAIN again with FORMAT JSON or FORMAT TEXT.",
            Self::Truncated { .. } | Self::InvalidJson { .. } => {
                "Copy the plan again, from its first line to its last."
            }
            Self::LostNode { .. } => {
                "Copy the plan again with its indentation, from its first line to its last, or use FORMAT JSON."
            }
            Self::NoPlanOfStatement(_) => "Explain a SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES or EXECUTE.",
        }
    }
}
