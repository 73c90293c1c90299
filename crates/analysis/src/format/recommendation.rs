//! A parameter that should have another value.

use pgdba_pg::display;
use pgdba_pg::parameter::{self, Kind, Value};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Confidence, Figure, Table, TakesEffect};

/// Where a recommended value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecommendationSource {
    /// What this server's own counters and settings show.
    Evidence,
    /// PGTune's formulas: the machine and the workload.
    Pgtune,
}

impl RecommendationSource {
    /// The word that every output format uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Pgtune => "pgtune",
        }
    }
}

/// The rule that found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleReference {
    /// Its code, such as `PGD101`.
    pub code: String,
    /// Its name, such as `fsync_off`.
    pub name: String,
    /// The problem that it checks for.
    pub title: String,
}

/// A proposed value for a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Proposal {
    /// The parameter's name.
    pub parameter: String,
    /// The value, as `ALTER SYSTEM SET` takes it, such as `64MB`.
    pub value: String,
    /// Where the value comes from.
    pub source: RecommendationSource,
    /// The rule that proposes it, if any.
    pub rule: Option<RuleReference>,
    /// How certain it is.
    pub confidence: Confidence,
    /// What was measured, and its consequences.
    pub why: String,
    /// The figures it was derived from.
    pub inputs: Vec<Figure>,
}

/// How the value of a parameter is changed on this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "by", content = "name", rename_all = "snake_case")]
pub enum Route {
    /// `ALTER SYSTEM`.
    AlterSystem,
    /// Where the server is started: its command line sets the parameter.
    CommandLine,
    /// `ALTER ROLE` or `ALTER DATABASE`: the `pg_settings.source` that overrides the configuration files.
    Override(String),
    /// Patroni's dynamic configuration.
    Patroni,
    /// `ALTER SYSTEM RESET` on this member of a Patroni cluster, where `ALTER SYSTEM` set it and so overrides Patroni.
    PatroniMember,
    /// The parameter group or console of this managed service.
    Service(String),
}

/// A parameter that should have another value: the proposal that was chosen, and the others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Recommendation {
    /// The parameter's name.
    pub parameter: String,
    /// Its value in force, in `unit`; none if unknown.
    pub current: Option<String>,
    /// The value it should have, as `ALTER SYSTEM SET` takes it, such as `64MB`.
    pub recommended: String,
    /// The unit of `current`, such as `8kB` or `ms`.
    pub unit: Option<String>,
    /// How certain it is.
    pub confidence: Confidence,
    /// What was measured, and its consequences.
    pub rationale: String,
    /// Where the value comes from.
    pub source: RecommendationSource,
    /// The rule that found it, if any.
    pub rule: Option<RuleReference>,
    /// The figures the value was derived from.
    pub inputs: Vec<Figure>,
    /// The parameter's `pg_settings.context`; none where it is not known.
    pub context: Option<String>,
    /// When the change takes effect.
    pub takes_effect: TakesEffect,
    /// Whether the server must be restarted for it.
    pub needs_restart: bool,
    /// How it is changed on this server.
    pub route: Route,
    /// What else was proposed for it.
    pub alternatives: Vec<Proposal>,
}

impl Recommendation {
    /// A table of recommendations, each with its reason.
    #[must_use]
    pub fn table(all: &[Self]) -> Table {
        let rows = all.iter().map(|one| {
            let current = one.current_shown().unwrap_or_else(|| "–".to_owned());
            let effect = one.takes_effect.word().to_owned();
            [one.parameter.clone(), current, one.recommended_shown(), effect, one.why()].map(Into::into).to_vec()
        });
        let columns = [
            ("parameter", "parameter"),
            ("current", "current"),
            ("recommended", "recommended"),
            ("takes_effect", "takes effect"),
            ("why", "why"),
        ];
        Table::whole("Recommendations", &columns, rows)
    }

    /// The rule that found it, or else what was measured.
    #[must_use]
    pub fn why(&self) -> String {
        self.rule.as_ref().map_or_else(|| self.rationale.clone(), |rule| format!("{} {}", rule.code, rule.title))
    }

    /// The value in force, as displayed.
    #[must_use]
    pub fn current_shown(&self) -> Option<String> {
        self.current.as_deref().map(|current| display::parameter(current, self.unit.as_deref()))
    }

    /// The recommended value, as displayed.
    #[must_use]
    pub fn recommended_shown(&self) -> String {
        let kind = Kind::Real { unit: self.unit.clone(), min: -f64::MAX, max: f64::MAX };
        match parameter::parse(&kind, &self.recommended) {
            Ok(Value::Real(number)) => display::parameter(&number.to_string(), self.unit.as_deref()),
            _ => self.recommended.clone(),
        }
    }
}
