//! The plan of one statement: where its time went, and what was found in it.

use std::collections::BTreeMap;

use pgdba_pg::{Millis, Ratio, display};
use pgdba_plan::Plan;
use pgdba_snapshot::DiagSnapshot;
use serde::Serialize;

use crate::engine;
use crate::facts::explained::{Explained, PlanNode};
use crate::facts::{Beside, Facts};
use crate::format::{Assessment, Block, Figure, Finding, Quantity, SubjectKind, block::Tree};
use crate::rules;

/// Levels of a tree. What is deeper is listed at the last one: no plan that a server makes is so deep.
const LEVELS: usize = 200;

/// Share of the time outside the nodes of the plan above which it is mentioned.
const OUTSIDE: Ratio = Ratio(0.10);

/// Width of the bar of a node's share of the time, in characters.
const BAR: f64 = 10.0;

/// A plan with what was derived from it.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The statement, where it is known.
    pub query_text: Option<String>,
    /// Time of all nodes together, in milliseconds; null without ANALYZE or with TIMING off.
    pub total_time_ms: Option<f64>,
    /// Time of the execution, in milliseconds: also start, end, triggers and serialization. Of a plan of auto_explain, its duration.
    pub execution_time_ms: Option<f64>,
    /// Time of all triggers, in milliseconds; that of BEFORE triggers is also in the node that writes.
    pub trigger_time_ms: Option<f64>,
    /// Time of planning, in milliseconds.
    pub planning_time_ms: Option<f64>,
    /// The root.
    pub tree: Vec<Node>,
    /// What was found, the most urgent first.
    pub findings: Vec<Finding>,
    /// The outcome of each rule about plans.
    pub assessments: Vec<Assessment>,
}

/// A node of the tree.
#[derive(Debug, Serialize)]
pub struct Node {
    /// Its number in the order of EXPLAIN, from 1 on: the name of a finding's subject.
    pub number: usize,
    /// What it does, as EXPLAIN in JSON calls it.
    pub node_type: String,
    /// The same with its target, as the text form has it.
    pub label: String,
    /// The CTE or subquery that it computes.
    pub subplan: Option<String>,
    /// Time that passed in it, without that of the nodes that worked for it, in milliseconds.
    pub own_time_ms: Option<f64>,
    /// The same with them.
    pub inclusive_time_ms: Option<f64>,
    /// Its own time as a share of the total, 0 to 1.
    pub share: Option<f64>,
    /// Rows of an average loop that the planner expected.
    pub expected_rows: Option<f64>,
    /// Rows of an average loop.
    pub rows: Option<f64>,
    /// How often it was executed, by all processes together.
    pub loops: Option<u64>,
    /// Codes of the findings about it.
    pub findings: Vec<String>,
    /// What works for it.
    pub children: Vec<Node>,
}

/// Derives everything from a plan.
#[must_use]
pub fn explain(plan: Plan) -> (Explanation, Block) {
    let explained = Explained::new(plan);
    // Rules about plans read no facts of a server.
    let no_server = DiagSnapshot::default();
    let facts = Facts::of(&no_server);
    let beside = Beside { plan: Some(&explained), ..Beside::default() };
    let run = engine::run(rules::of_plans(), &facts, beside, |_| false);
    let mut codes = BTreeMap::<usize, Vec<&Finding>>::new();
    for finding in &run.findings {
        let of_nodes = finding.subjects.iter().filter(|affected| affected.subject.kind == SubjectKind::PlanNode);
        for number in of_nodes.filter_map(|affected| affected.subject.name.parse().ok()) {
            codes.entry(number).or_default().push(finding);
        }
    }
    let found = |node: &PlanNode<'_>| codes.get(&(node.id.0 + 1)).map_or(&[][..], Vec::as_slice);
    let tree = nested(&explained, |node, children| data(&node, found(&node), children));
    let roots = nested(&explained, |node, children| shown(&node, found(&node), children));
    let millis = |time: Option<Millis>| time.map(|time| time.0);
    let explanation = Explanation {
        query_text: explained.plan.query_text.clone(),
        total_time_ms: millis(explained.total()),
        execution_time_ms: millis(explained.plan.execution_time.or(explained.plan.duration)),
        trigger_time_ms: explained.plan.triggers.iter().filter_map(|trigger| millis(trigger.time)).reduce(|a, b| a + b),
        planning_time_ms: millis(explained.plan.planning_time),
        tree,
        findings: run.findings,
        assessments: run.assessments,
    };
    (explanation, Block::tree(roots))
}

