//! Finds the plans in a text.

use pgdba_pg::lexer::{Kind, tokens};

use crate::assemble;
use crate::doc::{Doc, Id};
use crate::error::{OtherFormat, ReadError};
use crate::frame;
use crate::json::{self, JsonError};
use crate::limits::{MAX_BYTES, MAX_LINES};
use crate::model::Plan;
use crate::text::{self, Budget};

/// How deep texts within JSON are read: a line of a JSON log contains a message, which contains a plan.
const MAX_WRAPPERS: u8 = 2;

/// How many lines that look like the root of a plan are tried as the end of the statement before it.
const MAX_ENDS_OF_QUERY: usize = 8;

/// All plans of a text.
pub(crate) fn plans(text: &str) -> Result<Vec<Plan>, ReadError> {
    if text.len() > MAX_BYTES {
        return Err(ReadError::TooLarge);
    }
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let mut found = Found::default();
    search(text, MAX_WRAPPERS, &mut found)?;
    if !found.plans.is_empty() {
        return Ok(found.plans);
    }
    Err(found.reason.unwrap_or(ReadError::NoPlan))
}

/// What was found so far.
#[derive(Default)]
struct Found {
    plans: Vec<Plan>,
    /// The nodes of all of them.
    nodes: usize,
    /// Why there is no plan, if there is none.
    reason: Option<ReadError>,
    /// What an auto_explain message says before its plan.
    announced: Plan,
}

impl Found {
    fn add(&mut self, doc: &Doc<'_>, statement: Id) -> Result<(), ReadError> {
        let mut plan = assemble::plan(doc, statement, &mut self.nodes)?;
        let announced = std::mem::take(&mut self.announced);
        plan.duration = plan.duration.or(announced.duration);
        plan.query_text = plan.query_text.or(announced.query_text);
        plan.query_parameters = plan.query_parameters.or(announced.query_parameters);
        self.plans.push(plan);
        Ok(())
    }
}

fn search(text: &str, wrappers: u8, found: &mut Found) -> Result<(), ReadError> {
    if text.bytes().filter(|byte| *byte == b'\n').count() >= MAX_LINES {
        return Err(ReadError::TooManyLines);
    }
    let bare = frame::without(text);
    let lines: Vec<&str> = bare.split('\n').collect();
    let mut search = Search { text: &bare, lines: &lines, wrappers, budget: Budget::of(&bare), found };
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at = search.line(at, line)?;
    }
    if found.plans.is_empty() && found.reason.is_none() {
        found.reason = other_format(&lines);
    }
    Ok(())
}

/// A search in a text without its frames.
struct Search<'t> {
    text: &'t str,
    lines: &'t [&'t str],
    /// How many texts within texts may still be read.
    wrappers: u8,
    budget: Budget,
    found: &'t mut Found,
}

