//! A tuning as blocks.

use pgdba_pg::display::{self, counted};

use super::{Kept, Tuning};
use crate::format::{Block, Cell, Quantity, Recommendation, Table};

impl Tuning {
    /// What every output format shows, the recommendations first.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        self.blocks_with(None)
    }

    /// The same, with a block below the recommendations.
    pub(super) fn blocks_with(&self, below: Option<Block>) -> Vec<Block> {
        let part = |title: &str, blocks: Vec<Block>| {
            let shown: Vec<Block> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
            let heading = (!shown.is_empty() && !title.is_empty()).then(|| Block::heading(title));
            heading.into_iter().chain(shown)
        };
        let notes = Block::list(self.notes.iter().cloned());
        let first =
            [Block::paragraph(self.lead()), Block::Table(table(self)), notes].into_iter().chain(below).collect();
        let parts = [
            part("", first),
            part("Memory and disk", vec![Block::paragraph(self.left()), Block::Table(memory(self))]),
            part("Left unchanged", vec![Block::Table(kept(&self.kept))]),
            part("Computed for", vec![Block::Figures { items: self.machine.figures() }]),
        ];
        parts.into_iter().flatten().collect()
    }

    /// How many parameters should be changed, for which workload.
    fn lead(&self) -> String {
        let workload = self.workload.word();
        match self.recommendations.len() {
            0 => format!("No change is recommended for the workload {workload}."),
            count => {
                let parameters = counted(count, "parameter", "parameters");
                let restarts = self.recommendations.iter().filter(|wanted| wanted.needs_restart).count();
                let restart = if restarts == 0 { String::new() } else { format!(", {restarts} of them at a restart") };
                format!("{parameters} should be changed for the workload {workload}{restart}.")
            }
        }
    }

    /// What is left of memory and disk.
    fn left(&self) -> String {
        let memory = self.budget.memory.as_ref().filter(|memory| memory.left.0 >= 0).map(|memory| {
            format!(
                "If all sessions, workers and maintenance used as much memory as they may at the same time, {} of {} would \
                 be in use and {} left.",
                display::bytes(pgdba_pg::Bytes(memory.total.0.saturating_sub(memory.left.0))),
                display::bytes(memory.total),
                display::bytes(memory.left)
            )
        });
        let wal = self.budget.wal.as_ref().filter(|wal| wal.left.0 >= 0).map(|wal| {
            format!("WAL needs up to {}; {} are left for it.", display::bytes(wal.needed), display::bytes(wal.left))
        });
        memory.into_iter().chain(wal).collect::<Vec<_>>().join(" ")
    }
}

/// The values of the formulas alone.
#[must_use]
pub fn formula_values(recommendations: &[Recommendation]) -> Table {
    let rows = recommendations.iter().map(|wanted| {
        [wanted.parameter.clone(), wanted.recommended.clone(), wanted.rationale.clone()].map(Into::into).to_vec()
    });
    Table::whole("PGTune's values", &[("parameter", "parameter"), ("recommended", "value"), ("why", "why")], rows)
}

fn table(tuning: &Tuning) -> Table {
    let rows = tuning.recommendations.iter().map(|wanted| {
        let current = wanted.current_shown().unwrap_or_else(|| "–".to_owned());
        let effect = wanted.takes_effect.word().to_owned();
        let source = wanted.rule.as_ref().map_or_else(|| wanted.source.word().to_owned(), |rule| rule.code.clone());
        let why = wanted.rationale.clone();
        [wanted.parameter.clone(), current, wanted.recommended_shown(), effect, source, why].map(Into::into).to_vec()
    });
    let columns = [
        ("parameter", "parameter"),
        ("current", "current"),
        ("recommended", "recommended"),
        ("takes_effect", "takes effect"),
        ("source", "source"),
        ("why", "why"),
    ];
    Table::whole("Recommendations", &columns, rows)
}

fn memory(tuning: &Tuning) -> Table {
    let shares = tuning.budget.memory.iter().flat_map(|memory| &memory.shares);
    let rows = shares.map(|share| {
        let bytes: Quantity = share.bytes.into();
        vec![Cell::from(share.label), Cell::from(bytes), Cell::from(share.formula.clone())]
    });
    Table::whole("Memory at most", &[("share", "for"), ("bytes", "memory"), ("formula", "made up of")], rows)
}

fn kept(kept: &[Kept]) -> Table {
    let rows = kept.iter().map(|kept| {
        let current = kept.current.clone().unwrap_or_else(|| "–".to_owned());
        [kept.parameter.clone(), current, kept.formula.clone(), kept.reason.clone()].map(Into::into).to_vec()
    });
    let columns = [("parameter", "parameter"), ("current", "current"), ("formula", "formula"), ("reason", "why kept")];
    Table::whole("Left unchanged", &columns, rows)
}
