//! The plan of a statement, with the times and blocks of each node, as rules about plans see it.

use pgdba_pg::quote::quote_identifier;
use pgdba_pg::{Millis, Ratio, display};
use pgdba_plan::{
    Actual, Blocks, Buffers, ConditionKind, IoTimes, JoinType, Node, NodeId, NodeType, Plan, Relationship, Run,
    Strategy, Times,
};

use crate::format::{Checked, NotAssessed, Quantity, Subject, SubjectKind};

/// Nodes above a node that its path names.
const ABOVE: usize = 8;

/// A plan and what is derived from it.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The plan.
    pub plan: Plan,
    /// Own times; none without ANALYZE or with TIMING off.
    pub times: Option<Times>,
    /// Own blocks.
    pub blocks: Blocks,
    /// Whether rows are printed with decimals, as from version 18 on. Before, less than half a row in an average loop is shown as 0.
    pub has_decimal_rows: bool,
    /// Whether each node might have been stopped before its last row.
    cut_short: Vec<bool>,
}

/// A node of a plan with what was derived of it.
#[derive(Debug, Clone, Copy)]
pub struct PlanNode<'a> {
    /// The whole.
    pub explained: &'a Explained,
    /// Its place.
    pub id: NodeId,
    /// The node.
    pub node: &'a Node,
}

impl Explained {
    /// The plan with what is derived from it.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let (times, blocks) = (Times::of(&plan), Blocks::of(&plan));
        let has_decimals = |node: &Node| node.run.actual.is_some_and(|actual| actual.rows.fract() != 0.0);
        let has_decimal_rows = plan.nodes.iter().any(has_decimals);
        let mut explained = Self { plan, times, blocks, has_decimal_rows, cut_short: Vec::new() };
        explained.cut_short = explained.stopped();
        explained
    }

    /// The nodes in the order of EXPLAIN.
    pub fn nodes(&self) -> impl Iterator<Item = PlanNode<'_>> {
        self.plan.ids().map(|(id, node)| PlanNode { explained: self, id, node })
    }

    /// One of them.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<PlanNode<'_>> {
        Some(PlanNode { explained: self, id, node: self.plan.node(id)? })
    }

    /// The value of a planner parameter that EXPLAIN shows because it is not the default (SETTINGS).
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.plan.settings.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The total time; none without times.
    #[must_use]
    pub fn total(&self) -> Option<Millis> {
        self.times.as_ref().map(|times| times.total)
    }

    /// Requires that the statement was executed.
    ///
    /// # Errors
    /// It was not: EXPLAIN without ANALYZE.
    pub fn require_analyze(&self) -> Checked<()> {
        let reason = "the plan has no measured rows: it was made by EXPLAIN without ANALYZE";
        if self.plan.is_analyzed() { Ok(()) } else { Err(NotAssessed::expected(reason)) }
    }

    /// Requires that the times of nodes were measured.
    ///
    /// # Errors
    /// They were not: EXPLAIN without ANALYZE, or with TIMING off.
    pub fn require_times(&self) -> Checked<()> {
        self.require_analyze()?;
        let reason = "the plan has no times of nodes: it was made with TIMING off";
        if self.times.is_some() { Ok(()) } else { Err(NotAssessed::expected(reason)) }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Option<PlanNode<'_>> {
        self.nodes().next()
    }

    /// Which nodes might have been stopped, those above them first: a child follows its parent, so that one pass suffices.
    fn stopped(&self) -> Vec<bool> {
        let mut stopped: Vec<bool> = Vec::with_capacity(self.plan.nodes.len());
        for node in self.nodes() {
            let of_above = |above: PlanNode<'_>| {
                let inherits = !above.reads_all() && stopped.get(above.id.0).copied().unwrap_or(false);
                node.is_stopped_by(&above) || inherits
            };
            stopped.push(node.parent().is_some_and(of_above));
        }
        stopped
    }
}

impl<'a> PlanNode<'a> {
    /// What ANALYZE measured; none of a node that was not executed.
    #[must_use]
    pub fn actual(&self) -> Option<Actual> {
        self.node.run.actual.filter(|actual| actual.loops > 0)
    }

