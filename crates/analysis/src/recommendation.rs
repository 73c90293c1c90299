//! Values that parameters should have: one list, whatever comes to the advice.

use std::collections::BTreeSet;

use pgdba_pg::display;
use pgdba_pg::parameter::{self, Kind, Value};
use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::settings::{Settings, TakesEffect};
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
        let kind = Kind::Real { unit: self.unit.clone(), min: -f64::MAX, max: f64::MAX };
        match parameter::parse(&kind, &self.recommended) {
            Ok(Value::Real(number)) => display::parameter(&number.to_string(), self.unit.as_deref()),
            _ => self.recommended.clone(),
        }
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
    if setting.is_some_and(|setting| settings.is_in_force(setting, &sets.value) == Some(true)) {
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
        fixed_by: fixed_by(settings, &sets.parameter),
    })
}

/// Values of `pg_settings.source` that win over the configuration files.
const WINNING_SOURCES: [&str; 5] = ["command line", "global", "database", "user", "database user"];

/// What keeps `ALTER SYSTEM` from changing a parameter: the `pg_settings.source` that wins over the configuration files.
#[must_use]
pub fn fixed_by(settings: &Settings, parameter: &str) -> Option<String> {
    let source = settings.get(parameter)?.source.as_ref()?;
    WINNING_SOURCES.contains(&source.as_str()).then(|| source.clone())
}

/// One list of several, the first of them having the last word: each parameter once.
#[must_use]
pub fn merged(lists: impl IntoIterator<Item = Vec<Recommendation>>) -> Vec<Recommendation> {
    let mut seen = BTreeSet::new();
    lists.into_iter().flatten().filter(|one| seen.insert(one.parameter.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, analyze, example};

    fn recommended(document: &str) -> Vec<Recommendation> {
        analyze(&example::snapshot(document).unwrap(), &Options::default()).recommendations
    }

    #[test]
    fn a_remedy_that_sets_a_parameter_is_a_recommendation() {
        let found = recommended(
            r#"{ "pg_settings": [
                { "name": "fsync", "setting": "off", "vartype": "bool", "context": "sighup", "source": "command line" },
                { "name": "full_page_writes", "setting": "off", "vartype": "bool", "context": "sighup", "source": "default" }
            ] }"#,
        );
        let [fsync, pages] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((fsync.parameter.as_str(), fsync.fixed_by.as_deref()), ("fsync", Some("command line")));
        assert_eq!((fsync.takes_effect, fsync.needs_restart), (TakesEffect::Reload, false));
        assert_eq!((pages.current.as_deref(), pages.recommended.as_str(), &pages.fixed_by), (Some("off"), "on", &None));
        assert_eq!(pages.rule.as_ref().map(|rule| rule.code.as_str()), Some("PGD102"));
        assert!(recommended(r#"{ "pg_settings": [ { "name": "fsync", "setting": "on" } ] }"#).is_empty());
    }

    #[test]
    fn the_first_list_has_the_last_word() {
        let found = recommended(r#"{ "pg_settings": [ { "name": "fsync", "setting": "off" } ] }"#);
        let [fsync] = found.as_slice() else { panic!("{found:?}") };
        let other = Recommendation { recommended: "maybe".to_owned(), ..fsync.clone() };
        let more = Recommendation { parameter: "work_mem".to_owned(), ..other.clone() };
        let merged = merged([vec![fsync.clone()], vec![other, more.clone()]]);
        assert_eq!(merged, [fsync.clone(), more]);
    }

    #[test]
    fn values_are_shown_in_one_way() {
        let sized = |unit: Option<&str>, recommended: &str| {
            let found = analyze(
                &example::snapshot(r#"{ "pg_settings": [ { "name": "fsync", "setting": "off" } ] }"#).unwrap(),
                &Options::default(),
            );
            let base = found.recommendations.into_iter().next().unwrap();
            let one = Recommendation { unit: unit.map(str::to_owned), recommended: recommended.to_owned(), ..base };
            one.recommended_shown()
        };
        assert_eq!(sized(Some("MB"), "2048MB"), "2 GB");
        assert_eq!(sized(None, "on"), "on");
    }
}
