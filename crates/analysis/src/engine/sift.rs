//! Applies the policy between `check` and `describe` of a rule, so that the words are about what is shown.

use crate::engine::draft::{About, Draft};
use crate::facts::View;
use crate::format::{Affected, SetAside};
use crate::policy::{Decision, RuleName};

/// One subject that a rule found, with its figures.
pub trait Affects {
    /// The subject.
    fn about(&self) -> About;
}

/// The result of a rule's `check`: an `Option` if there is at most one subject, otherwise a `Vec`, any part of which can be
/// described.
pub trait Findings {
    /// One subject and its figures.
    type Item: Affects;
    /// The argument of `describe`: one item, or at least one of them.
    type Described: ?Sized;
    /// All of them.
    fn into_items(self) -> Vec<Self::Item>;
    /// Some of them as the argument of `describe`, unless there are none.
    fn described(items: &[Self::Item]) -> Option<&Self::Described>;
}

impl<T: Affects> Findings for Option<T> {
    type Item = T;
    type Described = T;

    fn into_items(self) -> Vec<T> {
        self.into_iter().collect()
    }

    fn described(items: &[T]) -> Option<&T> {
        items.first()
    }
}

impl<T: Affects> Findings for Vec<T> {
    type Item = T;
    type Described = [T];

    fn into_items(self) -> Self {
        self
    }

    fn described(items: &[T]) -> Option<&[T]> {
        (!items.is_empty()).then_some(items)
    }
}

/// What a rule found, after the policy.
#[derive(Debug, Default)]
pub struct Sifted {
    pub(super) draft: Option<Draft>,
    pub(super) set_aside: Vec<SetAside>,
}

/// Sets aside what the policy does not show, and describes the rest.
pub fn sift<F: Findings>(
    rule: RuleName<'_>,
    view: &View<'_>,
    found: F,
    describe: impl Fn(&F::Described) -> Draft,
) -> Sifted {
    let items = found.into_items();
    let Some(whole) = F::described(&items).map(&describe) else { return Sifted::default() };
    let (mut kept, mut subjects, mut set_aside) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match judge(rule, view, &whole, item.about()) {
            Ok(affected) => {
                kept.push(item);
                subjects.push(affected);
            }
            Err(aside) => set_aside.push(*aside),
        }
    }
    let draft = if set_aside.is_empty() { Some(whole) } else { F::described(&kept).map(describe) };
    Sifted { draft: draft.map(|draft| draft.about(subjects)), set_aside }
}

fn judge(rule: RuleName<'_>, view: &View<'_>, draft: &Draft, about: About) -> Result<Affected, Box<SetAside>> {
    let affected = about.finish(rule.code, draft.severity);
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
