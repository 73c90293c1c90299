//! What-if tuning as a form: its fields, what a snapshot fills in, and the answer to what is in them.
//!
//! A form shows texts and takes texts, so whoever displays it knows nothing about tuning.

mod fields;
mod values;

pub use fields::{Choice, Field, fields, fields_without_server};
pub use values::{Values, Wrong};

use super::{Given, Machine, formula_values, pgtune_only, script, tune};
use crate::facts::Facts;
use crate::format::{Analysis, Block, Checked};
use crate::{Changes, Recommendation};

/// The answer to a form.
#[derive(Debug)]
pub struct Answer {
    /// The fields that cannot be used; if there are any, nothing is recommended.
    pub wrong: Vec<Wrong>,
    /// What is shown.
    pub blocks: Vec<Block>,
    /// What can be applied, as a file for `pgdba config apply`; none if nothing can.
    pub changes: Option<Changes>,
}

/// The values for the server of a snapshot, as `pgdba config tune` recommends them. A field as the snapshot fills it in, or an
/// empty one, changes nothing about what the snapshot shows.
///
/// # Errors
/// The settings or the version of the server are unknown.
pub fn answer(facts: &Facts<'_>, analysis: &Analysis, values: &Values) -> Checked<Answer> {
    let shown = Values::of(&Machine::of(facts, &Given::default()));
    let given = match values.given(&shown) {
        Ok(given) => given,
        Err(wrong) => return Ok(Answer::refused(wrong)),
    };
    let tuning = tune(facts, &analysis.findings, &given)?;
    let blocks = tuning.blocks_with(Some(conf(&tuning.recommendations)));
    Ok(Answer::of(blocks, Changes::for_cluster(&tuning.recommendations, &analysis.cluster)))
}

/// PGTune's values without a server, as `pgdba config tune --pgtune-only` prints them.
#[must_use]
pub fn answer_without_server(values: &Values) -> Answer {
    let input = match values.input() {
        Ok(input) => input,
        Err(wrong) => return Answer::refused(wrong),
    };
    let recommendations = pgtune_only(&input);
    let blocks = vec![
        Block::paragraph("PGTune's values for this host and workload. They are a start for a new server."),
        Block::Table(formula_values(&recommendations)),
        conf(&recommendations),
    ];
    Answer::of(blocks, Changes::new(&recommendations, None))
}

impl Answer {
    fn of(blocks: Vec<Block>, changes: Changes) -> Self {
        Self { wrong: Vec::new(), blocks, changes: (!changes.is_empty()).then_some(changes) }
    }

    fn refused(wrong: Vec<Wrong>) -> Self {
        let what = if wrong.len() == 1 { "the marked field" } else { "the marked fields" };
        Self { wrong, blocks: vec![Block::paragraph(format!("Correct {what} to get values."))], changes: None }
    }
}

fn conf(recommendations: &[Recommendation]) -> Block {
    Block::conf(script::conf(recommendations))
}

#[cfg(test)]
mod tests;
