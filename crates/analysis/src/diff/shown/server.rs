//! Settings, findings, rates and waits as blocks.

use crate::diff::regressions::times;
use crate::diff::{FindingChange, FindingDiff, Findings, Rate, RateDiff, SettingValue, Settings, Waits};
use crate::format::{Block, Cell, Quantity, Severity, Table, Tone};

/// Names of a list that are shown; the data contain all.
const NAMES: usize = 12;

/// Subjects and events that a table shows.
const SHOWN: usize = 30;

pub(super) fn settings(settings: &Settings) -> Vec<Block> {
    let mut blocks = vec![Block::heading("Settings")];
    if let Some(reason) = &settings.missing {
        blocks.push(Block::paragraph(format!("Settings are not compared: {reason}.")));
        return blocks;
    }
    if settings.changed.is_empty() && settings.pending.is_empty() {
        blocks.push(Block::paragraph("No parameter changed."));
    }
    let value = |value: &Option<SettingValue>, tone| match value {
        Some(value) => Cell::from(format!("{} · {}", value.shown, value.origin)).with_tone(tone),
        None => Cell::from("–"),
    };
    let rows = settings.changed.iter().map(|one| {
        let name = match &one.scope {
            Some(scope) => format!("{} of {scope}", one.parameter),
            None => one.parameter.clone(),
        };
        let removed = one.after.is_none().then_some(Tone::Removed);
        let added = one.before.is_none().then_some(Tone::Added);
        vec![
            Cell::from(name),
            value(&one.before, removed),
            value(&one.after, added),
            Cell::from(one.takes_effect.word()),
        ]
    });
    let columns =
        [("parameter", "parameter"), ("before", "before"), ("after", "after"), ("takes_effect", "takes effect")];
    blocks.push(Block::Table(Table::whole("Changed parameters", &columns, rows)));
    let rows = settings.pending.iter().map(|one| {
        let pending = one.pending.as_deref().unwrap_or("unknown");
        [one.parameter.as_str(), one.current.as_deref().unwrap_or("–"), pending, one.needs.word()]
            .map(Cell::from)
            .to_vec()
    });
    let columns =
        [("parameter", "parameter"), ("current", "in force"), ("pending", "in the files"), ("needs", "needs")];
    blocks.push(Block::Table(Table::whole("Set since then and not in force yet", &columns, rows)));
    blocks.push(Block::list(settings_notes(settings)));
    blocks
}

