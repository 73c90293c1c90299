//! What is read beyond the corpus: frames, deep and large texts, and what is refused.

mod recorded;

use pgdba_plan::{NodeType, OtherFormat, Plan, ReadError, Times, read};
use proptest::prelude::*;

use crate::recorded::frames;

/// The plan without what only a log has.
fn bare(plan: &Plan) -> Plan {
    Plan { query_text: None, duration: None, ..plan.in_text_form() }
}

#[test]
fn every_frame_has_the_same_plan() {
    let recorded = frames();
    let expected = recorded.iter().find(|framed| framed.frame == "psql -At").unwrap();
    let expected = bare(&read(&expected.text).unwrap()[0]);
    assert!(expected.nodes.len() > 4);
    for framed in &recorded {
        let plans = read(&framed.text)
            .unwrap_or_else(|error| panic!("{} {}: {error}\n{}", framed.frame, framed.form, framed.text));
        assert_eq!(plans.len(), if framed.form == "both" { 2 } else { 1 }, "{} {}", framed.frame, framed.form);
        for mut plan in plans.iter().map(bare) {
            if framed.form == "both" {
                // It was executed.
                assert!(plan.is_analyzed() || plans.iter().all(|plan| plan.duration.is_some()));
                plan.nodes.iter_mut().for_each(|node| node.run = Default::default());
            }
            assert_eq!(plan, expected, "{} {}", framed.frame, framed.form);
        }
    }
}

#[test]
fn what_people_wrap_around_a_plan_is_removed() {
    let text = "Limit  (cost=0.00..1.00 rows=1 width=4)\n  ->  Seq Scan on t  (cost=0.00..9.00 rows=9 width=4)\n        \
                Filter: (s = 'a, \"b\"'::text)\nPlanning Time: 0.100 ms\n";
    let expected = read(text).unwrap();
    assert_eq!(expected[0].nodes.len(), 2);
    let each = |change: &dyn Fn(&str) -> String| text.lines().map(change).collect::<Vec<_>>().join("\n");
    let quoted = |line: &str| format!("\"{}\"", line.replace('"', "\"\""));
    for wrapped in [
        format!("\u{feff}{}", text.replace('\n', "\r\n")),
        text.replace(' ', "\u{a0}"),
        each(&|line| line.replace("  ", "\u{a0} ")),
        format!("```\n{text}```\n"),
        format!("It is slow:\n\n```text\n{text}```\n\nWhy?\n"),
        each(&|line| format!("> {line}")),
        each(&quoted),
        format!("\"QUERY PLAN\"\n{}", each(&quoted)),
        format!("QUERY PLAN{:40}|\n{}+\n{}\n", "", "-".repeat(50), each(&|line| format!("{line:50}|"))),
        each(&|line| format!("| {line:60} |")),
        format!("postgres=# explain select 1;\n{}\n(4 rows)\n", each(&|line| format!(" {line}"))),
        each(&|line| format!("{line}\n")),
        each(&|line| format!("    {line}")),
        each(&|line| format!(" {line}")).trim_start().to_owned(),
        format!(
            "2026-11-29 10:00:00 UTC [7] app@shop LOG:  duration: 12.345 ms  plan:\n\tQuery Text: select 'Sort  (cost=1\n\tx'\n{}\n2026-11-29 10:00:01 UTC [7] LOG:  next",
            each(&|line| format!("\t{line}"))
        ),
        each(&|line| format!("Nov 29 10:00:00 db postgres[123]: [7-2] #011{line}")),
        format!(
            "{{\"timestamp\":\"x\",\"message\":{:?}}}",
            format!("duration: 12.345 ms  plan:\nQuery Text: select 1\n{text}")
        ),
        format!(
            "[{}]",
            text.lines().map(|line| format!("{{\"QUERY PLAN\": {line:?}}}")).collect::<Vec<_>>().join(", ")
        ),
    ] {
        let plans: Vec<Plan> =
            read(&wrapped).unwrap_or_else(|error| panic!("{error}\n{wrapped}")).iter().map(bare).collect();
        assert_eq!(plans, expected, "{wrapped}");
    }
}