impl Explanation {
    /// What takes the time, in a few sentences.
    #[must_use]
    pub fn lead(&self) -> String {
        let (total, execution) = (self.total_time_ms, self.execution_time_ms);
        let is_executed = self.tree.iter().any(|root| root.loops.is_some());
        let why = if is_executed { "with TIMING off" } else { "without ANALYZE" };
        let inside = total.unwrap_or_default();
        let took = execution.unwrap_or_default().max(inside);
        let triggers = self.trigger_time_ms.filter(|triggers| *triggers > took / 2.0);
        let slowest = match (total, self.slowest()) {
            (None, _) if execution.is_none() => return format!("The plan has no times: it was made {why}."),
            (None, _) => format!(" Its nodes have no times: the plan was made {why}."),
            _ if triggers.is_some() => {
                format!(" Its triggers took the most time: {}.", time(triggers.unwrap_or_default()))
            }
            (_, None) => String::new(),
            (_, Some(node)) => {
                let share = display::percent(Ratio(node.share.unwrap_or_default()));
                format!(" Of its nodes, {} took the most time: {share}.", node.label)
            }
        };
        let outside = (took - inside > took * OUTSIDE.0 && total.is_some()).then(|| {
            format!(
                " Of this, {} passed outside the nodes of the plan: in triggers, in serialization, in JIT compilation, or at its \
                 start and end.",
                time(took - inside)
            )
        });
        let planning = self.planning_time_ms.map(|ms| format!(", after {} of planning", time(ms)));
        format!(
            "The statement took {}{}.{}{slowest}",
            time(took),
            planning.unwrap_or_default(),
            outside.unwrap_or_default()
        )
    }

    /// The node with the greatest own time.
    fn slowest(&self) -> Option<&Node> {
        let mut open: Vec<&Node> = self.tree.iter().collect();
        let mut slowest: Option<&Node> = None;
        while let Some(node) = open.pop() {
            if node.share > slowest.and_then(|node| node.share) {
                slowest = Some(node);
            }
            open.extend(&node.children);
        }
        slowest
    }
}

/// A time, as displayed.
fn time(ms: f64) -> String {
    display::duration(Millis(ms))
}

/// The plan as a tree of what `make` makes of each node and its children. A child follows its parent in the list of nodes, so the
/// list is gone through from its end.
fn nested<'e, T>(explained: &'e Explained, make: impl Fn(PlanNode<'e>, Vec<T>) -> T) -> Vec<T> {
    let nodes: Vec<PlanNode<'e>> = explained.nodes().collect();
    let mut places: Vec<(usize, Option<usize>)> = Vec::with_capacity(nodes.len());
    for node in &nodes {
        let parent = node.node.parent.map(|parent| parent.0);
        let above = parent.and_then(|parent| Some((parent, *places.get(parent)?)));
        places.push(match above {
            None => (0, None),
            Some((parent, (level, _))) if level + 1 < LEVELS => (level + 1, Some(parent)),
            Some((_, place)) => place,
        });
    }
    let mut below: Vec<Vec<T>> = nodes.iter().map(|_| Vec::new()).collect();
    let mut roots = Vec::new();
    for (index, (node, (_, parent))) in nodes.iter().zip(&places).enumerate().rev() {
        let mut children = below.get_mut(index).map(std::mem::take).unwrap_or_default();
        children.reverse();
        let made = make(*node, children);
        match parent.and_then(|parent| below.get_mut(parent)) {
            Some(siblings) => siblings.push(made),
            None => roots.push(made),
        }
    }
    roots.reverse();
    roots
}

fn data(node: &PlanNode<'_>, found: &[&Finding], children: Vec<Node>) -> Node {
    let actual = node.node.run.actual;
    Node {
        number: node.id.0 + 1,
        node_type: node.node.kind.word().to_owned(),
        label: node.label(),
        subplan: node.node.subplan.clone(),
        own_time_ms: node.own_time().map(|time| time.0),
        inclusive_time_ms: node.inclusive_time().map(|time| time.0),
        share: node.share().map(|share| share.0),
        expected_rows: node.node.estimate.map(|estimate| estimate.rows),
        rows: actual.map(|actual| actual.rows),
        loops: actual.map(|actual| actual.loops),
        findings: found.iter().map(|finding| finding.code.clone()).collect(),
        children,
    }
}

