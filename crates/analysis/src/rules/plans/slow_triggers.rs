//! Triggers take much of the time.

use std::collections::BTreeMap;

use crate::engine::prelude::*;
use crate::facts::explained::PlanNode;

rule! {
    /// ## What it sees
    ///
    /// Triggers, and the triggers of constraints such as foreign keys, that took much of the time of a statement.
    ///
    /// ## Why it matters
    ///
    /// A trigger runs once for each row or statement, and a foreign key runs a query for each row. If the referencing column has no
    /// index, each deleted row costs a scan of the referencing table.
    ///
    /// ## Threshold
    ///
    /// Of a constraint: at least {MIN_TIME} in total and at least {MIN_PER_CALL} per call. Other triggers: at least {MIN_SHARE} of
    /// the execution time and at least {MIN_TIME}, all of them together. It is a warning for a constraint, because a check that
    /// finds its rows with an index takes far less, and for other triggers from {WARNING_SHARE} of the execution time on.
    ///
    /// The time of BEFORE triggers is also in the node that writes. Deferred triggers run at COMMIT and are not in the plan.
    ///
    /// ## Remedy
    ///
    /// For a constraint: create an index on the referencing column. Otherwise analyze the statements in the trigger's function.
    ///
    /// ## When to ignore this
    ///
    /// If the statement writes many rows rarely, such as in a nightly job.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Delete on customers  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "  ->  Index Scan using customers_pkey on customers  (cost=0.00..100.00 rows=40 width=8) (actual time=0.010..1.000 rows=40 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Trigger for constraint orders_customer_fkey on orders: time=50.000 calls=40",
    ///             "Execution Time: 60.0 ms" ] }
    /// ```
    /// ```json found
    /// { "plan": [ "Delete on customers  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "  ->  Index Scan using customers_pkey on customers  (cost=0.00..100.00 rows=40 width=8) (actual time=0.010..1.000 rows=40 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Trigger audit on customers: time=20.000 calls=40",
    ///             "Execution Time: 60.0 ms" ] }
    /// ```
    ///
    /// A constraint with an index: most of the time, but a short time per call:
    ///
    /// ```json passed
    /// { "plan": [ "Delete on customers  (cost=0.00..100.00 rows=0 width=8) (actual time=0.010..5.000 rows=0 loops=1)",
    ///             "  ->  Index Scan using customers_pkey on customers  (cost=0.00..100.00 rows=40 width=8) (actual time=0.010..1.000 rows=40 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Trigger for constraint orders_customer_fkey on orders: time=50.000 calls=4000",
    ///             "Execution Time: 60.0 ms" ] }
    /// ```
    rule slow_triggers {
        code: PGD1612,
        title: "Triggers take much of the time",
        passed: "Triggers take little of the time",
        worst: Warning,
        reads: [],
        source: "PostgreSQL manual, Using EXPLAIN; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the execution time from which on triggers are reported.
            MIN_SHARE: Ratio = Ratio(0.10),
            /// Share of the execution time from which on it is a warning.
            WARNING_SHARE: Ratio = Ratio(0.50),
            /// Time below which they are negligible.
            MIN_TIME: Millis = Millis(10.0),
            /// Time per call of a constraint that finds its rows with an index.
            MIN_PER_CALL: Millis = Millis(0.5),
        },
    }
}

/// A trigger of a constraint, or the other triggers of a table.
struct Slow<'a> {
    root: PlanNode<'a>,
    table: Option<&'a str>,
    constraint: Option<&'a str>,
    /// Whether it is a constraint, or one of the other triggers that took most of the time.
    is_costly: bool,
    /// The names of the triggers.
    names: Vec<&'a str>,
    calls: i64,
    time: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<Slow<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(explained.root().map(slow).unwrap_or_default())
}