#[test]
fn the_cells_of_a_table_need_no_blanks_around_them() {
    let text = "Sort  (cost=0.00..1.00 rows=1 width=4)\n  Sort Key: a\n  ->  Seq Scan on t  (cost=0.00..9.00 rows=9 width=4)\n";
    let expected = read(text).unwrap();
    assert_eq!((expected[0].nodes[0].keys.sort.len(), expected[0].nodes.len()), (1, 2));
    let each = |change: &dyn Fn(&str) -> String| text.lines().map(change).collect::<Vec<_>>().join("\n");
    let (bare, padded) = (each(&|line| format!("|{line}|")), each(&|line| format!("| {line:60} |")));
    for table in [
        format!("|QUERY PLAN|\n|---|\n{bare}"),
        format!("| QUERY PLAN |\n|------------|\n{padded}"),
        format!("|QUERY PLAN|\n|:---|\n{padded}"),
        bare.clone(),
    ] {
        assert_eq!(read(&table).as_ref(), Ok(&expected), "{table}");
    }
    let both = format!("```\n{padded}\n```\n\n```\n{bare}\n```\n");
    assert_eq!(read(&both).unwrap(), [expected.clone(), expected].concat(), "each table has its own form");
}

#[test]
fn the_name_of_a_root_begins_with_a_capital_letter() {
    let prose = "the plan of it (cost=1) follows\nit was slow (actual time)\n";
    let plan = "Result  (cost=0.00..0.01 rows=1 width=4)\n";
    assert_eq!(read(prose), Err(ReadError::NoPlan));
    assert_eq!(read(&format!("{prose}{plan}")), read(plan));
}

