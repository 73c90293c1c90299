//! What a rule says, with defaults for everything that most rules do not.

use crate::engine::rule::Rule;
use crate::facts::surroundings::Surroundings;
use crate::format::block::Code;
use crate::format::{
    Affected, Block, Confidence, Effort, Figure, Finding, ParameterValue, Remedy, Severity, Subject, Weight,
};

/// A finding in the making. The engine adds what the rule's declaration says, and words the remedy for its surroundings.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) severity: Severity,
    confidence: Confidence,
    summary: String,
    rationale: String,
    evidence: Vec<Figure>,
    details: Vec<Block>,
    subjects: Vec<Affected>,
    pub(super) remedy: Remedy,
    /// Whether the statements of the remedy write, so that a standby refuses them.
    pub(super) writes: bool,
}

impl Draft {
    /// A finding whose greatest severity is `severity`. The summary is an imperative that names the object and the
    /// deciding figure, without a full stop.
    #[must_use]
    pub fn new(severity: Severity, summary: impl Into<String>) -> Self {
        Self {
            severity,
            confidence: Confidence::High,
            summary: summary.into(),
            rationale: String::new(),
            evidence: Vec::new(),
            details: Vec::new(),
            subjects: Vec::new(),
            remedy: Remedy::default(),
            writes: false,
        }
    }

    /// How certain it is, where that is not high.
    #[must_use]
    pub fn confidence(self, confidence: Confidence) -> Self {
        Self { confidence, ..self }
    }

    /// What was found and what it leads to.
    #[must_use]
    pub fn because(self, rationale: impl Into<String>) -> Self {
        Self { rationale: rationale.into(), ..self }
    }

    /// What is affected, in any order.
    pub(super) fn about(self, subjects: Vec<Affected>) -> Self {
        Self { subjects, ..self }
    }

    /// A figure of the whole finding.
    #[must_use]
    pub fn evidence(mut self, figure: Figure) -> Self {
        self.evidence.push(figure);
        self
    }

    /// More, for those who want it.
    #[must_use]
    pub fn show(mut self, block: Block) -> Self {
        self.details.push(block);
        self
    }

    /// What to do, in a few sentences.
    #[must_use]
    pub fn advise(mut self, text: impl Into<String>) -> Self {
        self.remedy.text = text.into();
        self
    }

    /// Sets a parameter for the whole cluster, taking effect by `effort`. How that is done and undone, the engine adds: it
    /// depends on who manages this server's configuration. The advice says what else there is to do. From this the engine
    /// makes a [recommendation](crate::format::Recommendation).
    #[must_use]
    pub fn set(mut self, parameter: &str, value: impl Into<String>, effort: Effort) -> Self {
        self.remedy.sets = Some(ParameterValue { parameter: parameter.to_owned(), value: value.into() });
        self.effort(effort)
    }

    /// Statements that only read.
    #[must_use]
    pub fn query(mut self, sql: impl Into<String>) -> Self {
        self.remedy.script = Some(Code::sql(sql));
        self
    }

    /// Statements that write, besides those of the subjects.
    #[must_use]
    pub fn run(self, sql: impl Into<String>) -> Self {
        Self { writes: true, ..self.query(sql) }
    }

    /// What the remedy takes, where that is not statements while the server keeps running.
    #[must_use]
    pub fn effort(mut self, effort: Effort) -> Self {
        self.remedy.effort = effort;
        self
    }

    /// What the remedy locks or loads while it runs.
    #[must_use]
    pub fn impact(mut self, text: impl Into<String>) -> Self {
        self.remedy.impact = Some(text.into());
        self
    }

    /// Statements that undo the remedy.
    #[must_use]
    pub fn undo(mut self, sql: impl Into<String>) -> Self {
        self.remedy.undo = Some(Code::sql(sql));
        self
    }

    /// How to undo the remedy, where no statement known beforehand does.
    #[must_use]
    pub fn undo_text(mut self, text: impl Into<String>) -> Self {
        self.remedy.undo_text = Some(text.into());
        self
    }

    /// The finding of `rule`, its remedy worded for these surroundings.
    pub(super) fn finish(self, rule: &Rule, surroundings: &Surroundings) -> Finding {
        let standby_writes =
            surroundings.is_standby && (self.writes || self.subjects.iter().any(|one| one.sql.is_some()));
        let mut subjects = self.subjects;
        subjects.sort_by(|a, b| {
            let heavier = b.weight.compare(a.weight);
            b.severity.cmp(&a.severity).then(heavier).then_with(|| a.subject.cmp(&b.subject))
        });
        let mut remedy = self.remedy;
        if standby_writes {
            remedy.text = format!("Run this on the primary. {}", remedy.text);
        }
        Finding {
            code: rule.code.to_owned(),
            name: rule.name.to_owned(),
            title: rule.title.to_owned(),
            area: rule.area,
            severity: subjects.iter().map(|affected| affected.severity).max().unwrap_or(self.severity),
            confidence: self.confidence,
            subjects,
            summary: self.summary,
            rationale: self.rationale,
            evidence: self.evidence,
            details: self.details,
            remedy,
            source: rule.source.to_owned(),
        }
    }
}

/// One thing that a finding is about.
#[derive(Debug, Clone)]
pub struct About {
    subject: Subject,
    label: String,
    severity: Option<Severity>,
    weight: Weight,
    figures: Vec<Figure>,
    sql: Option<String>,
}

impl About {
    /// Something that weighs so much.
    pub fn new(subject: Subject, weight: impl Into<Weight>) -> Self {
        Self {
            label: subject.to_string(),
            subject,
            severity: None,
            weight: weight.into(),
            figures: Vec::new(),
            sql: None,
        }
    }

    /// What people call it, where that is not its name alone.
    #[must_use]
    pub fn called(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// How much it matters for this one, where that is not as much as for the gravest.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    /// A figure of it.
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figures.push(figure);
        self
    }

    /// Statements that carry out the remedy for it; they write.
    #[must_use]
    pub fn run(self, sql: impl Into<String>) -> Self {
        Self { sql: Some(sql.into()), ..self }
    }

    /// The subject of a finding of `rule` that has `severity` where this names none.
    pub(super) fn finish(self, rule: &Rule, severity: Severity) -> Affected {
        Affected {
            id: self.subject.id_for(rule.code),
            subject: self.subject,
            label: self.label,
            severity: self.severity.unwrap_or(severity),
            weight: self.weight,
            figures: self.figures,
            overridden: None,
            accepted: false,
            sql: self.sql,
        }
    }
}
