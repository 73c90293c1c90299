//! A rule's page: its doc comment with the thresholds and the source filled in, and its examples.

use pgdba_snapshot::SectionSpec;

use crate::engine::rule::Rule;
use crate::facts::{Beside, Facts};
use crate::format::Area;
use crate::{engine, example};

/// The outcome that an example in a page claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The rule finds something.
    Found,
    /// The rule passes.
    Passed,
}

/// A small snapshot in a rule's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The claimed outcome.
    pub claim: Claim,
    /// The snapshot in the short form of [`crate::example`].
    pub text: String,
}

/// The page of `rule` in Markdown, thresholds filled in, its source before the examples.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    let body = unindent(rule.doc);
    let filled = rule
        .thresholds
        .iter()
        .fold(body, |text, threshold| text.replace(&format!("{{{}}}", threshold.name), &(threshold.value)()));
    let source = format!("\n## Source\n\n{}.\n\n## Examples\n", rule.source);
    let filled = filled.replacen("\n## Examples\n", &source, 1);
    let needs = match rule.needs().as_slice() {
        [] if rule.area == Area::Plans => "a plan".to_owned(),
        [] => "only the server version".to_owned(),
        needs => names(needs),
    };
    let uses = match rule.uses().as_slice() {
        [] => String::new(),
        uses => format!(" Also uses: {}.", names(uses)),
    };
    format!(
        "# {code} {name}: {title}\n\n*Area: {area}. Needs: {needs}.{uses}*\n\n{body}\n",
        code = rule.code,
        name = rule.name,
        title = rule.title,
        area = rule.area.title(),
        body = filled.trim(),
    )
}

fn names(specs: &[&SectionSpec]) -> String {
    specs.iter().map(|spec| format!("`{}`", spec.name)).collect::<Vec<_>>().join(", ")
}

/// The page without its title and its examples, as the report shows it below a finding.
#[must_use]
pub fn why(rule: &Rule) -> String {
    let page = markdown(rule);
    let parts = page.split("\n## ").skip(1).filter(|part| !part.starts_with("Examples\n"));
    parts.map(|part| format!("## {part}\n")).collect()
}

/// The examples of the page, unchanged.
#[must_use]
pub fn examples(rule: &Rule) -> Vec<Example> {
    let body = unindent(rule.doc);
    let mut examples = Vec::new();
    let mut open: Option<(Claim, Vec<&str>)> = None;
    for line in body.lines() {
        match (&mut open, line.trim()) {
            (None, "```json found") => open = Some((Claim::Found, Vec::new())),
            (None, "```json passed") => open = Some((Claim::Passed, Vec::new())),
            (Some((claim, lines)), "```") => {
                examples.push(Example { claim: *claim, text: lines.join("\n") });
                open = None;
            }
            (Some((_, lines)), _) => lines.push(line),
            (None, _) => {}
        }
    }
    examples
}

/// Runs an example through its rule.
///
/// # Errors
/// The example has a different outcome, or is invalid.
pub fn run_example(rule: &Rule, example: &Example) -> Result<(), String> {
    let snapshot = example::snapshot(&example.text).map_err(|error| format!("{}: {error}", rule.name))?;
    let plan = example::plan(&example.text).map_err(|error| format!("{}: {error}", rule.name))?;
    let beside = Beside { plan: plan.as_ref(), ..Beside::default() };
    match (example.claim, engine::find(rule, &Facts::of(&snapshot), beside)) {
        (Claim::Found, Ok(Some(_))) | (Claim::Passed, Ok(None)) => Ok(()),
        (claim, Ok(found)) => {
            Err(format!("{}: the example is marked {claim:?}, but found: {}", rule.name, found.is_some()))
        }
        (claim, Err(reason)) => {
            Err(format!("{}: the example is marked {claim:?}, but was not assessed: {}", rule.name, reason.reason))
        }
    }
}

/// Removes the space with which each line of a doc comment begins.
fn unindent(doc: &str) -> String {
    doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}