fn slow(root: PlanNode<'_>) -> Vec<Slow<'_>> {
    let execution = root.explained.plan.execution_time.unwrap_or_default();
    let mut groups: BTreeMap<(Option<&str>, Option<&str>), Slow<'_>> = BTreeMap::new();
    for trigger in &root.explained.plan.triggers {
        let (table, constraint) = (trigger.relation.as_deref(), trigger.constraint.as_deref());
        let group = groups.entry((table, constraint));
        let slow = group.or_insert(Slow {
            root,
            table,
            constraint,
            is_costly: constraint.is_some(),
            names: Vec::new(),
            calls: 0,
            time: Millis(0.0),
        });
        slow.names.extend(trigger.name.as_deref().or(constraint));
        slow.calls = slow.calls.saturating_add(trigger.calls as i64);
        slow.time.0 += trigger.time.map_or(0.0, |time| time.0);
    }
    let others: f64 = groups.values().filter(|slow| slow.constraint.is_none()).map(|slow| slow.time.0).sum();
    let is_slow = |slow: &Slow<'_>| match slow.constraint {
        Some(_) => slow.time >= MIN_TIME && slow.time.0 / slow.calls.max(1) as f64 >= MIN_PER_CALL.0,
        None => others >= MIN_TIME.0 && others >= execution.0 * MIN_SHARE.0,
    };
    let is_most = others >= execution.0 * WARNING_SHARE.0;
    groups.into_values().filter(is_slow).map(|slow| Slow { is_costly: slow.is_costly || is_most, ..slow }).collect()
}

fn subject(slow: &Slow<'_>) -> About {
    let table = slow.table.or(slow.root.node.target.relation.as_deref()).unwrap_or_default();
    let subject = match slow.constraint {
        Some(name) => Subject { table: Some(table.to_owned()), ..Subject::named(SubjectKind::Constraint, name) },
        None => Subject::named(SubjectKind::Table, table),
    };
    let severity = if slow.is_costly { Severity::Warning } else { Severity::Notice };
    About::new(subject, slow.time).severity(severity).figures([
        Figure::new("triggers", slow.names.join(", ")),
        Figure::new("time", slow.time).against(MIN_TIME),
        Figure::new("calls", slow.calls),
        Figure::new("time_per_call", Millis(slow.time.0 / slow.calls.max(1) as f64)),
    ])
}

fn describe(found: &Found<Slow<'_>>) -> Draft {
    let time = display::duration(Millis(found.iter().map(|slow| slow.time.0).sum()));
    let is_constraint = found.any(|slow| slow.constraint.is_some());
    let draft = Draft::new(format!("Speed up the triggers of {}: {time}", found.named("table or constraint", "tables and constraints")))
        .because("Triggers and the checks of constraints run for each row or statement.")
        .advise_if(is_constraint, "For a foreign key, create an index on the referencing column.")
        .advise_if(found.any(|slow| slow.constraint.is_none()), "Analyze the statements in the function of the trigger.");
    if is_constraint {
        return draft.impact("CREATE INDEX CONCURRENTLY does not block writes; every index slows them down.");
    }
    draft
}

#[cfg(test)]
mod tests {
    use crate::explain::explain;
    use crate::format::{Finding, Severity};

    fn found(trigger: &str) -> Finding {
        let lines = format!(
            "Insert on tr  (cost=0.00..1.52 rows=100 width=4) (actual time=0.073..0.073 rows=0 loops=1)\n  ->  Result  \
             (cost=0.00..0.52 rows=100 width=4) (actual time=0.002..0.006 rows=100 loops=1)\n{trigger}\nExecution Time: 211.792 ms"
        );
        let (explanation, _) = explain(pgdba_plan::read(&lines).unwrap().remove(0));
        explanation.findings.into_iter().find(|finding| finding.code == "PGD1612").unwrap()
    }

    #[test]
    fn triggers_that_take_most_of_the_time_are_a_warning() {
        assert_eq!(found("Trigger tt: time=201.679 calls=100").severity, Severity::Warning);
        assert_eq!(found("Trigger tt: time=61.679 calls=100").severity, Severity::Notice);
        assert_eq!(found("Trigger for constraint a_fkey on a: time=61.679 calls=100").severity, Severity::Warning);
    }

    #[test]
    fn the_impact_of_an_index_is_told_only_where_an_index_is_advised() {
        let text = |trigger| serde_json::to_string(&found(trigger)).unwrap();
        assert!(!text("Trigger tt: time=201.679 calls=100").contains("CREATE INDEX"));
        assert!(text("Trigger for constraint a_fkey on a: time=201.679 calls=100").contains("CREATE INDEX"));
    }
}
