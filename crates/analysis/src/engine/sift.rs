//! Puts the policy between what a rule found and how it words it: the words are about what is shown.

use crate::engine::draft::{About, Draft};
use crate::engine::rule::Rule;
use crate::facts::View;
use crate::format::{Affected, SetAside};
use crate::policy::Decision;

/// Something that a rule found: one subject and its figures.
pub trait Affects {
    /// The subject.
    fn about(&self) -> About;
}

/// What the `check` of a rule gives: an `Option` where there is at most one subject, a `Vec` where there can be many. Of
/// many, any part can be described.
pub trait Findings {
    /// What is found of one subject.
    type Item: Affects;
    /// What `describe` takes: one item, or some of them and at least one.
    type Described: ?Sized;
    /// All of them.
    fn into_items(self) -> Vec<Self::Item>;
    /// Some of them, as `describe` takes them; nothing where there is none.
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

/// What a rule found, as the policy has it.
#[derive(Debug, Default)]
pub struct Sifted {
    pub(super) draft: Option<Draft>,
    pub(super) set_aside: Vec<SetAside>,
}

/// Sets aside what the policy does not show, and has the rest described.
pub fn sift<F: Findings>(rule: &Rule, view: &View<'_>, found: F, describe: impl Fn(&F::Described) -> Draft) -> Sifted {
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

fn judge(rule: &Rule, view: &View<'_>, draft: &Draft, about: About) -> Result<Affected, Box<SetAside>> {
    let affected = about.finish(rule, draft.severity);
    let Some(policy) = view.policy() else { return Ok(affected) };
    match policy.decide(rule.as_named(), &affected.subject, affected.severity) {
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
