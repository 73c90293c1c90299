//! A trend as blocks: sizes and other figures, rates, dates, and the gaps.

use std::collections::BTreeMap;

use pgdba_pg::display::{self, counted};
use pgdba_pg::{Bytes, Millis};

use super::Trend;
use super::fit::LEAST_TIME;
use super::series::{Projection, Series, Unit};
use crate::format::quantity::time_of_day;
use crate::format::{Block, Quantity, Table};
use crate::rates::RateUnit;

/// A rate per second is this share of one per hour.
const HOUR: f64 = 1.0 / 3600.0;

/// Everything that is shown.
pub(super) fn blocks(trend: &Trend) -> Vec<Block> {
    let (rates, figures): (Vec<&Series>, Vec<&Series>) = trend.series.iter().partition(|series| series.unit.is_rate());
    let parts = [
        part("Growth", vec![growth(&figures)]),
        part("Rates", vec![over_time(&rates)]),
        part("Limits", vec![limits(&figures), Block::list(without_date(&figures))]),
        part("Gaps", vec![Block::list(gaps(&trend.series))]),
    ];
    let head = [Block::paragraph(lead(trend)), Block::list(happenings(trend))];
    head.into_iter().chain(parts.into_iter().flatten()).collect()
}

/// Blocks under a heading; nothing if all of them are empty.
fn part(title: &str, blocks: Vec<Block>) -> Vec<Block> {
    if blocks.iter().all(Block::is_empty) {
        return Vec::new();
    }
    std::iter::once(Block::heading(title)).chain(blocks).collect()
}

