//! One subject of a finding, with its figures.

use crate::facts::constraints::Constraint;
use crate::facts::functions::Function;
use crate::facts::hba::HbaLine;
use crate::facts::relation::RelationName;
use crate::facts::roles::Role;
use crate::format::{Affected, Figure, Severity, Subject, SubjectKind, Weight};

/// A subject of a finding.
#[derive(Debug, Clone)]
pub struct About {
    subject: Subject,
    label: String,
    /// The relation it is, in whose database its statements run.
    relation: Option<RelationName>,
    severity: Option<Severity>,
    weight: Weight,
    figures: Vec<Figure>,
    sql: Option<String>,
    undo: Option<String>,
}

impl About {
    /// A subject of this weight.
    pub fn new(subject: Subject, weight: impl Into<Weight>) -> Self {
        Self {
            label: subject.to_string(),
            subject,
            relation: None,
            severity: None,
            weight: weight.into(),
            figures: Vec::new(),
            sql: None,
            undo: None,
        }
    }

    /// The parameter of this name.
    pub fn parameter(name: &str, weight: impl Into<Weight>) -> Self {
        Self::new(Subject::parameter(name), weight)
    }

    /// The table of this name.
    pub fn table(name: &RelationName, weight: impl Into<Weight>) -> Self {
        Self::relation(SubjectKind::Table, name, weight)
    }

    /// The index of this name.
    pub fn index(name: &RelationName, weight: impl Into<Weight>) -> Self {
        Self::relation(SubjectKind::Index, name, weight)
    }

    /// The line of `pg_hba.conf`, with what it says.
    pub fn hba_line(line: &HbaLine) -> Self {
        Self::new(line.subject(), Weight::Count(1)).figures(line.figures())
    }

    /// The role.
    pub fn role(role: &Role) -> Self {
        Self::new(role.subject(), Weight::Count(1))
    }

    /// The function, with its argument types.
    pub fn function(function: &Function, weight: impl Into<Weight>) -> Self {
        Self { label: function.sql(), ..Self::relation(SubjectKind::Function, &function.name, weight) }
    }

    /// The constraint. Its statements name the database if the snapshot contains several.
    pub fn constraint(constraint: &Constraint, weight: impl Into<Weight>) -> Self {
        Self { relation: Some(constraint.table.clone()), ..Self::new(constraint.subject(), weight) }
    }

    /// The relation of this name. Its label and its statements name the database if the snapshot contains several.
    pub fn relation(kind: SubjectKind, name: &RelationName, weight: impl Into<Weight>) -> Self {
        Self { label: name.to_string(), relation: Some(name.clone()), ..Self::new(name.subject(kind), weight) }
    }

    /// What it is called instead of its name.
    #[must_use]
    pub fn labelled(self, label: &str) -> Self {
        Self { label: label.to_owned(), ..self }
    }

    /// Its severity, if that is lower than the worst that the rule declares.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity: Some(severity), ..self }
    }

    /// Its figures. The subjects of one finding have the same keys.
    #[must_use]
    pub fn figures(mut self, figures: impl IntoIterator<Item = Figure>) -> Self {
        self.figures.extend(figures);
        self
    }

    /// Statements that carry out the remedy for it; they write.
    #[must_use]
    pub fn run(self, sql: impl Into<String>) -> Self {
        Self { sql: Some(self.there(sql.into())), ..self }
    }

    /// Statements that undo these.
    #[must_use]
    pub fn undo(self, sql: impl Into<String>) -> Self {
        Self { undo: Some(self.there(sql.into())), ..self }
    }

    /// These statements for the database that it is in.
    fn there(&self, sql: String) -> String {
        match &self.relation {
            Some(relation) => relation.run_there(&sql),
            None => sql,
        }
    }

    /// The subject of a finding of the rule `code`, with the severity `worst` if it has none of its own.
    pub(super) fn finish(self, code: &str, worst: Severity) -> Affected {
        Affected {
            id: self.subject.id_for(code),
            subject: self.subject,
            label: self.label,
            severity: self.severity.unwrap_or(worst),
            weight: self.weight,
            figures: self.figures,
            overridden: None,
            accepted: false,
            sql: self.sql,
            undo: self.undo,
        }
    }
}
