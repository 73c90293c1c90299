//! A baseline as blocks: a part per section, then what is recommended.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pgdba_pg::Millis;
use pgdba_pg::display::{self, counted};

use super::part::Part;
use super::section::{CountedSince, Section};
use super::{Baseline, Mode};
use crate::Facts;
use crate::facts::Beside;
use crate::format::quantity::time_of_day;
use crate::format::{Block, Quantity, Recommendation, Table};
use crate::rates::ServerRate;
use crate::topics::Shown;

/// Databases or caches that a line names.
const NAMES: usize = 6;

/// What is shown.
pub(super) fn shown(baseline: &Baseline, facts: &Facts<'_>) -> Shown {
    let sections = &baseline.sections;
    let heads = [
        (Part::Config, sections.config.as_ref().map(Head::of)),
        (Part::Queries, sections.queries.as_ref().map(Head::of)),
        (Part::Tables, sections.tables.as_ref().map(Head::of)),
        (Part::Replication, sections.replication.as_ref().map(Head::of)),
        (Part::System, sections.system.as_ref().map(|one| Head::with(one, |data| &data.rates))),
        (Part::Locks, sections.locks.as_ref().map(Head::of)),
        (Part::Io, sections.io.as_ref().map(|one| Head::with(one, |data| &data.rates))),
    ];
    let heads: Vec<(Part, Head<'_>)> = heads.into_iter().filter_map(|(part, head)| Some((part, head?))).collect();
    let lead = lead(baseline, &heads);
    let parts = heads.iter().flat_map(|(part, head)| blocks(*part, head, facts));
    Shown { lead, blocks: parts.chain(recommendations(baseline)).collect() }
}

/// What is shown of a section besides its topics.
struct Head<'a> {
    stats_reset: &'a [CountedSince],
    absence: Option<&'a str>,
    rates: &'a [ServerRate],
}

impl<'a> Head<'a> {
    fn of<T>(section: &'a Section<T>) -> Self {
        Self { stats_reset: &section.stats_reset, absence: section.absence.as_deref(), rates: &[] }
    }

    fn with<T>(section: &'a Section<T>, rates: impl FnOnce(&'a T) -> &'a Vec<ServerRate>) -> Self {
        Self { rates: section.data.as_ref().map_or(&[], |data| rates(data)), ..Self::of(section) }
    }
}

fn lead(baseline: &Baseline, heads: &[(Part, Head<'_>)]) -> String {
    let mode = match (baseline.mode, baseline.interval_seconds) {
        (Mode::Instant, _) => "A single sample; rates are those since the counters were reset".to_owned(),
        (Mode::Delta, Some(seconds)) => {
            format!("Rates are those of a delta of {}", display::duration(Millis::from_seconds(seconds)))
        }
        (Mode::Delta, None) => "Rates are those of a delta".to_owned(),
    };
    let missing: Vec<&str> =
        heads.iter().filter(|(_, head)| head.absence.is_some()).map(|(part, _)| part.name()).collect();
    let missing = if missing.is_empty() { String::new() } else { format!("; missing: {}", missing.join(", ")) };
    format!("{mode}{missing}.")
}

fn blocks(part: Part, head: &Head<'_>, facts: &Facts<'_>) -> Vec<Block> {
    let heading = Block::heading(part.title());
    if let Some(reason) = head.absence {
        return vec![heading, Block::paragraph(format!("Missing: {reason}."))];
    }
    let mut blocks = vec![heading, Block::list(resets(head.stats_reset))];
    if !head.rates.is_empty() {
        blocks.push(rates(head.rates));
    }
    for topic in part.topics() {
        let view = topic.view(facts, Beside::default());
        blocks.push(Block::paragraph(view.missing.map_or(view.lead, |reason| format!("{}: {reason}.", topic.title))));
        blocks.extend(view.blocks);
    }
    blocks
}

/// One line for everything in a view that counts since the same time.
fn resets(all: &[CountedSince]) -> Vec<String> {
    let mut lines = BTreeMap::<(&str, Option<Timestamp>), Vec<&str>>::new();
    for CountedSince { view, of, since } in all {
        lines.entry((*view, *since)).or_default().extend(of.as_deref());
    }
    let line = |((view, since), names): ((&str, Option<Timestamp>), Vec<&str>)| {
        let since = since.map_or_else(|| "an unknown time".to_owned(), time_of_day);
        let more = names.len().saturating_sub(NAMES);
        let first = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
        let of = match (names.len(), more) {
            (0, _) => String::new(),
            (_, 0) => format!(" of {first}"),
            (_, more) => format!(" of {first} and {more} more"),
        };
        format!("{view}{of}: counted since {since}")
    };
    lines.into_iter().map(line).collect()
}

fn rates(rates: &[ServerRate]) -> Block {
    let row = |one: &ServerRate| {
        let value = one.rate.per_second().map_or(Quantity::Unknown, |rate| one.unit.quantity(rate));
        let over = one.rate.over().or_else(|| one.rate.absence().map(|reason| format!("unknown: {reason}")));
        vec![one.unit.label(one.label).into(), value, over.into()]
    };
    let columns = [("rate", "rate"), ("value", "value"), ("over", "measured over")];
    Block::Table(Table::new("Rates of the server", &columns, rates.iter().map(row)))
}

fn recommendations(baseline: &Baseline) -> [Block; 3] {
    let count = baseline.recommendations.len();
    let coverage = &baseline.coverage;
    let lead = match count {
        0 => "No change of a parameter is recommended".to_owned(),
        count => format!("{} should be changed", counted(count, "parameter", "parameters")),
    };
    let unchecked = match coverage.not_assessed {
        0 => String::new(),
        rules => format!("; {} could not run", counted(rules, "check", "checks")),
    };
    [
        Block::heading("Recommendations"),
        Block::paragraph(format!("{lead}{unchecked}.")),
        Block::Table(Recommendation::table(&baseline.recommendations)),
    ]
}
