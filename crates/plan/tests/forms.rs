//! What the corpus lacks: just-in-time compilation, extensions, names that look like something else.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may the functions that only tests call")]

use pgdba_pg::Millis;
use pgdba_plan::{Blocks, NodeId, NodeType, Plan, Times, read};

fn one(text: &str) -> Plan {
    let mut plans = read(text).unwrap();
    assert_eq!(plans.len(), 1, "{text}");
    plans.remove(0)
}

#[track_caller]
fn assert_same(json: &str, text: &str) -> Plan {
    let (json, text) = (one(json).in_text_form(), one(text).in_text_form());
    assert_eq!(json, text);
    json
}

#[test]
fn just_in_time_compilation_is_read_from_both_forms() {
    let plan = assert_same(
        r#"[{"Plan": {"Node Type": "Aggregate", "Strategy": "Plain", "Partial Mode": "Partial", "Parallel Aware": false,
            "Actual Startup Time": 221.175, "Actual Total Time": 221.176, "Actual Rows": 1, "Actual Loops": 2, "Workers": [
            {"Worker Number": 0, "Actual Startup Time": 187.384, "Actual Total Time": 187.386, "Actual Rows": 1, "Actual Loops": 1,
             "JIT": {"Functions": 4, "Options": {"Inlining": true, "Optimization": true, "Expressions": true, "Deforming": false},
                "Timing": {"Generation": 0.325, "Inlining": 126.740, "Optimization": 27.736, "Emission": 31.084, "Total": 185.886}}}]},
            "Triggers": [], "JIT": {"Functions": 10, "Options": {"Inlining": true, "Optimization": false, "Expressions": true,
            "Deforming": true}, "Timing": {"Generation": {"Deform": 0.1, "Total": 0.737}, "Inlining": 295.395,
            "Optimization": 78.748, "Emission": 61.237, "Total": 436.116}}, "Execution Time": 613.340}]"#,
        "Partial Aggregate (actual time=221.175..221.176 rows=1 loops=2)
  Worker 0:  actual time=187.384..187.386 rows=1 loops=1
    JIT:
      Functions: 4
      Options: Inlining true, Optimization true, Expressions true, Deforming false
      Timing: Generation 0.325 ms, Inlining 126.740 ms, Optimization 27.736 ms, Emission 31.084 ms, Total 185.886 ms
JIT:
  Functions: 10
  Options: Inlining true, Optimization false, Expressions true, Deforming true
  Timing: Generation 0.737 ms (Deform 0.100 ms), Inlining 295.395 ms, Optimization 78.748 ms, Emission 61.237 ms, Total 436.116 ms
Execution Time: 613.340 ms
",
    );
    let times = plan.jit.unwrap().times.unwrap();
    assert_eq!((times.generation, times.deform, times.total), (Millis(0.737), Some(Millis(0.1)), Millis(436.116)));
    assert_eq!(plan.nodes[0].workers[0].run.jit.as_ref().unwrap().functions, 4);
}

#[test]
fn nodes_of_extensions_and_forks_pass_through() {
    let plan = assert_same(
        r#"[{"Plan": {"Node Type": "Gather Motion", "Startup Cost": 0.00, "Total Cost": 9.00, "Plan Rows": 3, "Plan Width": 4, "Plans": [
            {"Node Type": "Custom Scan", "Parent Relationship": "child", "Custom Plan Provider": "ChunkAppend", "Relation Name": "t",
             "Alias": "t_1", "Startup Cost": 0.00, "Total Cost": 8.00, "Plan Rows": 3, "Plan Width": 4,
             "Chunks excluded during startup": 0}]}}]"#,
        "Gather Motion  (cost=0.00..9.00 rows=3 width=4)
  ->  Custom Scan (ChunkAppend) on t t_1  (cost=0.00..8.00 rows=3 width=4)
        Chunks excluded during startup: 0
",
    );
    assert_eq!(plan.nodes[0].kind, NodeType::Other("Gather Motion".to_owned()));
    assert_eq!(plan.nodes[1].provider.as_deref(), Some("ChunkAppend"));
    assert_eq!(
        (plan.nodes[1].other[0].key.as_str(), plan.nodes[1].other[0].value.as_str()),
        ("Chunks excluded during startup", "0")
    );
}