    /// The rows that it returned over all loops and processes.
    #[must_use]
    pub fn rows(&self) -> Option<f64> {
        self.actual().map(|actual| actual.rows * actual.loops as f64)
    }

    /// The rows of an average loop as the planner expected them and as they were; none where they cannot be compared.
    #[must_use]
    pub fn compared_rows(&self) -> Option<(f64, f64)> {
        let (estimate, actual) = (self.node.estimate?, self.actual()?);
        let has_rows = !self.is_bitmap() && self.node.kind != NodeType::ModifyTable;
        let is_rounded = actual.rows == 0.0 && actual.loops > 1 && !self.explained.has_decimal_rows;
        let is_tested = !is_rounded && !self.may_be_cut_short() && !self.has_nothing_to_read();
        (has_rows && is_tested).then_some((estimate.rows, actual.rows))
    }

    /// Whether it returns a bitmap and not rows.
    fn is_bitmap(&self) -> bool {
        matches!(self.node.kind, NodeType::BitmapAnd | NodeType::BitmapOr | NodeType::BitmapIndexScan)
    }

    /// Whether it returned nothing because its input had no rows, or one side of its join: that does not test its own estimate.
    fn has_nothing_to_read(&self) -> bool {
        let is_empty = |node: &Self| node.rows().unwrap_or(0.0) == 0.0 && node.executions().unwrap_or(0.0) <= 1.0;
        let is_input = |child: &Self| child.node.relationship.as_ref().is_none_or(Relationship::is_input);
        let inputs: Vec<Self> = self.children().filter(|child| is_input(child) && !child.is_bitmap()).collect();
        let is_join = matches!(self.node.kind, NodeType::NestedLoop | NodeType::HashJoin | NodeType::MergeJoin);
        let has_no_input = if is_join { inputs.iter().any(is_empty) } else { inputs.iter().all(is_empty) };
        has_no_input && !inputs.is_empty() && is_empty(self)
    }

    /// What was measured of it, then of each worker.
    pub fn runs(&self) -> impl Iterator<Item = &'a Run> + use<'a> {
        let node = self.node;
        std::iter::once(&node.run).chain(node.workers.iter().map(|worker| &worker.run))
    }

    /// The condition that decides how many rows it returns.
    #[must_use]
    pub fn condition(&self) -> Option<String> {
        const KINDS: [ConditionKind; 7] = [
            ConditionKind::Filter,
            ConditionKind::IndexCond,
            ConditionKind::RecheckCond,
            ConditionKind::HashCond,
            ConditionKind::MergeCond,
            ConditionKind::JoinFilter,
            ConditionKind::TidCond,
        ];
        KINDS.into_iter().find_map(|kind| self.node.condition(kind)).map(str::to_owned)
    }

    /// The table that it scans, quoted as SQL needs it.
    #[must_use]
    pub fn relation(&self) -> Option<String> {
        self.node.target.qualified_relation()
    }

    /// Its own time.
    #[must_use]
    pub fn own_time(&self) -> Option<Millis> {
        Some(self.explained.times.as_ref()?.node(self.id)?.own)
    }

    /// Its time with that of all that worked for it.
    #[must_use]
    pub fn inclusive_time(&self) -> Option<Millis> {
        Some(self.explained.times.as_ref()?.node(self.id)?.inclusive)
    }

    /// Its own time for people: times of loops are rounded, so that nothing in each of many loops is not nothing.
    #[must_use]
    pub fn shown_own_time(&self) -> Option<Quantity> {
        let time = self.explained.times.as_ref()?.node(self.id)?;
        let is_lost = time.own.0 == 0.0 && self.actual().is_some_and(|actual| actual.loops > 1);
        Some(if is_lost {
            Quantity::Text(format!("below {}", display::duration(time.rounding)))
        } else {
            time.own.into()
        })
    }

    /// Its own time as a share of the total.
    #[must_use]
    pub fn share(&self) -> Option<Ratio> {
        Some(self.explained.times.as_ref()?.node(self.id)?.share)
    }

    /// Its own blocks; none without BUFFERS.
    #[must_use]
    pub fn own_buffers(&self) -> Option<Buffers> {
        self.explained.blocks.buffers.as_ref()?.get(self.id.0).copied()
    }

