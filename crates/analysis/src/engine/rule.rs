//! The form of a rule: data about it, and the two functions that find and word.

use pgdba_pg::{Bytes, Millis, Ratio, display};
use pgdba_snapshot::SectionSpec;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::outcome::NotAssessed;
use crate::facts::Facts;
use crate::finding::Finding;

/// What part of a server a rule looks at. The order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Whether committed data survive a crash.
    Durability,
    /// The configuration as such.
    Settings,
    /// Checkpoints and WAL.
    Checkpoints,
    /// Connections and sessions.
    Connections,
    /// Autovacuum, dead rows, freezing.
    Vacuum,
    /// Indexes.
    Indexes,
    /// Statements.
    Statements,
    /// The planner's statistics.
    Statistics,
    /// Versions and upgrades.
    Versions,
}

impl Area {
    /// The heading every face uses.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Durability => "Durability",
            Self::Settings => "Settings",
            Self::Checkpoints => "Checkpoints and WAL",
            Self::Connections => "Connections",
            Self::Vacuum => "Vacuum",
            Self::Indexes => "Indexes",
            Self::Statements => "Statements",
            Self::Statistics => "Planner statistics",
            Self::Versions => "Versions",
        }
    }
}

/// A named number of a rule, quoted by its page.
#[derive(Debug)]
pub struct Threshold {
    /// The constant's name, as the page writes it in braces.
    pub name: &'static str,
    /// Its value as people read it.
    pub value: fn() -> String,
    /// What it is for.
    pub doc: &'static str,
}

/// A type that a threshold can have.
pub trait ThresholdValue {
    /// The value as people read it.
    fn show(&self) -> String;
}

impl ThresholdValue for i64 {
    fn show(&self) -> String {
        display::count(*self)
    }
}

impl ThresholdValue for f64 {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl ThresholdValue for Ratio {
    fn show(&self) -> String {
        display::percent(*self)
    }
}

impl ThresholdValue for Bytes {
    fn show(&self) -> String {
        display::bytes(*self)
    }
}

impl ThresholdValue for Millis {
    fn show(&self) -> String {
        display::duration(*self)
    }
}

/// A rule: everything about it that is data, and how to run it. Made by the [`rule!`](crate::rule!) macro only.
#[derive(Debug)]
pub struct Rule {
    /// Its code, such as `PGD101`; never used twice.
    pub code: &'static str,
    /// Its name, which is also the name of its file and of its page.
    pub name: &'static str,
    /// The bad state in words, as a heading.
    pub title: &'static str,
    /// What it belongs to.
    pub area: Area,
    /// Its page, with thresholds still in braces; see [`crate::engine::page`].
    pub doc: &'static str,
    /// The sections without which it cannot look. One that the server's version does not have is not needed.
    pub needs: &'static [&'static SectionSpec],
    /// Those of `needs` that must not hide rows of other users.
    pub needs_whole: &'static [&'static SectionSpec],
    /// Its numbers.
    pub thresholds: &'static [Threshold],
    /// Finds and words.
    pub run: fn(&Facts) -> Result<Vec<Finding>, NotAssessed>,
    /// The facts it found, in the form of the code, for `pgdba rule CODE --explain`.
    pub explain: fn(&Facts) -> Result<String, NotAssessed>,
}

impl Rule {
    /// Whether `word` is this rule's code or name.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        self.code.eq_ignore_ascii_case(word) || self.name.eq_ignore_ascii_case(word)
    }

    /// Begins a finding of this rule; the wording function fills in the rest.
    #[must_use]
    pub fn finding(&self, parts: Parts) -> Finding {
        Finding {
            code: self.code.to_owned(),
            name: self.name.to_owned(),
            area: self.area,
            severity: parts.severity,
            confidence: parts.confidence,
            subject: parts.subject,
            summary: parts.summary,
            rationale: parts.rationale,
            evidence: parts.evidence,
            details: parts.details,
            remedy: parts.remedy,
            source: parts.source.to_owned(),
        }
    }
}

/// What a rule's `describe` says; the engine adds code, name and area.
#[derive(Debug)]
pub struct Parts {
    /// See [`Finding::severity`].
    pub severity: crate::finding::Severity,
    /// See [`Finding::confidence`].
    pub confidence: crate::finding::Confidence,
    /// See [`Finding::subject`].
    pub subject: crate::finding::Subject,
    /// See [`Finding::summary`].
    pub summary: String,
    /// See [`Finding::rationale`].
    pub rationale: String,
    /// See [`Finding::evidence`].
    pub evidence: Vec<crate::finding::Evidence>,
    /// See [`Finding::details`].
    pub details: Vec<crate::detail::Detail>,
    /// See [`Finding::remedy`].
    pub remedy: crate::finding::Remedy,
    /// See [`Finding::source`].
    pub source: &'static str,
}

/// A figure that a finding rests on.
pub fn evidence(name: &str, value: impl Into<crate::Quantity>) -> crate::finding::Evidence {
    crate::finding::Evidence { name: name.to_owned(), value: value.into(), limit: None }
}

/// A figure that a finding rests on, and the figure it was held against.
pub fn evidence_against(
    name: &str,
    value: impl Into<crate::Quantity>,
    limit: impl Into<crate::Quantity>,
) -> crate::finding::Evidence {
    crate::finding::Evidence { name: name.to_owned(), value: value.into(), limit: Some(limit.into()) }
}

/// Declares a rule. The file provides `fn check(&Facts) -> Result<Vec<Found>, NotAssessed>`, which finds, and
/// `fn describe(&Found) -> Parts`, which words; `Found` is whatever derives `Debug` and holds the figures used.
#[macro_export]
macro_rules! rule {
    (
        $(#[doc = $doc:expr])+
        rule $name:ident {
            code: $code:literal,
            title: $title:literal,
            area: $area:ident,
            needs: [$($need:ident),* $(,)?],
            $(needs_whole: [$($whole:ident),* $(,)?],)?
            thresholds: {
                $($(#[doc = $threshold_doc:expr])+ $threshold:ident : $ty:ty = $value:expr,)*
            },
        }
    ) => {
        $($(#[doc = $threshold_doc])+ const $threshold: $ty = $value;)*

        #[doc = $title]
        pub static RULE: $crate::engine::rule::Rule = $crate::engine::rule::Rule {
            code: $code,
            name: stringify!($name),
            title: $title,
            area: $crate::engine::rule::Area::$area,
            doc: concat!($($doc, "\n"),+),
            needs: &[$(&pgdba_snapshot::sections::$need::SPEC),*],
            needs_whole: &[$($(&pgdba_snapshot::sections::$whole::SPEC),*)?],
            thresholds: &[$($crate::engine::rule::Threshold {
                name: stringify!($threshold),
                value: || $crate::engine::rule::ThresholdValue::show(&$threshold),
                doc: concat!($($threshold_doc, "\n"),+),
            }),*],
            run: |facts| Ok(check(facts)?.iter().map(|found| RULE.finding(describe(found))).collect()),
            explain: |facts| Ok(format!("{:#?}", check(facts)?)),
        };
    };
}

/// Declares the rules of an area: their modules and the list of them in one go.
#[macro_export]
macro_rules! registry {
    ($($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        /// The rules of this area.
        pub static RULES: &[&$crate::engine::rule::Rule] = &[$(&$name::RULE),+];
    };
}
