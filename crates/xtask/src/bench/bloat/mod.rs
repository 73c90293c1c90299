//! The bloat estimates against the truth: real tables of many shapes are estimated, then rewritten with VACUUM FULL.

mod compare;
mod lab;
mod peer;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;

pub use compare::{Comparison, Kind, Summary};
use lab::Lab;

use crate::fixtures;

/// The folder of the recorded set.
#[must_use]
pub fn folder() -> PathBuf {
    fixtures::folder().join("bloat")
}

/// Measures and prints; `record` keeps the set for the test that needs no server.
pub(super) fn run(majors: &[u32], record: bool, worst: usize) -> Result<()> {
    for major in majors {
        let lab = Lab::make(*major)?;
        let comparison = Comparison::new(&lab.snapshot()?, lab.truth()?)?;
        println!("PostgreSQL {major}, in points of the share that came back");
        println!(
            "  {:<10} {:<16} {:>5} {:>7} {:>6} {:>6} {:>15} {:>6}",
            "", "", "count", "median", "p95", "max", "interval holds", "width"
        );
        for kind in [Kind::Table, Kind::Index] {
            print("pgdba", kind, &comparison.ours(kind));
            print("check_postgres", kind, &comparison.peers(kind));
        }
        println!("  withheld: {}", comparison.withheld().join("; "));
        for line in comparison.worst(worst) {
            println!("  {line}");
        }
        if record {
            lab.record(&folder())?;
        }
    }
    Ok(())
}

fn print(who: &str, kind: Kind, summary: &Summary) {
    let held =
        summary.held.map_or_else(String::new, |held| format!("{:>13.1} % {:>6.1}", held * 100.0, summary.interval));
    let Summary { count, median, p95, max, .. } = summary;
    println!("  {:<10} {who:<16} {count:>5} {median:>7.2} {p95:>6.2} {max:>6.2} {held}", kind.word());
}

/// What happened to each relation, by its name.
pub type Truths = BTreeMap<String, Truth>;

/// The pages of a relation before and after it was rewritten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
    /// The share that check_postgres names.
    pub peer: Option<f64>,
}

impl Truth {
    /// The share that came back; a rewrite that needed more pages returned nothing.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        if self.before > 0.0 { (1.0 - self.after / self.before).max(0.0) } else { 0.0 }
    }
}
