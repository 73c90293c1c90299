//! Statements by what they cost.

mod cells;
mod details;
mod every;
mod figures;
pub mod install;
mod slow;
mod top;

use std::collections::BTreeMap;

use pgdba_pg::{Ratio, display};

use super::{Shown, Topic, largest_first, number_of};
use crate::facts::growth::Sampled;
use crate::facts::statements::{Counted, Measure, Statement, Statements};
use crate::facts::{View, declared};
use crate::{Block, Checked};

pub use details::{DETAILS, Details, RunBy, details};
pub use figures::Figures;
pub use slow::{SlowLog, SlowOptions, SlowStatement, slow_log};
pub use top::{Owner, Period, Top, TopOptions, TopStatement, top};

/// Statements by execution time.
pub static TOPIC: Topic = Topic {
    name: "queries",
    title: "Queries",
    reads: &[
        &declared::statements,
        &declared::block_size,
        &declared::tracking,
        &declared::configured,
        &declared::surroundings,
    ],
    show,
};

/// The answer of `query top` with its defaults; in a delta also the statements since the reset.
fn show(view: &View<'_>) -> Checked<Shown> {
    let options = TopOptions::default();
    let mut shown = top(view, &options)?.shown;
    if view.statements()?.sampled.is_some() {
        let since_reset = top(view, &TopOptions { is_since_reset: true, ..options })?.shown;
        shown.blocks.push(Block::heading("Since the statistics were reset"));
        shown.blocks.push(Block::paragraph(since_reset.lead));
        shown.blocks.extend(since_reset.blocks);
    }
    Ok(shown)
}

/// A statement with its figures over some time.
type Row<'a> = (&'a Statement, Counted<'a>);

/// The statements over the time that is asked for, and the window, if it is that of a delta.
fn over(statements: &Statements, is_since_reset: bool) -> (Vec<Row<'_>>, Option<&Sampled>) {
    if is_since_reset {
        return (statements.all.iter().map(|statement| (statement, statement.counted())).collect(), None);
    }
    (statements.latest().collect(), statements.sampled.as_ref())
}

/// Over which time statements were counted, as the end of a sentence.
fn measured_over(statements: &Statements, sampled: Option<&Sampled>) -> String {
    match (sampled, statements.window.length) {
        (Some(sampled), _) => format!(", over the {} of the delta", sampled.words()),
        (None, Some(length)) => format!(", measured over {}", display::duration(length)),
        (None, None) => String::new(),
    }
}

/// A database and a role.
type Pair<'a> = (Option<&'a str>, Option<&'a str>);

/// Sums of a measure over the statements of a database and a role.
fn by_owner<'a>(rows: &[Row<'a>], measure: Measure) -> Vec<(Pair<'a>, Sum)> {
    let mut owners = BTreeMap::<Pair<'_>, Sum>::new();
    for (statement, counted) in rows {
        let owner = (statement.row.datname.as_deref(), statement.role.as_deref());
        let sum = owners.entry(owner).or_default();
        sum.amount += measure.of(counted.0).unwrap_or(0.0);
        sum.calls = sum.calls.saturating_add(counted.0.calls.unwrap_or(0));
        sum.statements += 1;
    }
    let mut owners: Vec<_> = owners.into_iter().collect();
    largest_first(&mut owners, |(_, sum)| sum.amount);
    owners
}

/// What the statements of one owner add up to.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    amount: f64,
    calls: i64,
    statements: i64,
}

/// A share of a whole that is not zero.
fn share(part: f64, whole: f64) -> Option<Ratio> {
    Some(Ratio(part / whole)).filter(|share| share.0.is_finite())
}
