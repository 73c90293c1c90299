//! Which nodes read an InitPlan or a CTE.

use std::collections::BTreeMap;

use crate::model::{Node, NodeType, Plan, Relationship};

/// The readers of each InitPlan and CTE of a plan.
pub(super) struct Readers {
    /// By the place of the subquery's root.
    of: BTreeMap<usize, Vec<usize>>,
    /// Behind the last node below each node.
    ends: Vec<usize>,
}

/// Where an InitPlan is referred to: by its output parameters up to version 16, by its number from 17 on.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reference<'p> {
    Parameter(&'p str),
    InitPlan(&'p str),
}

impl Readers {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut readers = Self { of: BTreeMap::new(), ends: ends(plan) };
        readers.ctes(plan);
        readers.init_plans(plan);
        readers
    }

    /// The readers of a subquery, in order.
    pub(super) fn list(&self, subquery: usize) -> &[usize] {
        self.of.get(&subquery).map(Vec::as_slice).unwrap_or_default()
    }

    /// Behind the last node below a node.
    pub(super) fn end(&self, node: usize) -> usize {
        self.ends.get(node).copied().unwrap_or(node + 1)
    }

    /// A CTE Scan reads the innermost CTE of its name that is held by it or above it.
    fn ctes(&mut self, plan: &Plan) {
        let mut held: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
        for (place, node) in plan.nodes.iter().enumerate() {
            for child in &node.children {
                let name = plan.node(*child).and_then(|child| child.subplan.as_deref()?.strip_prefix("CTE "));
                if let Some(name) = name {
                    held.entry(name).or_default().push((self.end(place), child.0));
                }
            }
            let name = node.target.cte.as_deref().filter(|_| node.kind == NodeType::CteScan);
            let Some(stack) = name.and_then(|name| held.get_mut(name)) else { continue };
            while stack.last().is_some_and(|(end, _)| *end <= place) {
                stack.pop();
            }
            if let Some((_, cte)) = stack.last() {
                self.of.entry(*cte).or_default().push(place);
            }
        }
    }

    fn init_plans(&mut self, plan: &Plan) {
        let mut references: BTreeMap<Reference<'_>, Vec<usize>> = BTreeMap::new();
        for (place, node) in plan.nodes.iter().enumerate() {
            for reference in node.expressions().flat_map(referenced) {
                let places = references.entry(reference).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        let gathers = gathers(plan);
        for (place, node) in plan.nodes.iter().enumerate() {
            let Some((holder, label)) = node.parent.zip(label_of_init_plan(node)) else { continue };
            let mut readers = Vec::new();
            for reference in names(label) {
                let places = references.get(&reference).map(Vec::as_slice).unwrap_or_default();
                let inside = place..self.end(place);
                let below = holder.0..self.end(holder.0);
                let places = places.iter().filter(|reader| below.contains(reader) && !inside.contains(reader));
                // Below a Gather it is computed by the Gather, before the workers are launched.
                readers.extend(places.map(|reader| match gathers.get(*reader).copied().flatten() {
                    Some(gather) if gather >= holder.0 => gather,
                    _ => *reader,
                }));
            }
            readers.sort_unstable();
            readers.dedup();
            self.of.insert(place, readers);
        }
    }
}

/// The label of an InitPlan that is not a CTE.
fn label_of_init_plan(node: &Node) -> Option<&str> {
    let label = node.subplan.as_deref().filter(|label| !label.starts_with("CTE "));
    label.filter(|_| node.relationship == Some(Relationship::InitPlan))
}

/// What refers to an InitPlan with this label: `InitPlan 1 (returns $0,$1)` or `InitPlan 1`.
fn names(label: &str) -> Vec<Reference<'_>> {
    let parameters = label.split_once("(returns ").and_then(|(_, rest)| rest.strip_suffix(')'));
    match parameters {
        Some(parameters) => parameters.split(',').map(|name| Reference::Parameter(name.trim())).collect(),
        None => vec![Reference::InitPlan(label)],
    }
}

/// The parameters (`$1`) and InitPlans (`(InitPlan 1)`) in an expression. Literals are not excluded: one with such a text is rare, and
/// then the node only counts as one more reader.
fn referenced(text: &str) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '(']) {
        let Some(here) = rest.get(at..) else { break };
        let digits = here.get(1..).unwrap_or_default();
        let digits = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mut length = 1;
        if here.starts_with('$') && digits > 0 {
            length += digits;
            found.extend(here.get(..length).map(Reference::Parameter));
        } else if here.starts_with("(InitPlan ") {
            found.extend(
                here.get(1..).and_then(|here| here.split_once(')')).map(|(label, _)| Reference::InitPlan(label)),
            );
        }
        rest = here.get(length..).unwrap_or_default();
    }
    found
}

/// For each node the place behind the last one below it.
fn ends(plan: &Plan) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..=plan.nodes.len()).collect();
    for (place, node) in plan.nodes.iter().enumerate().rev() {
        let last = node.children.iter().filter_map(|child| ends.get(child.0)).max().copied();
        if let (Some(last), Some(end)) = (last, ends.get_mut(place)) {
            *end = last.max(*end);
        }
    }
    ends
}

/// For each node the Gather or Gather Merge that it is or is below.
fn gathers(plan: &Plan) -> Vec<Option<usize>> {
    let mut gathers: Vec<Option<usize>> = Vec::with_capacity(plan.nodes.len());
    for (place, node) in plan.nodes.iter().enumerate() {
        let above = node.parent.and_then(|parent| gathers.get(parent.0).copied().flatten());
        let is_gather = matches!(node.kind, NodeType::Gather | NodeType::GatherMerge);
        gathers.push(if is_gather { Some(place) } else { above });
    }
    gathers
}
