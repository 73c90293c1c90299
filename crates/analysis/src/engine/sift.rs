//! Applies the policy between `check` and `describe` of a rule, so that the words are about what is shown.

use super::about::About;
use super::draft::Draft;
use super::found::Found;
use crate::facts::View;
use crate::format::{Affected, SetAside, Severity};
use crate::policy::{Decision, RuleName};

/// The result of a rule's `check`: an `Option` if there is at most one item, otherwise a `Vec`, any part of which can be
/// described.
pub trait Findings {
    /// What was found of one subject.
    type Item;
    /// The argument of `describe`.
    type Described;
    /// All of them.
    fn into_items(self) -> Vec<Self::Item>;
    /// The argument of `describe`, unless there are no items.
    fn described(found: &Found<Self::Item>) -> Option<&Self::Described>;
}

impl<T> Findings for Option<T> {
    type Item = T;
    type Described = T;

    fn into_items(self) -> Vec<T> {
        self.into_iter().collect()
    }

    fn described(found: &Found<T>) -> Option<&T> {
        found.first()
    }
}

impl<T> Findings for Vec<T> {
    type Item = T;
    type Described = Found<T>;

    fn into_items(self) -> Self {
        self
    }

    fn described(found: &Found<T>) -> Option<&Found<T>> {
        (!found.is_empty()).then_some(found)
    }
}

/// What a rule found, after the policy.
#[derive(Debug, Default)]
pub struct Sifted {
    pub(super) draft: Option<Draft>,
    pub(super) set_aside: Vec<SetAside>,
}

/// Names the subjects of what `rule` found, sets aside what the policy does not show, and describes the rest. A subject
/// without a severity of its own has the severity `worst`.
pub fn sift<F: Findings>(
    (rule, worst): (RuleName<'_>, Severity),
    view: &View<'_>,
    found: F,
    subject: impl Fn(&F::Item) -> About,
    describe: impl Fn(&F::Described) -> Draft,
) -> Sifted {
    let (mut kept, mut subjects, mut set_aside) = (Vec::new(), Vec::new(), Vec::new());
    for item in found.into_items() {
        match judge(rule, view, subject(&item).finish(rule.code, worst)) {
            Ok(affected) => {
                kept.push((item, affected.label.clone()));
                subjects.push(affected);
            }
            Err(aside) => set_aside.push(*aside),
        }
    }
    let draft = F::described(&Found::new(kept)).map(describe);
    Sifted { draft: draft.map(|draft| draft.about(subjects)), set_aside }
}

fn judge(rule: RuleName<'_>, view: &View<'_>, affected: Affected) -> Result<Affected, Box<SetAside>> {
    let Some(policy) = view.policy() else { return Ok(affected) };
    match policy.decide(rule, &affected.subject, affected.severity) {
        Decision::Show { severity, overridden, accepted } => {
            Ok(Affected { severity, overridden, accepted, ..affected })
        }
        Decision::SetAside(why) => Err(Box::new(SetAside {
            id: affected.id,
            code: rule.code.to_owned(),
            name: rule.name.to_owned(),
            subject: affected.subject,
            label: affected.label,
            severity: affected.severity,
            why,
        })),
    }
}