#[test]
fn a_node_whose_parent_is_not_known_is_refused() {
    let plan = "Limit  (cost=0.00..1.00 rows=1 width=4)\n  ->  Sort  (cost=0.00..1.00 rows=1 width=4)\n        Sort Key: a\n        \
                ->  Seq Scan on t  (cost=0.00..9.00 rows=9 width=4)\n";
    assert_eq!(read(plan).unwrap()[0].nodes.len(), 3);
    let each = |change: &dyn Fn(&str) -> String| plan.lines().map(change).collect::<Vec<_>>().join("\n");
    let without_costs = plan.lines().map(|line| line.split("  (").next().unwrap()).collect::<Vec<_>>();
    for (text, line) in [
        (each(&|line| line.trim_start().to_owned()), 2),
        (each(&|line| line.split_whitespace().collect::<Vec<_>>().join(" ")), 2),
        (without_costs.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n"), 2),
        (each(&|line| line.replace("->", "-&gt;")), 2),
        (each(&|line| line.replace("->  Seq", "->Seq")), 4),
        (format!("Two plans:\n\n{plan}and\n{}", plan.lines().skip(1).collect::<Vec<_>>().join("\n")), 8),
    ] {
        assert_eq!(read(&text), Err(ReadError::LostNode { line }), "{text}");
    }
    let error = ReadError::LostNode { line: 2 };
    assert_eq!(error.code(), "plan_indentation");
    assert!(error.hint().contains("indentation"));
    // What is not a node, but has an arrow.
    for text in ["-> here it gets slow", "data -> 'a'", "=> next\n-> 'b'"] {
        assert_eq!(read(&format!("{text}\n{plan}\n{text}\n")), read(plan), "{text}");
    }
}

#[test]
fn the_query_of_a_log_is_kept() {
    let text = "LOG:  duration: 12.345 ms  plan:\n\tQuery Text: select 'Sort  (cost=1..2 rows=1 width=1)\n\tSort  (cost=1..2 rows=1 width=1)\n\
                \tx'\n\tQuery Parameters: $1 = 'a'\n\tResult  (cost=0.00..0.01 rows=1 width=4)\n";
    let plan = read(text).unwrap().remove(0);
    assert_eq!(plan.duration.map(|time| time.0), Some(12.345));
    assert_eq!(
        plan.query_text.unwrap(),
        "select 'Sort  (cost=1..2 rows=1 width=1)\nSort  (cost=1..2 rows=1 width=1)\nx'"
    );
    assert_eq!(plan.query_parameters.unwrap(), "$1 = 'a'");
    assert_eq!(plan.nodes[0].kind, NodeType::Result);
}

#[test]
fn several_plans_are_read_in_their_order() {
    let text = "Result  (cost=0.00..0.01 rows=1 width=4)\n\nInsert on t  (cost=0.00..0.01 rows=0 width=0)\n  ->  Result  (cost=0.00..0.01 \
                rows=1 width=4)\n\nand as JSON:\n[{\"Plan\": {\"Node Type\": \"Limit\"}}, {\"Plan\": {\"Node Type\": \"Sort\"}}]\n\
                {\"Plan\": {\"Node Type\": \"Unique\"}}\n{\"Node Type\": \"Gather Motion\"}\n";
    let kinds: Vec<String> = read(text).unwrap().iter().map(|plan| plan.nodes[0].kind.word().to_owned()).collect();
    assert_eq!(kinds, ["Result", "ModifyTable", "Limit", "Sort", "Unique", "Gather Motion"]);
}

#[test]
fn what_is_not_a_plan_is_refused_with_its_reason() {
    use ReadError::{Empty, InvalidJson, NoPlan, NoPlanOfStatement, Truncated};
    let yaml = "- Plan: \n    Node Type: \"Seq Scan\"\n    Parallel Aware: false\n";
    let xml = "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query>\n    <Plan>\n";
    let aligned = |text: &str| {
        let lines: String = text.lines().map(|line| format!(" {line:60}+\n")).collect();
        format!("    QUERY PLAN     \n--------------\n{lines}(1 row)\n")
    };
    for (text, expected) in [
        ("", Empty),
        (" \n\t\n", Empty),
        ("select 1;", NoPlan),
        ("Why is my query slow?\nIt uses a Seq Scan on t.\n", NoPlan),
        ("{\"a\": [1, 2, {}]}", NoPlan),
        ("[1, 2", NoPlan),
        ("[\n  {\n    \"Plan\": {\n      \"Node Type\": \"Limit\",\n      \"Pla", Truncated { line: 5 }),
        ("{\"Plan\": {\"Node Type\":\n ?}}", InvalidJson { line: 2, found: '?' }),
        ("Query rewrites to nothing", NoPlanOfStatement("Query rewrites to nothing")),
        ("[\n  \"Utility Statement\"\n]", NoPlanOfStatement("Utility Statement")),
        (yaml, ReadError::OtherFormat(OtherFormat::Yaml)),
        (&aligned(yaml), ReadError::OtherFormat(OtherFormat::Yaml)),
        (xml, ReadError::OtherFormat(OtherFormat::Xml)),
        (&aligned(xml), ReadError::OtherFormat(OtherFormat::Xml)),
    ] {
        assert_eq!(read(text), Err(expected), "{text}");
    }
    assert_eq!(read(yaml).unwrap_err().hint(), "Run EXPLAIN again with FORMAT JSON or FORMAT TEXT.");
    assert_eq!(read(yaml).unwrap_err().to_string(), "the plan is in YAML format, which is not supported");
}

/// A chain of nodes in JSON, with the times of one loop.
fn chain(depth: usize) -> String {
    let mut text = "[{\"Plan\": ".to_owned();
    for level in 0..depth {
        let time = depth - level;
        text += &format!(
            "{{\"Node Type\": \"Limit\", \"Actual Total Time\": {time}.0, \"Actual Rows\": 1, \"Actual Loops\": 1"
        );
        text += if level + 1 < depth { ", \"Plans\": [" } else { "" };
    }
    text += "}";
    text += &"]}".repeat(depth - 1);
    text + "}]"
}

#[test]
fn ten_thousand_nodes_are_read_however_deep() {
    let plans = read(&chain(10_000)).unwrap();
    let times = Times::of(&plans[0]).unwrap();
    assert_eq!(plans[0].nodes.len(), 10_000);
    assert_eq!(times.total.0, 10_000.0);
    assert!(times.nodes.iter().all(|node| node.own.0 == 1.0));
    assert_eq!(plans[0].clone().in_text_form().nodes.len(), 10_000);

    let mut text = "Limit  (cost=0.00..1.00 rows=1 width=4)\n".to_owned();
    for level in 0..1_500 {
        text += &format!("{}->  Limit  (cost=0.00..1.00 rows=1 width=4)\n", " ".repeat(2 + 6 * level));
    }
    let plan = read(&text).unwrap().remove(0);
    assert_eq!(plan.ancestors(pgdba_plan::NodeId(1_500)).count(), 1_500);
    let wide = format!(
        "Append  (cost=0.00..1.00 rows=1 width=4)\n{}",
        "  ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n".repeat(9_999)
    );
    assert_eq!(read(&wide).unwrap()[0].nodes[0].children.len(), 9_999);
}

#[test]
fn what_exceeds_a_limit_is_refused() {
    assert_eq!(read(&"x".repeat(pgdba_plan::limits::MAX_BYTES + 1)), Err(ReadError::TooLarge));
    assert_eq!(read(&"\n.".repeat(pgdba_plan::limits::MAX_LINES)), Err(ReadError::TooManyLines));
    let nodes = "Result  (cost=0.00..0.01 rows=1 width=4)\n\n".repeat(pgdba_plan::limits::MAX_NODES + 1);
    assert_eq!(read(&nodes), Err(ReadError::TooManyNodes));
    assert_eq!(read(&"[".repeat(50 << 20)), Err(ReadError::TooManyValues));
}

#[test]
fn a_text_of_fifty_megabytes_is_answered_in_linear_time() {
    // Each of these would take hours if a line were searched to the end of the text.
    for line in [
        "[x\n",
        "  Filter: (\n",
        "Query Text: '\n",
        "\"a\n",
        "{\"Plan\": \n",
        "Limit  (cost=0.00..1.00 rows=1\n",
        "-> \n",
        "CTE x\n",
    ] {
        let text = line.repeat((1 << 18) / line.len());
        drop(read(&text));
    }
    let text = "some line of a log that is not a plan, and rather long\n".repeat((50 << 20) / 55);
    assert_eq!(read(&text), Err(ReadError::NoPlan));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_makes_the_reader_panic(lines in prop::collection::vec(line(), 0..20)) {
        if let Ok(plans) = read(&lines.join("\n")) {
            for plan in plans {
                let times = Times::of(&plan);
                let _ = pgdba_plan::Blocks::of(&plan);
                if let Some(times) = times {
                    let own: f64 = times.nodes.iter().map(|node| node.own.0).sum();
                    prop_assert!((own - times.total.0).abs() <= times.total.0 * 0.01 + 1e-6);
                }
                let _ = plan.in_text_form();
            }
        }
    }
}

/// Lines of plans with anything between them.
fn line() -> impl Strategy<Value = String> {
    let indent = (0_usize..14).prop_map(|columns| " ".repeat(columns));
    let arrow = prop::sample::select(vec!["", "->  ", "-> "]);
    let name = prop::sample::select(vec![
        "Limit",
        "Sort",
        "CTE Scan on a",
        "Gather",
        "Nested Loop",
        "Index Scan using i on t x",
        "CTE a",
        "InitPlan 1 (returns $0)",
        "SubPlan 1",
        "Filter: ($0 > 3)",
        "Group Key: a",
        "Worker 0: actual time=1.0..2.0 rows=1 loops=1",
        "Buffers: shared hit=3",
        "Planning:",
        "JIT:",
        "Query Text: x",
        "duration: 1.0 ms  plan:",
        "[",
        "{\"Plan\": {",
        "\"Node Type\": \"Sort\",",
        "}",
        "]",
        "QUERY PLAN",
        "-----",
        "| x |",
        "\"",
        "é($'\"",
        "Update on t",
        "Trigger a: time=1 calls=2",
        "InitPlan 1",
        "Output: (InitPlan 1).col1",
    ]);
    let figures = prop::sample::select(vec![
        "",
        "  (cost=0.00..1.00 rows=1 width=4)",
        " (actual time=1.000..5.000 rows=1 loops=1)",
        " (actual time=1.000..2.000 rows=1 loops=7)",
        " (never executed)",
        "  (cost=0",
        " +",
    ]);
    (indent, arrow, name, figures).prop_map(|(indent, arrow, name, figures)| format!("{indent}{arrow}{name}{figures}"))
}