fn settings_notes(settings: &Settings) -> Vec<String> {
    let only = |which: &str, names: &[String]| {
        let more = match names.len().saturating_sub(NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let first: Vec<&str> = names.iter().map(String::as_str).take(NAMES).collect();
        (!names.is_empty()).then(|| format!("only in the {which}, at the default: {}{more}", first.join(", ")))
    };
    let masked = (!settings.masked.is_empty())
        .then(|| format!("not compared, because the values are masked: {}", settings.masked.join(", ")));
    [masked, only("first", &settings.only_before), only("second", &settings.only_after)].into_iter().flatten().collect()
}

pub(super) fn findings(findings: &Findings) -> Vec<Block> {
    let mut blocks = vec![Block::heading("Findings")];
    if let Some(reason) = &findings.missing {
        blocks.push(Block::paragraph(format!("Findings are not compared: {reason}.")));
        return blocks;
    }
    let stayed = findings.count(FindingChange::Stayed);
    let changed: Vec<&FindingDiff> =
        findings.subjects.iter().filter(|one| one.change != FindingChange::Stayed).collect();
    blocks.push(Block::paragraph(format!("{} changed, {stayed} stayed.", changed.len())));
    let severity = |severity: Option<Severity>| severity.map_or("–", Severity::word);
    let rows = changed.iter().take(SHOWN).map(|one| {
        let (word, tone) = change(one.change);
        vec![
            Cell::from(word).with_tone(tone),
            Cell::from(one.code.clone()),
            Cell::from(one.title.clone()),
            Cell::from(one.subject.clone()),
            Cell::from(severity(one.before)),
            Cell::from(severity(one.after)),
        ]
    });
    let columns = [
        ("change", "change"),
        ("code", "code"),
        ("problem", "problem"),
        ("subject", "subject"),
        ("before", "before"),
        ("after", "after"),
    ];
    let mut table = Table::whole("Findings that changed", &columns, rows);
    table.hidden = changed.len().saturating_sub(SHOWN) as u64;
    blocks.push(Block::Table(table));
    blocks
}

fn change(change: FindingChange) -> (&'static str, Option<Tone>) {
    match change {
        FindingChange::Worse => ("became worse", Some(Tone::Worse)),
        FindingChange::Appeared => ("appeared", Some(Tone::Worse)),
        FindingChange::NewlyChecked => ("not checked before", None),
        FindingChange::Better => ("became better", Some(Tone::Better)),
        FindingChange::Went => ("gone", Some(Tone::Better)),
        FindingChange::NoLongerChecked => ("not checked now", None),
        FindingChange::Stayed => ("stayed", None),
    }
}

pub(super) fn rates(rates: &[RateDiff]) -> Vec<Block> {
    let is_shown = |one: &&RateDiff| {
        let figures = [&one.before, &one.after].map(Rate::per_second);
        figures.iter().flatten().any(|rate| *rate > 0.0)
    };
    let rows = rates.iter().filter(is_shown).map(|one| {
        let cell = |rate: &Rate, tone| match rate.per_second() {
            Some(rate) => Cell::from(one.unit.quantity(rate)).with_tone(tone),
            None => Cell::from(Quantity::Unknown),
        };
        let ratio = one.ratio().map(|ratio| format!("× {}", times(ratio)));
        let tone = one.is_worse().then_some(Tone::Worse);
        vec![
            Cell::from(one.unit.label(one.label)),
            cell(&one.before, None),
            cell(&one.after, tone),
            Cell::from(ratio),
            Cell::from(over(one)),
        ]
    });
    let columns =
        [("rate", "rate"), ("before", "before"), ("after", "after"), ("ratio", "change"), ("over", "measured over")];
    let table = Table::whole("Rates of the server", &columns, rows);
    vec![Block::heading("Rates"), Block::Table(table), Block::list(absences(rates))]
}

/// Over which times the rates were measured.
fn over(rate: &RateDiff) -> String {
    let pair: Vec<String> = [&rate.before, &rate.after].into_iter().filter_map(Rate::over).collect();
    match pair.as_slice() {
        [before, after] if before == after => before.clone(),
        pair => pair.join("; "),
    }
}

/// Why rates are unknown: one line a reason.
fn absences(rates: &[RateDiff]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (which, side) in [("first", 0), ("second", 1)] {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for rate in rates {
            let own = if side == 0 { &rate.before } else { &rate.after };
            let Some(reason) = own.absence() else { continue };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, labels)) => labels.push(rate.label),
                None => reasons.push((reason, vec![rate.label])),
            }
        }
        let line =
            |(reason, labels): (&str, Vec<&str>)| format!("No rate in the {which}: {}: {reason}", labels.join(", "));
        lines.extend(reasons.into_iter().map(line));
    }
    lines
}

pub(super) fn waits(waits: &Waits) -> Vec<Block> {
    let heading = Block::heading("Waits");
    if let Some(reason) = &waits.missing {
        return vec![heading, Block::paragraph(format!("Waits are not compared: {reason}."))];
    }
    let rows = waits.events.iter().take(SHOWN).map(|one| {
        vec![
            Cell::from(one.event.clone()),
            Cell::from(Quantity::Number(one.before)),
            Cell::from(Quantity::Number(one.after)),
            Cell::from(one.meaning),
        ]
    });
    let columns = [("event", "event"), ("before", "before"), ("after", "after"), ("meaning", "meaning")];
    let number = |sessions: Option<f64>| sessions.map_or_else(|| "–".to_owned(), |one| Quantity::Number(one).display());
    let lead = format!(
        "Active client sessions on average: {} before, {} after.",
        number(waits.sessions_before),
        number(waits.sessions_after)
    );
    vec![
        heading,
        Block::paragraph(lead),
        Block::Table(Table::whole("Sessions by wait event, on average", &columns, rows)),
    ]
}
