//! What became worse, certainly enough to fail on.

use pgdba_pg::text::one_line;
use schemars::JsonSchema;
use serde::Serialize;

use super::findings::{FindingChange, Findings};
use super::rates::RateDiff;
use super::statements::{ComparedStatement, StatementChange, Statements, TimeMethod};
use crate::format::{Confidence, Quantity};

/// What kind of regression it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegressionKind {
    /// The server as a whole became slower.
    SlowerServer,
    /// A statement does more work per call.
    MoreWork,
    /// A statement is slower.
    Slower,
    /// A warning appeared, or a finding became one.
    Finding,
    /// Something happens that should not.
    Rate,
}

/// Something that became worse.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Regression {
    /// What kind it is.
    pub kind: RegressionKind,
    /// What it is about: a query ID, the id of a finding, the key of a rate; empty for the server.
    pub id: String,
    /// What became worse, in one sentence without a full stop.
    pub summary: String,
    /// How certain it is.
    pub confidence: Confidence,
}

/// Characters of a statement that are shown.
const MAX_QUERY: usize = 60;

/// Everything that became worse, statements by the time that they added.
pub(super) fn all(statements: &Statements, rates: &[RateDiff], findings: &Findings) -> Vec<Regression> {
    let host = server(statements);
    let of_statements = statements.compared.iter().filter(|one| one.is_regression()).map(statement);
    let of_findings = findings.subjects.iter().filter(|one| one.is_regression()).map(|one| {
        let verb = if one.change == FindingChange::Worse { "became worse" } else { "appeared" };
        let subject = if one.subject.is_empty() { String::new() } else { format!(": {}", one.subject) };
        Regression {
            kind: RegressionKind::Finding,
            id: one.id.clone(),
            summary: format!("{} {verb}: {}{subject}", one.code, one.title),
            confidence: one.confidence,
        }
    });
    let of_rates = rates.iter().filter(|rate| rate.is_worse()).map(|rate| Regression {
        kind: RegressionKind::Rate,
        id: rate.key.to_owned(),
        summary: rate_summary(rate),
        confidence: Confidence::Medium,
    });
    host.into_iter().chain(of_statements).chain(of_findings).chain(of_rates).collect()
}

/// What happens more often, with how often it did since the first snapshot, if that is known.
fn rate_summary(rate: &RateDiff) -> String {
    let summary = format!("more {} than before", rate.label);
    match rate.grown_at_least() {
        Some(count) => {
            format!("{summary}: at least {} since the first snapshot", Quantity::Count(count as i64).display())
        }
        None => summary,
    }
}

/// A host that is slower is one regression, not one for each statement. One window a side does not confirm it.
fn server(statements: &Statements) -> Option<Regression> {
    let test = &statements.time_test;
    let ratio = test.host_ratio.filter(|_| test.is_host_slower() && test.is_host_confirmed)?;
    (test.method == TimeMethod::SeveralWindows).then(|| Regression {
        kind: RegressionKind::SlowerServer,
        id: String::new(),
        summary: format!("the server as a whole took {} times as long per call", times(ratio)),
        confidence: Confidence::Medium,
    })
}

/// A multiple, as displayed.
pub(super) fn times(ratio: f64) -> String {
    // Two decimals where the first would hide the difference.
    if ratio < 3.0 { format!("{ratio:.2}") } else { Quantity::Number(ratio).display() }
}

/// The beginning of a statement's text in one line, or its query ID.
pub(super) fn query(one: &ComparedStatement) -> String {
    words(one.name.query.as_deref(), one.name.query_id.as_deref())
}

/// The beginning of a text in one line, or the query ID.
pub(super) fn words(text: Option<&str>, query_id: Option<&str>) -> String {
    let Some(text) = text else { return format!("query {} (text hidden)", query_id.unwrap_or("without ID")) };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = one_line(&text);
    let kept: String = line.chars().take(MAX_QUERY).collect();
    if kept.len() < line.len() { format!("{}…", kept.trim_end()) } else { kept }
}

fn statement(one: &ComparedStatement) -> Regression {
    let is_work = one.changes.contains(&StatementChange::MoreWork);
    let cause = one.cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
    Regression {
        kind: if is_work { RegressionKind::MoreWork } else { RegressionKind::Slower },
        id: one.name.query_id.clone().unwrap_or_default(),
        summary: format!("{}: {}{cause}", query(one), sentence(one)),
        confidence: one.confidence.unwrap_or(Confidence::Low),
    }
}

/// `1.95 times the pages per call, 0.97 times the time per call`.
pub(super) fn sentence(one: &ComparedStatement) -> String {
    let changed = |test: &Option<super::statements::Test>| test.clone().filter(|test| test.is_changed);
    let pages = changed(&one.pages).map(|test| format!("{} times the pages per call", times(test.ratio)));
    let rows = changed(&one.rows).map(|test| format!("{} times the rows per call", times(test.ratio)));
    let (then, now) = (one.before.mean_words(), one.after.mean_words());
    let ratio = one.after.mean_ms / one.before.mean_ms;
    let ratio = if ratio.is_finite() { format!(", {} times", times(ratio)) } else { String::new() };
    let tested = if one.time.as_ref().is_some_and(|test| test.is_changed) { "" } else { ", not significant" };
    let tested = if one.time.is_none() { ", not tested" } else { tested };
    let time = format!("time per call {then} before, {now} after{ratio}{tested}");
    pages.into_iter().chain(rows).chain([time]).collect::<Vec<_>>().join(", ")
}
