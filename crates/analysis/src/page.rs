//! A rule's page: its doc comment with the thresholds filled in, and the examples that stand in it.

use pgdba_snapshot::SectionSpec;

use crate::engine::rule::Rule;
use crate::facts::{Beside, Facts};
use crate::{engine, example};

/// What an example in a page claims about itself.
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
    /// What it claims.
    pub claim: Claim,
    /// The snapshot in the short form of [`crate::example`].
    pub text: String,
}

/// The page of `rule` in Markdown, thresholds filled in.
#[must_use]
pub fn markdown(rule: &Rule) -> String {
    let body = unindent(rule.doc);
    let filled = rule
        .thresholds
        .iter()
        .fold(body, |text, threshold| text.replace(&format!("{{{}}}", threshold.name), &(threshold.value)()));
    let needs = match rule.needs().as_slice() {
        [] => "nothing but the server's version".to_owned(),
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

/// The sections of the page that explain, without the examples: the text behind the report's "why".
#[must_use]
pub fn why(rule: &Rule) -> Vec<(String, String)> {
    let page = markdown(rule);
    let parts = page.split("\n## ").skip(1);
    parts
        .filter_map(|part| part.split_once('\n'))
        .filter(|(heading, _)| *heading != "Examples")
        .map(|(heading, body)| (heading.trim().to_owned(), body.trim().to_owned()))
        .collect()
}

/// The examples in the page, as they stand there.
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
/// A sentence that says in which way the example does not hold.
pub fn run_example(rule: &Rule, example: &Example) -> Result<(), String> {
    let snapshot = example::snapshot(&example.text).map_err(|error| format!("{}: {error}", rule.name))?;
    match (example.claim, engine::find(rule, &Facts::of(&snapshot), Beside::default())) {
        (Claim::Found, Ok(Some(_))) | (Claim::Passed, Ok(None)) => Ok(()),
        (claim, Ok(found)) => Err(format!("{}: claims {claim:?}, found: {}", rule.name, found.is_some())),
        (claim, Err(reason)) => Err(format!("{}: claims {claim:?}, was not assessed: {}", rule.name, reason.0)),
    }
}

/// Takes off the one space that a doc comment puts before each line.
fn unindent(doc: &str) -> String {
    doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}
