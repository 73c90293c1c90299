//! The draft of a finding, with defaults for everything that most rules do not set.

use crate::format::block::Code;
use crate::format::{Affected, Block, Confidence, Effort, Figure, ParameterValue, Remedy, Severity, Subject, Weight};

/// A draft of a finding. The engine adds the rule's declaration, and completes the remedy for this server.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) summary: String,
    pub(super) rationale: String,
    pub(super) evidence: Vec<Figure>,
    pub(super) details: Vec<Block>,
    pub(super) subjects: Vec<Affected>,
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

    /// How certain it is, if not high.
    #[must_use]
    pub fn confidence(self, confidence: Confidence) -> Self {
        Self { confidence, ..self }
    }

    /// What was measured, and its consequences.
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

    /// Additional details.
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

    /// Sets a parameter for the whole cluster, taking effect by `effort`. The engine adds how that is done and undone, which
    /// depends on what manages this server's configuration; the advice states what else to do. From this the engine
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

    /// The effort, if it is more than statements while the server keeps running.
    #[must_use]
    pub fn effort(mut self, effort: Effort) -> Self {
        self.remedy.effort = effort;
        self
    }

    /// The locks and load that the remedy causes while it runs.
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

    /// How to undo the remedy, if the statements are not known in advance.
    #[must_use]
    pub fn undo_text(mut self, text: impl Into<String>) -> Self {
        self.remedy.undo_text = Some(text.into());
        self
    }
}

/// A subject of a finding.
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
    /// A subject of this weight.
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

    /// Its display name, if that is not its name alone.
    #[must_use]
    pub fn called(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Its severity, if it is lower than that of the finding.
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

    /// Figures of it that there are only sometimes.
    #[must_use]
    pub fn figures(mut self, figures: impl IntoIterator<Item = Figure>) -> Self {
        self.figures.extend(figures);
        self
    }

    /// Statements that carry out the remedy for it; they write.
    #[must_use]
    pub fn run(self, sql: impl Into<String>) -> Self {
        Self { sql: Some(sql.into()), ..self }
    }

    /// The subject of a finding of the rule `code`, with `severity` if it has none of its own.
    pub(super) fn finish(self, code: &str, severity: Severity) -> Affected {
        Affected {
            id: self.subject.id_for(code),
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