    /// Whether its own time is at least this share of the total, or times are not known.
    #[must_use]
    pub fn takes(&self, share: Ratio) -> bool {
        self.share().is_none_or(|own| own >= share)
    }

    /// Its time with that of all that worked for it, as a share of the total.
    #[must_use]
    pub fn inclusive_share(&self) -> Option<Ratio> {
        let total = self.explained.total().filter(|total| total.0 > 0.0)?;
        Some(Ratio(self.inclusive_time()?.0 / total.0))
    }

    /// Whether it takes at least this share of the total with all that worked for it, or times are not known.
    #[must_use]
    pub fn subtree_takes(&self, share: Ratio) -> bool {
        self.inclusive_share().is_none_or(|inclusive| inclusive >= share)
    }

    /// The rows that it read over all loops and processes: those it returned and those its filter removed.
    #[must_use]
    pub fn rows_read(&self) -> Option<f64> {
        let actual = self.actual()?;
        Some((actual.rows + self.node.removed.filter.unwrap_or(0.0)) * actual.loops as f64)
    }

    /// The Gather or Gather Merge above it.
    #[must_use]
    pub fn gather(&self) -> Option<Self> {
        let mut above = std::iter::successors(self.parent(), Self::parent);
        above.find(Self::is_gather)
    }

    /// Whether it collects the rows of parallel workers.
    #[must_use]
    pub fn is_gather(&self) -> bool {
        matches!(self.node.kind, NodeType::Gather | NodeType::GatherMerge)
    }

    /// How often an average process executed it: loops count every process that shares the work below a Gather.
    #[must_use]
    pub fn executions(&self) -> Option<f64> {
        let mut executions = self.actual()?.loops as f64;
        let mut below = *self;
        while let Some(above) = below.parent() {
            if let (true, Some(gather), Some(child)) = (above.is_gather(), above.actual(), below.actual()) {
                executions /= (child.loops as f64 / gather.loops as f64).max(1.0);
            }
            below = above;
        }
        Some(executions)
    }

    /// A figure that each process counts for itself, of all of them together.
    #[must_use]
    pub fn sum(&self, figure: impl Fn(&Run) -> Option<u64>) -> Option<u64> {
        self.runs().filter_map(figure).reduce(u64::saturating_add)
    }

    /// Its own time of reading and writing blocks; none without BUFFERS and `track_io_timing`.
    #[must_use]
    pub fn own_io(&self) -> Option<IoTimes> {
        self.explained.blocks.io.as_ref()?.get(self.id.0).copied()
    }