#[test]
fn triggers_are_read_from_the_right() {
    let text = "Result (actual time=0.001..0.002 rows=1 loops=1)
Trigger a: b; it's on (x: time=0.100 calls=2
Trigger RI_1 for constraint c: d on t: time=1.318 calls=301
Trigger for constraint fk: calls=1
Execution Time: 2.000 ms
";
    let triggers: Vec<_> =
        one(text).triggers.into_iter().map(|t| (t.name, t.constraint, t.relation, t.time, t.calls)).collect();
    let word = |word: &str| Some(word.to_owned());
    assert_eq!(
        triggers,
        [
            (word("a: b; it's"), None, word("(x"), Some(Millis(0.1)), 2),
            (word("RI_1"), word("c: d"), word("t"), Some(Millis(1.318)), 301),
            (None, word("fk"), None, None, 1),
        ]
    );
}

#[test]
fn settings_are_split_although_the_server_does_not_escape_them() {
    let text = "Result (actual rows=1 loops=1)\nSettings: search_path = '\"$user\", 'a', public', work_mem = '64kB', jit = 'off'\n";
    let settings = [("search_path", "\"$user\", 'a', public"), ("work_mem", "64kB"), ("jit", "off")];
    assert_eq!(one(text).settings, settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_key_that_occurs_twice_and_one_in_an_array_are_read() {
    let plan = one(
        r#"{"Plan": {"Node Type": "Sort", "Actual Rows": 1, "Actual Loops": 1, "Sort Method": "quicksort", "Sort Method": "top-N heapsort",
        "Workers": [{"Worker Number": 0, "Actual Rows": 3, "Actual Loops": 1}],
        "Workers": [{"Worker Number": 0, "Sort Method": "quicksort"}, {"Worker Number": 1, "Sort Method": "external merge"}]}}"#,
    );
    assert_eq!(plan.nodes[0].run.sort.as_ref().unwrap().method, "top-N heapsort");
    let workers: Vec<_> = plan.nodes[0]
        .workers
        .iter()
        .map(|worker| (worker.number, worker.run.actual.is_some(), worker.run.sort.is_some()))
        .collect();
    assert_eq!(workers, [(0, true, true), (1, false, true)]);
    let plan = one(r#"{"Plan": {"Node Type": "ModifyTable", "Operation": "Merge", "Actual Rows": 0, "Actual Loops": 1,
        "Target Tables": [{"Relation Name": "p_1", "Alias": "p_1"}, "Tuples Inserted": 2, "Tuples Updated": 5]}}"#);
    assert_eq!(plan.nodes[0].target_tables.len(), 1);
    assert_eq!(plan.nodes[0].merged.map(|merged| (merged.inserted, merged.updated, merged.deleted)), Some((2, 5, 0)));
}

