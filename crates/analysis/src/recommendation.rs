//! Values that parameters should have: one list, whatever comes to the advice.

use std::collections::BTreeSet;

use pgdba_pg::display;
use pgdba_pg::parameter_kind::Kind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::settings::{Settings, TakesEffect, kind};
use crate::finding::{Confidence, Effort, Finding};

/// Where a recommended value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationSource {
    /// What this server's own counters and settings show.
    Evidence,
}

/// The rule that found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleReference {
    /// Its code, such as `PGD101`.
    pub code: String,
    /// Its name, such as `fsync_off`.
    pub name: String,
    /// The bad state it looks for.
    pub title: String,
}

/// A parameter that should have another value.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Recommendation {
    /// The parameter's name.
    pub parameter: String,
    /// Its value in force, in `unit`; none where it is not known.
    pub current: Option<String>,
    /// The value it should have, as `ALTER SYSTEM SET` takes it, such as `64MB`.
    pub recommended: String,
    /// The unit of `current`, such as `8kB` or `ms`.
    pub unit: Option<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What was seen and what it leads to.
    pub rationale: String,
    /// Where the value comes from.
    pub source: RecommendationSource,
    /// The rule that found it, where it was one.
    pub rule: Option<RuleReference>,
    /// The parameter's `pg_settings.context`; none where it is not known.
    pub context: Option<String>,
    /// When the change takes effect.
    pub takes_effect: TakesEffect,
    /// Whether the server must be restarted for it.
    pub needs_restart: bool,
    /// What keeps `ALTER SYSTEM` from changing it, such as `command line`: the `pg_settings.source` that wins over the
    /// configuration files.
    pub fixed_by: Option<String>,
}

impl Recommendation {
    /// The value in force as people read it.
    #[must_use]
    pub fn current_shown(&self) -> Option<String> {
        self.current.as_deref().map(|current| display::parameter(current, self.unit.as_deref()))
    }

    /// The recommended value as people read it.
    #[must_use]
    pub fn recommended_shown(&self) -> String {
        let kind = Kind { vartype: self.unit.as_ref().map(|_| "real"), unit: self.unit.as_deref(), ..Kind::default() };
        kind.plain(&self.recommended)
            .map_or_else(|| self.recommended.clone(), |plain| display::parameter(&plain, self.unit.as_deref()))
    }
}

/// The values that the remedies of findings set.
#[must_use]
pub fn of_findings(findings: &[Finding], settings: &Settings) -> Vec<Recommendation> {
    findings.iter().filter_map(|finding| of_finding(finding, settings)).collect()
}

fn of_finding(finding: &Finding, settings: &Settings) -> Option<Recommendation> {
    let sets = finding.remedy.sets.as_ref()?;
    let setting = settings.get(&sets.parameter);
    let current = setting.and_then(|setting| setting.setting.clone());
    let is_there = setting.zip(current.as_ref()).is_some_and(|(row, now)| kind(row).is_same(now, &sets.value));
    if is_there {
        return None;
    }
    let context = setting.and_then(|setting| setting.context.clone());
    let takes_effect = match (TakesEffect::of(context.as_deref()), finding.remedy.effort) {
        (TakesEffect::Unknown, Effort::Restart) => TakesEffect::Restart,
        (TakesEffect::Unknown, Effort::Reload) => TakesEffect::Reload,
        (known, _) => known,
    };
    let title = crate::rules::find(&finding.code).map_or("", |rule| rule.title);
    Some(Recommendation {
        parameter: sets.parameter.clone(),
        current,
        recommended: sets.value.clone(),
        unit: setting.and_then(|setting| setting.unit.clone()),
        confidence: finding.confidence,
        rationale: finding.rationale.clone(),
        source: RecommendationSource::Evidence,
        rule: Some(RuleReference { code: finding.code.clone(), name: finding.name.clone(), title: title.to_owned() }),
        context,
        takes_effect,
        needs_restart: takes_effect == TakesEffect::Restart,
        fixed_by: setting.and_then(|setting| setting.source.clone()).filter(|source| source == "command line"),
    })
}

/// One list of several, the first of them having the last word: each parameter once.
#[must_use]
pub fn merged(lists: impl IntoIterator<Item = Vec<Recommendation>>) -> Vec<Recommendation> {
    let mut seen = BTreeSet::new();
    lists.into_iter().flatten().filter(|one| seen.insert(one.parameter.clone())).collect()
}
