//! What a rule found: one problem, and everything that has it.

use std::collections::BTreeMap;

use pgdba_pg::display::counted;
use schemars::JsonSchema;
use serde::Serialize;

use super::block::Code;
use super::{
    Area, Block, Cell, Column, Confidence, Figure, Overridden, Quantity, Remedy, Severity, Subject, SubjectKind, Table,
    Weight,
};

/// How many subjects faces show; the JSON has them all.
pub const SHOWN_SUBJECTS: usize = 20;

/// A subject of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Affected {
    /// The stable id by which it is ignored, accepted and compared: the rule's code and the subject, such as
    /// `PGD502 table shop.public.orders`.
    pub id: String,
    /// The affected object.
    pub subject: Subject,
    /// Its display name: its name, with its database if the snapshot contains several.
    pub label: String,
    /// Its severity.
    pub severity: Severity,
    /// How much is at stake; subjects of one severity are sorted by it.
    pub weight: Weight,
    /// Its figures; the subjects of one finding have the same keys.
    pub figures: Vec<Figure>,
    /// The rule's severity and the reason, if the policy changed it.
    pub overridden: Option<Overridden>,
    /// Whether it was accepted before.
    pub accepted: bool,
    /// Statements for this subject, as part of the remedy.
    pub sql: Option<String>,
    /// Statements that undo these.
    pub undo: Option<String>,
}

/// A problem that should be solved.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's code, such as `PGD101`.
    pub code: String,
    /// The rule's name, such as `fsync_off`.
    pub name: String,
    /// The problem that the rule checks for, as a sentence.
    pub title: String,
    /// The area the rule belongs to.
    pub area: Area,
    /// The greatest severity of its subjects.
    pub severity: Severity,
    /// How certain it is.
    pub confidence: Confidence,
    /// Everything that is affected, the worst first.
    pub subjects: Vec<Affected>,
    /// What to do and to what, in one imperative sentence without a full stop.
    pub summary: String,
    /// What was measured, and its consequences.
    pub rationale: String,
    /// The figures used, besides those of the subjects.
    pub evidence: Vec<Figure>,
    /// Additional details.
    pub details: Vec<Block>,
    /// What to do about it.
    pub remedy: Remedy,
    /// Where the threshold and the advice come from.
    pub source: String,
}

impl Finding {
    /// How much is at stake: the weight of the heaviest subject of its severity.
    #[must_use]
    pub fn weight(&self) -> f64 {
        let gravest = self.subjects.iter().filter(|affected| affected.severity == self.severity);
        gravest.map(|affected| affected.weight.score()).fold(0.0, f64::max)
    }

    /// The figures of a single subject together with those of the finding; with several subjects only the finding's.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let own = match self.subjects.as_slice() {
            [only] => only.figures.as_slice(),
            _ => &[],
        };
        own.iter().chain(&self.evidence).cloned().collect()
    }

    /// The first [`SHOWN_SUBJECTS`] subjects with their figures, where there are several.
    #[must_use]
    pub fn table(&self) -> Option<Block> {
        let [first, _, ..] = self.subjects.as_slice() else { return None };
        let is_mixed = self.subjects.iter().any(|affected| affected.subject.kind != first.subject.kind);
        let kind = if is_mixed { "subject" } else { first.subject.kind.word() };
        let columns =
            std::iter::once(Column::new("subject", kind)).chain(first.figures.iter().map(Column::of)).collect();
        let rows = self.subjects.iter().take(SHOWN_SUBJECTS).map(|affected| {
            let kind = affected.subject.kind;
            let is_told = is_mixed && kind != SubjectKind::Cluster;
            let kind = if is_told { format!("{} ", kind.word()) } else { String::new() };
            let accepted = if affected.accepted { " (accepted)" } else { "" };
            let label = Cell::from(format!("{kind}{}{accepted}", affected.label));
            let figures = affected.figures.iter().map(|figure| Cell::from(figure.value.clone()));
            std::iter::once(label).chain(figures).collect()
        });
        Some(Block::Table(Table {
            caption: "Affected, worst first".to_owned(),
            columns,
            rows: rows.collect(),
            hidden: u64::try_from(self.subjects.len().saturating_sub(SHOWN_SUBJECTS)).unwrap_or(u64::MAX),
        }))
    }

    /// What the policy changed, one sentence each: severities with their reasons, each once, and the number of accepted subjects.
    #[must_use]
    pub fn policy_words(&self) -> Vec<String> {
        let number = |count: usize| counted(i64::try_from(count).unwrap_or(i64::MAX), "subject", "subjects");
        let mut reasons = BTreeMap::<(u64, Severity, Severity, &str), usize>::new();
        for affected in &self.subjects {
            if let Some(Overridden { from, reason, line }) = &affected.overridden {
                *reasons.entry((*line, *from, affected.severity, reason)).or_default() += 1;
            }
        }
        let changed = reasons.into_iter().map(|((line, from, to, reason), count)| {
            format!("{}: {} instead of {}: {reason} (policy, line {line})", number(count), to.word(), from.word())
        });
        let accepted = self.subjects.iter().filter(|affected| affected.accepted).count();
        changed.chain((accepted > 0).then(|| format!("{} accepted before", number(accepted)))).collect()
    }

    /// The statements of the subjects shown, those of one subject per line, and how many are left out.
    #[must_use]
    pub fn statements(&self) -> Option<String> {
        self.of_subjects(|affected| affected.sql.as_deref())
    }

    /// What undoes the remedy; of several subjects, what undoes the [statements](Self::statements) shown.
    #[must_use]
    pub fn undo(&self) -> Option<Code> {
        self.of_subjects(|affected| affected.undo.as_deref()).map(Code::sql).or_else(|| self.remedy.undo.clone())
    }

    /// Statements of the subjects shown, those of one subject per line, and how many are left out.
    fn of_subjects<'a>(&'a self, of: impl FnMut(&'a Affected) -> Option<&'a str>) -> Option<String> {
        let all: Vec<&str> = self.subjects.iter().filter_map(of).collect();
        let mut text = all.iter().take(SHOWN_SUBJECTS).copied().collect::<Vec<_>>().join("\n");
        if all.len() > SHOWN_SUBJECTS {
            let more = Quantity::from(i64::try_from(all.len() - SHOWN_SUBJECTS).unwrap_or(i64::MAX)).display();
            text.push_str(&format!("\n-- {more} more: see the statements of each subject in the JSON output"));
        }
        (!text.is_empty()).then_some(text)
    }
}
