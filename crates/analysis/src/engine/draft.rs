//! The draft of a finding, with defaults for everything that most rules do not set.

use crate::format::block::Code;
use crate::format::{Affected, Block, Confidence, Effort, Figure, ParameterValue, Remedy};

/// A draft of a finding. The engine adds the rule's declaration, and completes the remedy for this server.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) confidence: Confidence,
    pub(super) summary: String,
    pub(super) rationale: String,
    pub(super) evidence: Vec<Figure>,
    pub(super) details: Vec<Block>,
    pub(super) subjects: Vec<Affected>,
    pub(super) remedy: Remedy,
    /// Whether the statements of the remedy write, so that a standby refuses them.
    pub(super) writes: bool,
    /// Whether the remedy is a restart or the reverting of a change.
    pub(super) restarts: bool,
}

impl Draft {
    /// A finding. The summary is an imperative that names the object and the deciding figure, without a full stop.
    #[must_use]
    pub fn new(summary: impl Into<String>) -> Self {
        Self {
            confidence: Confidence::High,
            summary: summary.into(),
            rationale: String::new(),
            evidence: Vec::new(),
            details: Vec::new(),
            subjects: Vec::new(),
            remedy: Remedy::default(),
            writes: false,
            restarts: false,
        }
    }

    /// How certain it is, if not high.
    #[must_use]
    pub fn confidence(self, confidence: Confidence) -> Self {
        Self { confidence, ..self }
    }

    /// What was measured, and its consequences.
    #[must_use]
    pub fn because(mut self, sentences: impl AsRef<str>) -> Self {
        add(&mut self.rationale, sentences.as_ref());
        self
    }

    /// The same, where it applies.
    #[must_use]
    pub fn because_if(self, applies: bool, sentences: impl AsRef<str>) -> Self {
        if applies { self.because(sentences) } else { self }
    }

    /// The same of a [part](super::found::Found::part) of what was found, which ends the sentence.
    #[must_use]
    pub fn because_for(self, part: Option<&String>, sentence: &str) -> Self {
        match part {
            Some(part) => self.because(format!("{sentence} {part}.")),
            None => self,
        }
    }

    /// What is affected, in any order.
    pub(super) fn about(self, subjects: Vec<Affected>) -> Self {
        Self { subjects, ..self }
    }

    /// Figures of the whole finding.
    #[must_use]
    pub fn evidence(mut self, figures: impl IntoIterator<Item = Figure>) -> Self {
        self.evidence.extend(figures);
        self
    }

    /// Additional details.
    #[must_use]
    pub fn show(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.details.extend(blocks);
        self
    }

    /// What to do, in a few sentences.
    #[must_use]
    pub fn advise(mut self, sentences: impl AsRef<str>) -> Self {
        add(&mut self.remedy.text, sentences.as_ref());
        self
    }

    /// The same, where it applies.
    #[must_use]
    pub fn advise_if(self, applies: bool, sentences: impl AsRef<str>) -> Self {
        if applies { self.advise(sentences) } else { self }
    }

    /// Sets a parameter for the whole cluster, taking effect by `effort`. The engine adds how that is done and undone, which
    /// depends on what manages this server's configuration; the advice states what else to do. From this the engine
    /// makes a [recommendation](crate::format::Recommendation).
    #[must_use]
    pub fn set(mut self, parameter: &str, value: impl Into<String>, effort: Effort) -> Self {
        self.remedy.sets = Some(ParameterValue { parameter: parameter.to_owned(), value: value.into() });
        self.effort(effort)
    }

    /// The remedy is a restart, unless the change that requires it is reverted. The engine words both for this server and adds
    /// them to the advice.
    #[must_use]
    pub fn restart_or_revert(self) -> Self {
        Self { restarts: true, ..self.effort(Effort::Restart).impact("A restart terminates all sessions.") }
    }

    /// Statements that only read; none if the text is empty.
    #[must_use]
    pub fn query(mut self, sql: impl Into<String>) -> Self {
        self.remedy.script = statements(sql.into());
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

    /// Statements that undo the remedy, besides those of the subjects.
    #[must_use]
    pub fn undo(mut self, sql: impl Into<String>) -> Self {
        self.remedy.undo = statements(sql.into());
        self
    }

    /// How to undo the remedy, if the statements are not known in advance.
    #[must_use]
    pub fn undo_text(mut self, text: impl Into<String>) -> Self {
        self.remedy.undo_text = Some(text.into());
        self
    }
}

fn statements(sql: String) -> Option<Code> {
    (!sql.is_empty()).then(|| Code::sql(sql))
}

/// Adds sentences to a text.
fn add(text: &mut String, sentences: &str) {
    if !text.is_empty() && !sentences.is_empty() {
        text.push(' ');
    }
    text.push_str(sentences);
}