#[test]
fn a_sub_plan_behind_a_deeper_sibling_is_hung_on_the_node_of_its_label() {
    let plan = one("Bitmap Heap Scan on t  (cost=1.00..2.00 rows=1 width=4)
  Filter: ((SubPlan 1) > 3)
  ->  Bitmap Index Scan on t_g  (cost=0.00..1.00 rows=1 width=0)
        Index Cond: (g = 3)
  SubPlan 1
    ->  Result  (cost=0.00..0.01 rows=1 width=4)
");
    assert_eq!(plan.nodes[2].parent, Some(NodeId(0)));
    assert_eq!(plan.nodes[2].subplan.as_deref(), Some("SubPlan 1"));
}

#[test]
fn blocks_of_a_cte_are_those_of_the_node_that_reads_it() {
    let plan = one("Limit (actual time=0.000..9.000 rows=1 loops=1)
  Buffers: shared hit=110 read=7
  CTE c
    ->  Seq Scan on t (actual time=0.000..6.000 rows=9 loops=1)
          Buffers: shared hit=100 read=7
  ->  Hash Join (actual time=0.000..9.000 rows=1 loops=1)
        Hash Cond: (a.id = b.id)
        Buffers: shared hit=110 read=7
        ->  CTE Scan on c a (actual time=0.000..6.500 rows=9 loops=1)
              Buffers: shared hit=100 read=7
        ->  Hash (actual time=1.000..1.000 rows=9 loops=1)
              Buffers: shared hit=10
              ->  Seq Scan on b (actual time=0.000..0.750 rows=9 loops=1)
                    Buffers: shared hit=10
");
    let own = Blocks::of(&plan).buffers.unwrap();
    let hits: Vec<(u64, u64)> = own.iter().map(|buffers| (buffers.shared_hit, buffers.shared_read)).collect();
    assert_eq!(hits, [(0, 0), (100, 7), (0, 0), (0, 0), (0, 0), (10, 0)]);
    let own: Vec<f64> = Times::of(&plan).unwrap().nodes.iter().map(|node| node.own.0).collect();
    assert_eq!(own, [0.0, 6.0, 1.5, 0.5, 0.25, 0.75]);
}

#[test]
fn processes_are_counted_as_they_ran() {
    let plan = |launched: u64, loops: u64| {
        one(&format!(
            "Gather (actual time=1.000..10.000 rows=9 loops=1)
  Workers Planned: 2
  Workers Launched: {launched}
  ->  Parallel Bitmap Heap Scan on t (actual time=1.000..9.000 rows=3 loops={loops})
        ->  Bitmap Index Scan on t_g (actual time=6.000..6.000 rows=9 loops=1)
"
        ))
    };
    let own = |plan: &Plan| Times::of(plan).unwrap().nodes.iter().map(|node| node.own.0).collect::<Vec<_>>();
    // A worker that was launched and never ran does not count; the index is scanned by one process for all.
    assert_eq!(own(&plan(2, 3)), [1.0, 7.0, 2.0]);
    assert_eq!(own(&plan(2, 2)), [1.0, 6.0, 3.0]);
    assert_eq!(Times::of(&plan(2, 3)).unwrap().nodes[1].work, Millis(27.0));
}

#[test]
fn what_exceeds_its_parent_is_scaled_down_and_marked() {
    let plan = one("Nested Loop (actual time=0.000..8.000 rows=1 loops=1)
  ->  Seq Scan on a (actual time=0.000..2.000 rows=10000 loops=1)
  ->  Index Scan using i on b (actual time=0.001..0.001 rows=1 loops=10000)
        Index Cond: (id = a.id)
");
    let times = Times::of(&plan).unwrap();
    let own: f64 = times.nodes.iter().map(|node| node.own.0).sum();
    assert!((own - 8.0).abs() < 1e-9);
    assert!(times.nodes[2].is_doubtful && !times.nodes[1].is_doubtful);
    assert_eq!(times.nodes[0].excess, Millis(4.0));
}

#[test]
fn an_init_plan_is_charged_to_the_node_whose_expression_reads_it() {
    let own = |label: &str, reference: &str| {
        let plan = one(&format!(
            "Aggregate (actual time=120.000..120.000 rows=1 loops=1)
  {label}
    ->  Result (actual time=60.000..60.000 rows=1 loops=1)
  ->  Seq Scan on t (actual time=60.000..62.000 rows=3 loops=1)
        Filter: (id > {reference})
"
        ));
        Times::of(&plan).unwrap().nodes.iter().map(|node| node.own.0).collect::<Vec<_>>()
    };
    assert_eq!(own("InitPlan 1 (returns $0)", "$0"), [58.0, 60.0, 2.0]);
    assert_eq!(own("InitPlan 12 (returns $10,$11)", "$11"), [58.0, 60.0, 2.0]);
    assert_eq!(own("InitPlan 12", "(InitPlan 12).col1"), [58.0, 60.0, 2.0]);
    // Another one, and one that no printed expression reads: the node at which it is printed has the time.
    assert_eq!(own("InitPlan 1 (returns $0)", "$01"), [0.0, 60.0, 60.0]);
    assert_eq!(own("InitPlan 1", "(InitPlan 12).col1"), [0.0, 60.0, 60.0]);
}