fn lead(trend: &Trend) -> String {
    let count = counted(trend.snapshots.len(), "snapshot", "snapshots");
    let time = trend.snapshots.first().zip(trend.snapshots.last()).map(|(first, last)| {
        format!(" over {}", display::duration(Millis(last.duration_since(*first).as_secs_f64() * 1000.0)))
    });
    let left_out = match trend.left_out {
        0 => String::new(),
        count => format!("; {} left out, because they occur twice or have no time", display::count(number(count))),
    };
    format!("{count}{}{left_out}.", time.unwrap_or_default())
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What happened from one snapshot to the next, each with the time of the later one.
fn happenings(trend: &Trend) -> Vec<String> {
    let steps = trend.steps.iter().zip(trend.snapshots.iter().skip(1));
    let notes = steps.flat_map(|(step, at)| {
        step.notes.iter().map(move |note| format!("before {}: {}", time_of_day(*at), note.text))
    });
    notes.chain(trend.notes.iter().cloned()).collect()
}

/// What a figure is of, in words.
fn name(series: &Series) -> String {
    series.of.as_ref().map_or_else(|| series.label.to_owned(), |of| format!("{} {of}", series.label))
}

/// The points as a line of bars, and the unit of its numbers: the largest in which the greatest point is 1 or more.
fn line(series: &Series) -> [Quantity; 2] {
    let greatest = series.known().map(|point| point.1).fold(0.0, f64::max);
    let (mega, kilo) = (Bytes::MB.0 as f64, 1024.0);
    let (scale, unit) = match series.unit {
        Unit::Bytes if greatest >= mega => (mega, "MB"),
        Unit::Bytes if greatest >= kilo => (kilo, "kB"),
        Unit::Bytes => (1.0, "bytes"),
        Unit::BytesPerSecond if greatest >= mega => (mega, "MB/s"),
        Unit::BytesPerSecond if greatest >= kilo => (kilo, "kB/s"),
        Unit::BytesPerSecond if greatest >= 1.0 || greatest <= 0.0 => (1.0, "bytes/s"),
        Unit::BytesPerSecond => (HOUR, "bytes/h"),
        Unit::Count => (1.0, ""),
        Unit::PerSecond if greatest >= RateUnit::RARE || greatest <= 0.0 => (1.0, "per second"),
        Unit::PerSecond => (HOUR, "per hour"),
    };
    let points = series.points.iter().map(|point| point.value.map_or(f64::NAN, |value| value / scale));
    [Quantity::Series(points.collect()), unit.into()]
}

fn growth(figures: &[&Series]) -> Block {
    let rows = figures.iter().map(|series| {
        let quantity = |value: Option<f64>| value.map_or(Quantity::Unknown, |value| series.unit.quantity(value));
        let per_day = series.per_day.map_or_else(|| why_no_growth(series).into(), |value| series.unit.quantity(value));
        let [line, unit] = line(series);
        vec![
            name(series).into(),
            quantity(series.known().next().map(|point| point.1)),
            quantity(series.known().next_back().map(|point| point.1)),
            per_day,
            line,
            unit,
        ]
    });
    let columns = [
        ("figure", "figure"),
        ("first", "first"),
        ("last", "last"),
        ("per_day", "growth per day"),
        ("over_time", "each snapshot"),
        ("unit", "unit"),
    ];
    Block::Table(Table::new("Figures in each snapshot", &columns, rows))
}

/// Why there is no growth per day.
fn why_no_growth(series: &Series) -> String {
    if series.known().count() < 2 {
        return "known once".to_owned();
    }
    format!("less than {} apart", display::duration(LEAST_TIME))
}

fn over_time(rates: &[&Series]) -> Block {
    let rows = rates.iter().map(|series| {
        let quantity = |value: Option<f64>| value.map_or(Quantity::Unknown, |value| series.unit.quantity(value));
        let values = || series.known().map(|point| point.1);
        let [line, unit] = line(series);
        vec![
            name(series).into(),
            quantity(values().reduce(f64::min)),
            quantity(values().reduce(f64::max)),
            quantity(values().next_back()),
            line,
            unit,
        ]
    });
    let columns = [
        ("rate", "per second"),
        ("least", "least"),
        ("greatest", "greatest"),
        ("last", "last"),
        ("over_time", "since the previous snapshot"),
        ("unit", "unit"),
    ];
    Block::Table(Table::new("Rates between the snapshots", &columns, rows))
}

/// Why points are unknown: one line a reason.
fn gaps(all: &[Series]) -> Vec<String> {
    let mut lines = BTreeMap::<(&str, String), Vec<String>>::new();
    for series in all {
        let missing = series.points.iter().filter_map(|point| Some((point.absence.as_deref()?, point.at)));
        for (reason, at) in missing {
            // Several snapshots can be of one minute.
            let names = lines.entry((reason, time_of_day(at))).or_default();
            if names.last() != Some(&name(series)) {
                names.push(name(series));
            }
        }
    }
    lines.into_iter().map(|((reason, at), names)| format!("unknown at {at}: {}: {reason}", few(&names))).collect()
}

/// The first names of a list.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn limits(figures: &[&Series]) -> Block {
    let row = |series: &&&Series| match &series.projection {
        Some(Projection::Known { reaches, at, earliest, latest, .. }) => Some(vec![
            Quantity::from(name(series)),
            reaches.clone().into(),
            (*at).into(),
            (*earliest).into(),
            (*latest).into(),
        ]),
        Some(Projection::Unknown { .. }) | None => None,
    };
    let rows: Vec<Vec<Quantity>> = figures.iter().filter_map(|series| row(&series)).collect();
    let columns = [
        ("figure", "figure"),
        ("reaches", "reaches"),
        ("at", "at"),
        ("earliest", "earliest (95 %)"),
        ("latest", "latest (95 %)"),
    ];
    Block::Table(Table::new("If the growth continues", &columns, rows))
}

/// The limits for which there is no date, and why.
fn without_date(figures: &[&Series]) -> Vec<String> {
    let line = |series: &&Series| match &series.projection {
        Some(Projection::Unknown { reaches, absence, .. }) => {
            Some(format!("{}: no projection to \"{reaches}\": {absence}", name(series)))
        }
        Some(Projection::Known { .. }) | None => None,
    };
    figures.iter().filter_map(line).collect()
}
