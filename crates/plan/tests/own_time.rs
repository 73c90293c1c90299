//! Own times of the recorded plans.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may the functions that only tests call")]

mod recorded;

use pgdba_plan::{NodeTime, Plan, Times, read};

use crate::recorded::{MAJORS, corpus};

/// Every recorded plan with its times, and what is known of them.
fn timed() -> Vec<(String, Plan, Times, Vec<String>)> {
    let mut all = Vec::new();
    for major in MAJORS {
        for recorded in corpus(major) {
            for text in [&recorded.json, &recorded.text] {
                for plan in read(text).unwrap() {
                    if let Some(times) = Times::of(&plan) {
                        all.push((format!("{} on {major}", recorded.name), plan, times, recorded.truth.clone()));
                    }
                }
            }
        }
    }
    all
}

fn own(times: &Times) -> f64 {
    times.nodes.iter().map(|node| node.own.0).sum()
}

#[test]
fn own_times_add_up_to_the_total() {
    let mut count = 0;
    for (name, plan, times, _) in timed() {
        count += 1;
        assert!(
            (own(&times) - times.total.0).abs() <= times.total.0 * 1e-9 + 1e-9,
            "{name}: {} of {}",
            own(&times),
            times.total.0
        );
        assert!(times.nodes.iter().all(|node| node.own.0 >= 0.0), "{name}");
        if let Some(execution) = plan.execution_time {
            assert!(times.total.0 <= execution.0 * 1.01 + 0.01, "{name}: {} of {}", times.total.0, execution.0);
        }
    }
    assert!(count > 1000, "{count}");
}

#[test]
fn times_are_scaled_only_where_their_rounding_forces_it() {
    let mut scaled = Vec::new();
    for (name, plan, times, _) in timed() {
        let is_scaled = |node: &&NodeTime| node.excess.0 > node.rounding.0 + 1e-9;
        let excess: f64 = times.nodes.iter().filter(is_scaled).map(|node| node.excess.0).sum();
        if excess > 0.0 {
            scaled.push(format!("{name}: {excess:.3} of {:.3} {:?}", times.total.0, plan.nodes.len()));
        }
    }
    assert_eq!(scaled, Vec::<String>::new());
}

/// `own 60 Seq Scan on t`: every sleep is at least as long as it was asked for, and longer on a busy machine. A time at the wrong node
/// would be 0 there, and at least 20 ms where 0 is expected.
fn violates(truth: &str, plan: &Plan, times: &Times) -> Option<String> {
    let (measure, rest) = truth.split_once(' ').unwrap();
    let (figure, place) = rest.split_once(' ').unwrap_or((rest, ""));
    let expected: f64 = figure.parse().unwrap();
    let measured = match measure {
        "total" => times.total.0,
        "outside" => times.outside?.0,
        _ => {
            let (kind, target) = place.split_once(" on ").unwrap_or((place, ""));
            let nodes = plan.ids().filter(|(_, node)| {
                let names = [&node.target.alias, &node.target.relation, &node.target.cte];
                node.kind.word() == kind
                    && (target.is_empty() || names.into_iter().any(|name| name.as_deref() == Some(target)))
            });
            let figures: Vec<f64> = nodes
                .filter_map(|(id, _)| times.node(id))
                .map(|time| if measure == "own" { time.own.0 } else { time.work.0 })
                .collect();
            if figures.is_empty() {
                return Some(format!("{truth}: no such node"));
            }
            figures.iter().copied().fold(0.0, f64::max)
        }
    };
    let is_right = measured >= expected * 0.97 && measured <= if expected > 0.0 { expected * 2.0 + 10.0 } else { 5.0 };
    (!is_right).then(|| format!("{truth}: {measured:.3}"))
}

#[test]
fn own_times_are_where_the_sleeps_are() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, plan, times, truths) in timed() {
        count += usize::from(!truths.is_empty());
        wrong.extend(
            truths.iter().filter_map(|truth| violates(truth, &plan, &times)).map(|wrong| format!("{name}: {wrong}")),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(count > 100, "{count}");
}