/// The node for people: a bar of its share of the time, its figures, and what was found about it.
fn shown(node: &PlanNode<'_>, found: &[&Finding], children: Vec<Tree>) -> Tree {
    let subplan = node.node.subplan.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    let bar = node.share().map(|share| {
        let full = (share.0.clamp(0.0, 1.0) * BAR).round() as usize;
        format!("{}{} ", "█".repeat(full), "░".repeat(BAR as usize - full))
    });
    let found = found
        .iter()
        .map(|finding| Tree::leaf(format!("{} {}: {}", finding.severity.word(), finding.code, finding.title)));
    Tree {
        label: format!("{}{subplan}{}", bar.unwrap_or_default(), node.label()),
        figures: figures(node),
        children: found.chain(children).collect(),
    }
}

fn figures(node: &PlanNode<'_>) -> Vec<Figure> {
    let number = |rows: f64| display::count(rows.round() as i64);
    let expected = node.node.estimate.map(|estimate| number(estimate.rows));
    let rows = match (node.node.run.actual, expected) {
        (Some(actual), _) if actual.loops == 0 => Some("never executed".to_owned()),
        (Some(actual), Some(expected)) => Some(format!("{} of {expected} expected", number(actual.rows))),
        (Some(actual), None) => Some(number(actual.rows)),
        (None, expected) => expected.map(|expected| format!("{expected} expected")),
    };
    let loops = node.actual().filter(|actual| actual.loops > 1);
    let loops = loops.map(|actual| i64::try_from(actual.loops).unwrap_or(i64::MAX));
    let time = node.shown_own_time().filter(|_| node.actual().is_some()).map(|time| Figure::new("own_time", time));
    let share = node.share().filter(|_| node.actual().is_some()).map(|share| Figure::new("share", share));
    let rows = rows.map(|rows| Figure::new("rows", Quantity::Text(rows)));
    let loops = loops.map(|loops| Figure::new("loops", loops));
    time.into_iter().chain(share).chain(rows).chain(loops).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(text: &str) -> (Explanation, Block) {
        explain(pgdba_plan::read(text).unwrap().remove(0))
    }

    const SORT: &str = "\
Sort  (cost=10.00..20.00 rows=100000 width=8) (actual time=80.000..95.000 rows=100000 loops=1)
  Sort Key: amount
  Sort Method: external merge  Disk: 1768kB
  ->  Seq Scan on orders  (cost=0.00..9.00 rows=10 width=8) (actual time=0.010..9.000 rows=100000 loops=1)
Planning Time: 0.1 ms
Execution Time: 99.0 ms";

    #[test]
    fn own_times_add_up_and_findings_are_at_their_nodes() {
        let (explanation, block) = explained(SORT);
        let [root] = explanation.tree.as_slice() else { panic!("{:?}", explanation.tree) };
        let [scan] = root.children.as_slice() else { panic!("{:?}", root.children) };
        assert_eq!(
            (root.own_time_ms, scan.own_time_ms, explanation.total_time_ms),
            (Some(86.0), Some(9.0), Some(95.0))
        );
        assert_eq!(
            (root.findings.as_slice(), scan.findings.as_slice()),
            (&["PGD1602".to_owned()][..], &["PGD1601".to_owned()][..])
        );
        assert!(
            explanation
                .lead()
                .ends_with("99 ms, after 0.1 ms of planning. Of its nodes, Sort took the most time: 90.5 %."),
            "{}",
            explanation.lead()
        );
        let Block::Tree { roots, .. } = block else { panic!("{block:?}") };
        assert!(roots[0].label.starts_with("█████████░ Sort"), "{}", roots[0].label);
        assert!(roots[0].children[0].label.starts_with("notice PGD1602"), "{:?}", roots[0].children);
    }

    /// The sentences about a sequential scan with this time in its root, and these lines behind it.
    fn lead(time: &str, tail: &str) -> String {
        let scan = format!("Seq Scan on t  (cost=0.00..9.00 rows=10 width=8) (actual {time}rows=10 loops=1)\n{tail}");
        explained(&scan).0.lead()
    }

    #[test]
    fn the_statement_takes_its_execution_time_and_what_is_outside_of_the_nodes_is_mentioned() {
        assert_eq!(
            lead(
                "time=0.010..5.000 ",
                "Planning Time: 2.0 ms\nTrigger t: time=54.000 calls=10\nExecution Time: 60.000 ms"
            ),
            "The statement took 60 ms, after 2 ms of planning. Of this, 55 ms passed outside the nodes of the plan: in triggers, in \
             serialization, in JIT compilation, or at its start and end. Its triggers took the most time: 54 ms."
        );
        assert_eq!(
            lead("time=0.010..204.100 ", "Trigger tt: time=203.831 calls=100\nExecution Time: 204.201 ms"),
            "The statement took 204 ms. Its triggers took the most time: 204 ms.",
            "the time of BEFORE triggers is in the node that writes"
        );
        let few = lead("time=0.010..204.100 ", "Trigger tt: time=63.831 calls=100\nExecution Time: 204.201 ms");
        assert!(few.ends_with("Of its nodes, Seq Scan on t took the most time: 100 %."), "{few}");
        for tail in ["Execution Time: 5.100 ms", "Execution Time: 5.499 ms"] {
            assert!(!lead("time=0.010..5.000 ", tail).contains("outside"), "{tail}");
        }
        assert!(lead("time=0.010..5.000 ", "").starts_with("The statement took 5 ms. Of its nodes, "), "SUMMARY off");
    }

    #[test]
    fn an_alias_that_is_the_name_is_not_repeated() {
        for label in ["CTE Scan on r", "CTE Scan on r r_1", "Function Scan on generate_series g", "Seq Scan on t"] {
            let (explanation, _) = explained(&format!("{label}  (cost=0.00..9.00 rows=10 width=8)"));
            assert_eq!(explanation.tree[0].label, label);
        }
    }

    #[test]
    fn nothing_in_each_of_many_loops_is_less_than_what_is_measured() {
        let (explanation, block) = explained(
            "Nested Loop  (cost=0.00..9.00 rows=10 width=8) (actual time=0.010..900.000 rows=10 loops=1)\n\
             \x20 ->  Seq Scan on a  (cost=0.00..9.00 rows=10 width=8) (actual time=0.000..0.000 rows=0 loops=1)\n\
             \x20 ->  Seq Scan on b  (cost=0.00..9.00 rows=10 width=8) (actual time=0.000..0.000 rows=0 loops=1000000)",
        );
        assert_eq!(explanation.tree[0].children[1].own_time_ms, Some(0.0));
        let Block::Tree { roots, .. } = block else { panic!("{block:?}") };
        let times: Vec<String> = roots[0].children.iter().map(|node| node.figures[0].value.display()).collect();
        assert_eq!(times, ["0 ms", "below 500 ms"]);
    }

    #[test]
    fn without_times_of_nodes_the_reason_is_given() {
        assert_eq!(
            lead("", "Execution Time: 60.000 ms"),
            "The statement took 60 ms. Its nodes have no times: the plan was made with TIMING off."
        );
        assert_eq!(lead("", ""), "The plan has no times: it was made with TIMING off.");
        let logged =
            "LOG:  duration: 12.000 ms  plan:\n\tQuery Text: select 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)\n";
        assert_eq!(
            explained(logged).0.lead(),
            "The statement took 12 ms. Its nodes have no times: the plan was made without ANALYZE."
        );
    }

    #[test]
    fn a_plan_of_any_depth_becomes_a_tree_that_can_be_printed() {
        let deep = |levels: usize| {
            let lines = (0..levels).map(|level| match level {
                0 => "Limit  (cost=0.00..1.00 rows=1 width=4)".to_owned(),
                _ => format!("{}->  Limit  (cost=0.00..1.00 rows=1 width=4)", " ".repeat(level * 6 - 4)),
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        let (explanation, _) = explained(&deep(1000));
        let text = serde_json::to_string(&explanation.tree).unwrap();
        assert_eq!(text.matches("node_type").count(), 1000);
        assert!(explanation.lead().contains("without ANALYZE"));
    }
}
