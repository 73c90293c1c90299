//! The form of a rule: its declaration, and the functions `check`, `subject` and `describe`.

use pgdba_pg::{Bytes, Millis, Ratio, display};
use pgdba_snapshot::SectionSpec;

use crate::engine::sift::Sifted;
use crate::facts::{Fact, View};
use crate::format::{Area, Checked, Severity};
use crate::policy::RuleName;

/// A named number of a rule, quoted by its page.
#[derive(Debug)]
pub struct Threshold {
    /// The constant's name, as the page writes it in braces.
    pub name: &'static str,
    /// Its value, as displayed.
    pub value: fn() -> String,
    /// What it is for.
    pub doc: &'static str,
}

/// A type that a threshold can have.
pub trait ThresholdValue {
    /// The value, as displayed.
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

/// A rule: its declaration, and how to run it. Made by the [`rule!`](crate::rule!) macro only.
#[derive(Debug)]
pub struct Rule {
    /// Its code, such as `PGD101`; never used twice.
    pub code: &'static str,
    /// Its name, which is also the name of its file and of its page.
    pub name: &'static str,
    /// The problem, as a sentence.
    pub title: &'static str,
    /// The state in which it passes, as a sentence.
    pub passed: &'static str,
    /// Its area, whose directory it is in.
    pub area: Area,
    /// The greatest severity it can find.
    pub worst: Severity,
    /// Where the threshold and the advice come from: the finding and the page show it.
    pub source: &'static str,
    /// Its page, with thresholds still in braces; see [`crate::page`].
    pub doc: &'static str,
    /// The facts it reads. It can read no other.
    pub reads: &'static [&'static Fact],
    /// Its numbers.
    pub thresholds: &'static [Threshold],
    /// Runs `check`, applies the policy, and runs `describe` on the rest.
    pub run: fn(&View<'_>) -> Checked<Sifted>,
}

impl Rule {
    /// Whether `word` is this rule's code or name.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        self.code.eq_ignore_ascii_case(word) || self.name.eq_ignore_ascii_case(word)
    }

    /// The rule as a policy knows it.
    #[must_use]
    pub fn as_named(&self) -> RuleName<'static> {
        RuleName { code: self.code, name: self.name, area: self.area }
    }

    /// The sections without which it cannot run.
    #[must_use]
    pub fn needs(&self) -> Vec<&'static SectionSpec> {
        distinct(self.reads.iter().flat_map(|fact| fact.needs))
    }

    /// The needed sections in which no row may be hidden from the collecting role.
    #[must_use]
    pub fn needs_whole(&self) -> Vec<&'static SectionSpec> {
        distinct(self.reads.iter().flat_map(|fact| fact.whole))
    }

    /// Whether it reads what counters grew by in a delta, and so what [tells of resets](crate::facts::growth::RESETS).
    #[must_use]
    pub fn grows(&self) -> bool {
        self.reads.iter().any(|fact| fact.grows)
    }

    /// The sections that only add to what it finds.
    #[must_use]
    pub fn uses(&self) -> Vec<&'static SectionSpec> {
        let needs = self.needs();
        let mut uses = distinct(self.reads.iter().flat_map(|fact| fact.uses));
        uses.retain(|spec| needs.iter().all(|need| need.name != spec.name));
        uses
    }
}

fn distinct(specs: impl Iterator<Item = &'static &'static SectionSpec>) -> Vec<&'static SectionSpec> {
    let mut list: Vec<&'static SectionSpec> = Vec::new();
    for spec in specs {
        if list.iter().all(|listed| listed.name != spec.name) {
            list.push(spec);
        }
    }
    list
}

/// Declares a rule. A rule checks one problem; all tables that have it are the subjects of a single finding. The file provides
///
/// - `fn check(&View) -> Checked<Vec<T>>`, which evaluates: it selects the facts that have the problem. `T` is the fact itself
///   where that is enough (`&Table`);
/// - `fn subject(&T) -> About`, which names the subject, its figures and its statements;
/// - `fn describe(&Found<T>) -> Draft`, which words the finding.
///
/// If there is at most one subject, `check` returns `Checked<Option<T>>` and `describe` takes `&T`. The policy is applied before
/// `describe`: its argument is what is shown.
#[macro_export]
macro_rules! rule {
    (
        $(#[doc = $doc:expr])+
        rule $name:ident {
            code: $code:ident,
            title: $title:literal,
            passed: $passed:literal,
            worst: $worst:ident,
            reads: [$($fact:ident),* $(,)?],
            source: $source:literal
            $(, thresholds: {
                $($(#[doc = $threshold_doc:expr])+ $threshold:ident : $ty:ty = $value:expr,)+
            })? $(,)?
        }
    ) => {
        $($($(#[doc = $threshold_doc])+ const $threshold: $ty = $value;)+)?

        #[doc = $title]
        pub static RULE: $crate::engine::rule::Rule = $crate::engine::rule::Rule {
            code: stringify!($code),
            name: stringify!($name),
            title: $title,
            passed: $passed,
            area: super::AREA,
            worst: $crate::format::Severity::$worst,
            source: $source,
            doc: concat!($($doc, "\n"),+),
            reads: &[$(&$crate::facts::declared::$fact),*],
            thresholds: &[$($($crate::engine::rule::Threshold {
                name: stringify!($threshold),
                value: || $crate::engine::rule::ThresholdValue::show(&$threshold),
                doc: concat!($($threshold_doc, "\n"),+),
            }),+)?],
            run: |view| {
                let rule = (RULE.as_named(), RULE.worst);
                Ok($crate::engine::sift::sift(rule, view, check(view)?, |item| subject(item), describe))
            },
        };
    };
}

/// Declares the rules of an area: the area, their modules and the list of them in one go. One name a line, in order.
#[macro_export]
macro_rules! registry {
    ($area:ident: $($name:ident,)*) => {
        $(pub mod $name;)*

        /// The area of this directory.
        pub const AREA: $crate::format::Area = $crate::format::Area::$area;

        /// The rules of this area.
        pub static RULES: &[&$crate::engine::rule::Rule] = &[$(&$name::RULE),*];
    };
}