    /// Its parent.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.explained.node(self.node.parent?)
    }

    /// Its children, subqueries included.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        let explained = self.explained;
        explained.plan.children(self.id).map(move |(id, node)| Self { explained, id, node })
    }

    /// `Seq Scan on orders o`.
    #[must_use]
    pub fn label(&self) -> String {
        let node = self.node;
        let parallel = if node.is_parallel_aware { "Parallel " } else { "" };
        let kind = match (&node.kind, &node.join_type, &node.operation) {
            (NodeType::ModifyTable, _, Some(operation)) => operation.word().to_owned(),
            (NodeType::HashJoin, Some(join), _) if *join != JoinType::Inner => format!("Hash {} Join", join.word()),
            (NodeType::MergeJoin, Some(join), _) if *join != JoinType::Inner => format!("Merge {} Join", join.word()),
            (NodeType::NestedLoop, Some(join), _) if *join != JoinType::Inner => {
                format!("Nested Loop {} Join", join.word())
            }
            (NodeType::Aggregate, ..) => match &node.strategy {
                Some(Strategy::Hashed) => "HashAggregate".to_owned(),
                Some(Strategy::Sorted) => "GroupAggregate".to_owned(),
                Some(Strategy::Mixed) => "MixedAggregate".to_owned(),
                _ => "Aggregate".to_owned(),
            },
            (kind, ..) => kind.word().to_owned(),
        };
        let target = &node.target;
        let using = target.index.as_ref().map(|index| match node.kind {
            NodeType::BitmapIndexScan => format!(" on {}", quote_identifier(index)),
            _ => format!(" using {}", quote_identifier(index)),
        });
        let others = [&target.cte, &target.function, &target.table_function];
        let relation = target.qualified_relation();
        let name = relation.or_else(|| others.into_iter().flatten().next().map(|name| quote_identifier(name)));
        let names = [&target.relation, &target.cte, &target.function, &target.table_function];
        let alias = target.alias.as_ref().filter(|alias| !names.into_iter().flatten().any(|name| name == *alias));
        let alias = alias.map(|alias| format!(" {}", quote_identifier(alias))).filter(|_| name.is_some());
        let on = name.map(|name| format!(" on {name}"));
        format!("{parallel}{kind}{}{}{}", using.unwrap_or_default(), on.unwrap_or_default(), alias.unwrap_or_default())
    }

    /// Its label after those of the nearest nodes above it.
    #[must_use]
    pub fn path(&self) -> String {
        let mut above = self.explained.plan.ancestors(self.id).map(|(id, node)| Self { id, node, ..*self }.label());
        let mut labels: Vec<String> = above.by_ref().take(ABOVE).collect();
        labels.extend(above.next().map(|_| "…".to_owned()));
        labels.reverse();
        labels.push(self.label());
        labels.join(" > ")
    }

    /// It as the subject of a finding: nodes are counted from 1, as EXPLAIN prints them.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::PlanNode, &(self.id.0 + 1).to_string())
    }

    /// Whether it might have been stopped before its last row, so that its rows say nothing about its estimate.
    #[must_use]
    pub fn may_be_cut_short(&self) -> bool {
        self.explained.cut_short.get(self.id.0).copied().unwrap_or(false)
    }

    /// Whether the node above it might stop it before its last row.
    fn is_stopped_by(&self, above: &Self) -> bool {
        let is = |relationship: Relationship| self.node.relationship == Some(relationship);
        match above.node.kind {
            NodeType::Limit | NodeType::MergeJoin => true,
            NodeType::NestedLoop if is(Relationship::Inner) => above.stops_at_first_match(),
            NodeType::HashJoin if is(Relationship::Outer) => above.ends_without_inner_rows(),
            NodeType::WindowAgg if is(Relationship::Outer) => {
                above.node.condition(ConditionKind::RunCondition).is_some()
            }
            _ => self.node.relationship.as_ref().is_some_and(|relationship| !relationship.is_input()),
        }
    }

    /// Whether a nested loop reads its inner side up to the first match only, or might do so: without VERBOSE the text form does not
    /// tell whether inner rows are unique, and that matters only where a filter of the join looks for the match.
    fn stops_at_first_match(&self) -> bool {
        let is_first_match = matches!(
            self.node.join_type,
            Some(JoinType::Semi | JoinType::Anti | JoinType::RightSemi | JoinType::RightAnti)
        );
        let is_filtered = self.node.condition(ConditionKind::JoinFilter).is_some();
        is_first_match || self.node.is_inner_unique.unwrap_or(is_filtered)
    }

    /// Whether a hash join did not read its outer side to the end, since its hash table was empty and it returns no outer row
    /// without a match.
    fn ends_without_inner_rows(&self) -> bool {
        let returns_outer = matches!(self.node.join_type, Some(JoinType::Left | JoinType::Full | JoinType::Anti));
        let mut inner = self.children().filter(|child| child.node.relationship == Some(Relationship::Inner));
        !returns_outer && inner.any(|hash| hash.rows() == Some(0.0))
    }

    /// Whether it reads all of its input before it returns a row.
    #[must_use]
    pub fn reads_all(&self) -> bool {
        match self.node.kind {
            NodeType::Sort | NodeType::Hash => true,
            NodeType::Aggregate => !matches!(self.node.strategy, Some(Strategy::Sorted)),
            _ => false,
        }
    }
}

/// How many times the larger of two numbers of rows is the smaller one, each counted as one row at least.
#[must_use]
pub fn times_off(a: f64, b: f64) -> f64 {
    let (a, b) = (a.max(1.0), b.max(1.0));
    (a / b).max(b / a)
}
