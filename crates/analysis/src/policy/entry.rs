//! An entry of a policy: which subjects it matches, and its effect on them.

use jiff::civil::Date;

use super::glob::Pattern;
use crate::format::{Area, Severity, Subject, SubjectKind};

/// A rule as a policy knows it.
#[derive(Debug, Clone, Copy)]
pub struct RuleName<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its area.
    pub area: Area,
}

/// The effect of an entry on what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is not shown as a finding.
    Silence,
    /// It has this severity at most.
    Lower(Severity),
    /// It has this severity at least.
    Raise(Severity),
}

impl Effect {
    /// The key that the file uses for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::Lower(_) => "lower",
            Self::Raise(_) => "raise",
        }
    }

    /// The severity after it; `None` if it silences.
    #[must_use]
    pub fn on(self, severity: Severity) -> Option<Severity> {
        match self {
            Self::Silence => None,
            Self::Lower(to) => Some(severity.min(to)),
            Self::Raise(to) => Some(severity.max(to)),
        }
    }
}

/// An entry of the policy.
#[derive(Debug)]
pub struct Entry {
    /// Its effect on what it matches.
    pub effect: Effect,
    /// The reason given.
    pub reason: String,
    /// The last day on which it has effect.
    pub until: Option<Date>,
    /// Its line in the file.
    pub line: u64,
    /// Its column, if another entry begins in the same line.
    pub(super) column: Option<u64>,
    pub(super) rules: Vec<&'static str>,
    pub(super) areas: Vec<Area>,
    pub(super) objects: Objects,
}

impl Entry {
    /// Whether it applies to `rule`.
    #[must_use]
    pub fn covers(&self, rule: RuleName<'_>) -> bool {
        let all = self.rules.is_empty() && self.areas.is_empty();
        all || self.rules.contains(&rule.code) || self.areas.contains(&rule.area)
    }

    /// Whether it applies to every subject of its rules.
    #[must_use]
    pub fn covers_every_subject(&self) -> bool {
        self.objects == Objects::default()
    }

    /// Whether it applies to `subject`; in a redacted snapshot patterns for names match nothing.
    #[must_use]
    pub fn matches(&self, subject: &Subject, is_redacted: bool) -> bool {
        self.objects.matches(subject, is_redacted)
    }

    /// Whether it names objects whose names are tokens in a redacted snapshot.
    #[must_use]
    pub fn needs_names(&self) -> bool {
        let objects = &self.objects;
        let is_plain = !objects.kinds.is_empty() && objects.kinds.iter().all(|kind| is_never_redacted(*kind));
        !is_plain
            && [&objects.database, &objects.schema, &objects.table, &objects.name]
                .into_iter()
                .any(|list| !list.is_empty())
    }

    /// `line 3 (silence)`, with the column if another entry begins in the same line.
    #[must_use]
    pub fn place(&self) -> String {
        let column = self.column.map(|column| format!(", column {column}")).unwrap_or_default();
        format!("line {}{column} ({})", self.line, self.effect.word())
    }
}

/// Patterns for the parts of a subject; an empty list matches everything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Objects {
    pub(super) kinds: Vec<SubjectKind>,
    pub(super) database: Vec<Pattern>,
    pub(super) schema: Vec<Pattern>,
    pub(super) table: Vec<Pattern>,
    pub(super) name: Vec<Pattern>,
}

impl Objects {
    fn matches(&self, subject: &Subject, is_redacted: bool) -> bool {
        let is_token = is_redacted && !is_never_redacted(subject.kind);
        let has = |patterns: &[Pattern], part: Option<&str>| {
            let fits = |part: &str| patterns.iter().any(|pattern| pattern.matches(part));
            patterns.is_empty() || (!is_token && part.is_some_and(fits))
        };
        let own = (subject.kind == SubjectKind::Database).then_some(subject.name.as_str());
        (self.kinds.is_empty() || self.kinds.contains(&subject.kind))
            && has(&self.database, subject.database.as_deref().or(own))
            && has(&self.schema, subject.schema.as_deref())
            && has(&self.table, subject.table.as_deref())
            && has(&self.name, Some(&subject.name))
    }
}

/// Kinds whose names are never redacted.
fn is_never_redacted(kind: SubjectKind) -> bool {
    matches!(kind, SubjectKind::Cluster | SubjectKind::Parameter | SubjectKind::FileSystem | SubjectKind::HbaLine)
}
