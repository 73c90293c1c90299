//! Converting the result for the client takes much of the time.

use crate::engine::plan::about;
use crate::engine::prelude::*;
use crate::facts::explained::{Explained, PlanNode};
use pgdba_plan::Serialization;

rule! {
    /// ## What it sees
    ///
    /// A statement whose result took long to be converted to the form in which it is sent. The plan must have been made with
    /// SERIALIZE, which version 17 and later offer. Before, pgdba cannot tell.
    ///
    /// ## Why it matters
    ///
    /// Values are decompressed, read from TOAST tables and converted to text. The nodes of the plan do not contain this time.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_SHARE} of the execution time, and at least {MIN_TIME}.
    ///
    /// ## Remedy
    ///
    /// Select fewer columns and rows, above all no large values that the client does not need. A client can request the binary
    /// format.
    ///
    /// ## When to ignore this
    ///
    /// If the client needs all of these values.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "plan": [ "Seq Scan on documents  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..50.000 rows=1000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Serialization: time=80.000 ms  output=90000kB  format=text",
    ///             "Execution Time: 200.0 ms" ] }
    /// ```
    /// ```json passed
    /// { "plan": [ "Seq Scan on documents  (cost=0.00..100.00 rows=1000 width=8) (actual time=0.010..50.000 rows=1000 loops=1)",
    ///             "Planning Time: 0.1 ms",
    ///             "Serialization: time=8.000 ms  output=90000kB  format=text",
    ///             "Execution Time: 200.0 ms" ] }
    /// ```
    rule slow_serialization {
        code: PGD1625,
        title: "Converting the result takes much of the time",
        passed: "Converting the result takes little of the time",
        worst: Notice,
        reads: [],
        source: "PostgreSQL manual, EXPLAIN: SERIALIZE; the thresholds are pgdba's own",
        thresholds: {
            /// Share of the execution time from which on it is reported.
            MIN_SHARE: Ratio = Ratio(0.20),
            /// Time below which it is negligible.
            MIN_TIME: Millis = Millis(10.0),
        },
    }
}

/// The conversion of a result.
struct Slow<'a> {
    root: PlanNode<'a>,
    serialization: &'a Serialization,
    time: Millis,
    execution: Millis,
}

fn check<'a>(view: &View<'a>) -> Checked<Option<Slow<'a>>> {
    let explained = view.plan()?;
    explained.require_analyze()?;
    Ok(slow(explained))
}

fn slow(explained: &Explained) -> Option<Slow<'_>> {
    let (serialization, root) = (explained.plan.serialization.as_ref()?, explained.root()?);
    let (time, execution) = (serialization.time?, explained.plan.execution_time?);
    let is_found = time >= MIN_TIME && time.0 >= execution.0 * MIN_SHARE.0;
    is_found.then_some(Slow { root, serialization, time, execution })
}

fn subject(slow: &Slow<'_>) -> About {
    about(&slow.root).figures([
        Figure::new("serialization_time", slow.time).against(MIN_TIME),
        Figure::new("execution_time", slow.execution),
        Figure::new("size_of_the_result", slow.serialization.volume),
        Figure::new("format", slow.serialization.format.clone()),
        Figure::new("blocks_read", slow.serialization.buffers.map(|buffers| buffers.shared_read as i64)),
    ])
}

fn describe(slow: &Slow<'_>) -> Draft {
    let (time, size) = (display::duration(slow.time), display::bytes(slow.serialization.volume));
    Draft::new(format!("Return less data: the conversion of {size} took {time}"))
        .because("Values are decompressed, read from TOAST tables and converted before they are sent.")
        .advise("Select fewer columns and rows, above all no large values that the client does not need.")
}