impl Search<'_> {
    /// Reads what begins with a line, and returns the line behind it.
    fn line(&mut self, at: usize, line: &str) -> Result<usize, ReadError> {
        let trimmed = line.trim();
        if trimmed.starts_with(['[', '{']) {
            let start = offset(self.text, line) + (line.len() - line.trim_start().len());
            let end = self.json(start)?;
            let next = self.lines.iter().skip(at + 1).position(|line| offset(self.text, line) >= end);
            return Ok(next.map_or(self.lines.len(), |lines| at + 1 + lines));
        }
        if let Some(duration) = frame::duration(trimmed) {
            self.found.announced = Plan { duration: Some(duration), ..Plan::default() };
        } else if let Some(query) = trimmed.strip_prefix("Query Text: ") {
            return Ok(self.query(at, query));
        } else if trimmed == NOTHING {
            self.found.reason.get_or_insert(ReadError::NoPlanOfStatement(NOTHING));
        } else if text::is_root(line) {
            let mut doc = Doc::default();
            let (statement, next) = text::read(self.lines, at, &mut doc, &mut self.budget)?;
            self.found.add(&doc, statement)?;
            return Ok(next);
        } else if text::is_below_root(line) {
            return Err(ReadError::LostNode { line: at + 1 });
        }
        Ok(at + 1)
    }

    /// Reads the statement that auto_explain logs before its plan, and returns the line of the plan.
    fn query(&mut self, at: usize, first: &str) -> usize {
        let next = self.query_end(at, first);
        let rest = self.lines.get(at + 1..next).unwrap_or_default().iter().copied();
        let parameters = rest.clone().rfind(|line| line.starts_with(PARAMETERS));
        let rest = rest.filter(|line| Some(*line) != parameters);
        self.found.announced.query_text = Some(std::iter::once(first).chain(rest).collect::<Vec<_>>().join("\n"));
        self.found.announced.query_parameters =
            parameters.and_then(|line| line.strip_prefix(PARAMETERS)).map(str::to_owned);
        next
    }

    /// The line of the root behind a statement: the first one at which the statement is complete.
    fn query_end(&mut self, at: usize, first: &str) -> usize {
        let rest = self.lines.get(at + 1..).unwrap_or_default();
        let mut bytes = first.len();
        let mut roots = Vec::new();
        for (place, line) in rest.iter().enumerate() {
            let ends = text::is_root_with_figures(line) || line.trim_end() == "{";
            if ends {
                roots.push(at + 1 + place);
            }
            bytes += line.len() + 1;
            if roots.len() >= MAX_ENDS_OF_QUERY || !self.budget.allows(bytes) {
                break;
            }
            let is_complete = || {
                let query: Vec<&str> = std::iter::once(first).chain(rest.iter().copied().take(place)).collect();
                tokens(&query.join("\n")).all(|token| token.kind != Kind::Unclosed)
            };
            if ends && is_complete() {
                return at + 1 + place;
            }
        }
        self.budget.spend(bytes);
        roots.first().copied().unwrap_or(at + 1)
    }

    /// Reads the JSON that begins at a byte, and returns the byte behind it.
    fn json(&mut self, start: usize) -> Result<usize, ReadError> {
        let text = self.text;
        if !self.budget.allows(1) {
            return Ok(start + 1);
        }
        let mut doc = Doc::default();
        let (end, found) = match json::parse(text, start, &mut doc) {
            Ok((root, end)) => {
                statements(&doc, root, self.wrappers, self.found)?;
                return Ok(end);
            }
            Err(JsonError::Limit(error)) => return Err(error),
            Err(JsonError::End) => (text.trim_end().len(), None),
            Err(JsonError::At(at)) => (at, text.get(at..).and_then(|rest| rest.chars().next())),
        };
        self.budget.spend(end.saturating_sub(start));
        // Other texts in brackets are not meant to be JSON.
        let is_plan =
            text.get(start..end).is_some_and(|read| read.contains("\"Plan\"") || read.contains("\"Node Type\""));
        if !is_plan {
            // What only looked like JSON might still contain a plan behind its first line.
            return Ok(start + 1);
        }
        let line = 1 + text.bytes().take(end).filter(|byte| *byte == b'\n').count();
        let reason = found.map_or(ReadError::Truncated { line }, |found| ReadError::InvalidJson { line, found });
        self.found.reason.get_or_insert(reason);
        Ok(end)
    }
}

/// What precedes the parameters of a statement.
const PARAMETERS: &str = "Query Parameters: ";

/// What EXPLAIN prints where a rule removes the statement.
const NOTHING: &str = "Query rewrites to nothing";

/// What JSON has in the place of a plan that does not exist.
const UTILITY: &str = "Utility Statement";

/// Where a slice of a text begins in it.
fn offset(text: &str, slice: &str) -> usize {
    (slice.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Finds the plans in a JSON value: alone, in an array, or in whatever a client or a log wraps around them.
fn statements(doc: &Doc<'_>, root: Id, wrappers: u8, found: &mut Found) -> Result<(), ReadError> {
    let mut rows = Vec::new();
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        let is_plan = doc.get(id, "Plan").is_some_and(|plan| doc.is_object(plan)) || doc.get(id, "Node Type").is_some();
        if is_plan {
            found.add(doc, id)?;
            continue;
        }
        if doc.text(id) == Some(UTILITY) || doc.get(id, UTILITY).is_some() || doc.key(id) == UTILITY {
            found.reason.get_or_insert(ReadError::NoPlanOfStatement(UTILITY));
        }
        if let Some(text) = doc.text(id) {
            match doc.key(id) {
                "message" if frame::duration(text.lines().next().unwrap_or_default()).is_some() => rows.push(text),
                "QUERY PLAN" => rows.push(text),
                _ => {}
            }
        }
        let first = waiting.len();
        waiting.extend(doc.children(id));
        if let Some(children) = waiting.get_mut(first..) {
            children.reverse();
        }
    }
    match wrappers.checked_sub(1).filter(|_| !rows.is_empty()) {
        Some(wrappers) => search(&rows.join("\n"), wrappers, found),
        None => Ok(()),
    }
}

/// Recognizes the formats that are not read.
fn other_format(lines: &[&str]) -> Option<ReadError> {
    let is_frame = |c: char| c.is_whitespace() || "+|│↵\"".contains(c);
    let mut before = "";
    for line in lines.iter().map(|line| line.trim_matches(is_frame)) {
        if line.starts_with("<explain") || line == "<Plan>" || line.starts_with("<Node-Type>") {
            return Some(ReadError::OtherFormat(OtherFormat::Xml));
        }
        if matches!(before, "- Plan:" | "Plan:") && line.starts_with("Node Type:") {
            return Some(ReadError::OtherFormat(OtherFormat::Yaml));
        }
        before = line;
    }
    None
}
