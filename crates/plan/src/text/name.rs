//! What the name of a node in the text form says: type, strategy, join type, target.

use super::balance::find_unquoted;
use super::target::{OPERATIONS, Target};
use crate::doc::{Doc, Id};
use crate::error::ReadError;
use crate::model::NodeType;

/// The name of a node, taken apart. Each member is a key of the JSON form with its value.
#[derive(Debug)]
pub(super) struct Name<'l> {
    members: Vec<(&'static str, &'l str)>,
    target: Option<Target>,
    /// Whether PostgreSQL has such a node.
    pub(super) is_known: bool,
}

impl<'l> Name<'l> {
    pub(super) fn parse(name: &'l str) -> Option<Self> {
        let mut members = Vec::new();
        let mut rest = name;
        if let Some(shared) = rest.strip_prefix("Parallel ") {
            members.push(("Parallel Aware", "true"));
            rest = shared;
        }
        if let Some(asynchronous) = rest.strip_prefix("Async ") {
            members.push(("Async Capable", "true"));
            rest = asynchronous;
        }
        if rest.is_empty() || rest.starts_with('(') {
            return None;
        }
        let (head, target) = split_target(rest);
        let mut parsed = Self { members, target: None, is_known: true };
        let node_type = parsed.nature(head);
        parsed.target = match target {
            Some(target) => Some(Target::parse(node_type, target)?),
            None => None,
        };
        Some(parsed)
    }

    /// Finds type, strategy and the like, and returns the type.
    fn nature(&mut self, head: &'l str) -> &'l str {
        let operation = OPERATIONS.into_iter().find(|operation| *operation == head);
        let foreign = head.strip_prefix("Foreign ").filter(|word| *word == "Scan" || OPERATIONS.contains(word));
        let provider = head.strip_prefix("Custom Scan (").and_then(|rest| rest.strip_suffix(')'));
        let node_type = if let Some(operation) = operation {
            self.members.push(("Operation", operation));
            "ModifyTable"
        } else if let Some(word) = foreign {
            self.members.push(("Operation", if word == "Scan" { "Select" } else { word }));
            "Foreign Scan"
        } else if let Some(provider) = provider {
            self.members.push(("Custom Plan Provider", provider));
            "Custom Scan"
        } else if let Some((node_type, members)) =
            join(head).or_else(|| aggregate(head)).or_else(|| set_operation(head))
        {
            self.members.extend(members);
            node_type
        } else if let Some(scan) = head.strip_suffix(" Backward") {
            self.members.push(("Scan Direction", "Backward"));
            scan
        } else {
            head
        };
        self.is_known = NodeType::WORDS.contains(&node_type);
        self.members.push(("Node Type", node_type));
        node_type
    }

    pub(super) fn write(&self, doc: &mut Doc<'_>, node: Id) -> Result<(), ReadError> {
        for (key, value) in &self.members {
            doc.text_in(node, *key, (*value).to_owned())?;
        }
        self.target.as_ref().map_or(Ok(()), |target| target.write(doc, node))
    }
}

/// The name before ` using ` or ` on `, and what follows it.
fn split_target(name: &str) -> (&str, Option<&str>) {
    let cut = find_unquoted(name, |rest| rest.starts_with(" on ") || rest.starts_with(" using "));
    match cut.and_then(|cut| name.split_at_checked(cut)) {
        Some((head, target)) => (head, Some(target)),
        None => (name, None),
    }
}

type Nature<'l> = (&'static str, Vec<(&'static str, &'l str)>);

/// `Hash Join`, `Merge Left Join`, `Nested Loop Anti Join`.
fn join(head: &str) -> Option<Nature<'_>> {
    const JOINS: [(&str, &str); 3] = [("Nested Loop", "Nested Loop"), ("Merge", "Merge Join"), ("Hash", "Hash Join")];
    let (rest, node_type) = JOINS.into_iter().find_map(|(prefix, node)| Some((head.strip_prefix(prefix)?, node)))?;
    let join_type = match rest {
        "" if node_type == "Nested Loop" => "Inner",
        " Join" if node_type != "Nested Loop" => "Inner",
        _ => rest.strip_prefix(' ')?.strip_suffix(" Join")?,
    };
    Some((node_type, vec![("Join Type", join_type)]))
}

/// `Aggregate`, `Partial HashAggregate`, `Finalize GroupAggregate`.
fn aggregate(head: &str) -> Option<Nature<'_>> {
    let modes = ["Partial", "Finalize"].into_iter();
    let (mode, rest) = modes
        .filter_map(|mode| Some((mode, head.strip_prefix(mode)?.strip_prefix(' ')?)))
        .next()
        .unwrap_or(("Simple", head));
    let strategy = match rest {
        "Aggregate" => "Plain",
        "GroupAggregate" => "Sorted",
        "HashAggregate" => "Hashed",
        "MixedAggregate" => "Mixed",
        _ => return None,
    };
    Some(("Aggregate", vec![("Strategy", strategy), ("Partial Mode", mode)]))
}

/// `SetOp Except`, `HashSetOp Intersect All`.
fn set_operation(head: &str) -> Option<Nature<'_>> {
    let (strategy, command) = match (head.strip_prefix("SetOp "), head.strip_prefix("HashSetOp ")) {
        (Some(command), _) => ("Sorted", command),
        (_, Some(command)) => ("Hashed", command),
        _ => return None,
    };
    Some(("SetOp", vec![("Strategy", strategy), ("Command", command)]))
}
