//! Statements as blocks.

use pgdba_pg::display::counted;
use pgdba_pg::{Millis, Ratio, display};

use crate::diff::regressions::{query, times, words};
use crate::diff::statements::{
    Basis, ComparedStatement, LoneStatement, OneSided, StatementChange, Statements, Test, TimeMethod,
};
use crate::format::{Block, Cell, Quantity, Table, Tone};

/// Statements that a table shows; the data contain all.
const SHOWN: usize = 20;

/// A share of the compared time below which it is reported.
const COVERED: f64 = 0.9;

pub(super) fn blocks(statements: &Statements) -> Vec<Block> {
    let mut blocks = vec![Block::heading("Statements"), Block::paragraph(lead(statements))];
    blocks.extend(host(statements).map(Block::paragraph));
    let worse = compared("More work or slower", statements, ComparedStatement::is_worse, Tone::Worse);
    let better = compared("Less work or faster", statements, ComparedStatement::is_better, Tone::Better);
    let added = lone("Only in the second window", &statements.added, Tone::Added);
    let removed = lone("Only in the first window", &statements.removed, Tone::Removed);
    blocks.extend([worse, better, added, removed, ranked(statements)].map(Block::Table));
    blocks.push(Block::list(notes(statements)));
    blocks
}

fn lead(statements: &Statements) -> String {
    let duration = |seconds: f64| display::duration(Millis::from_seconds(seconds));
    match &statements.basis {
        Basis::Nothing { reason } => format!("Statements are not compared: {reason}."),
        Basis::Growth { seconds, reason } => format!(
            "Not tested: {reason}, so there is one window of {}, and nothing to compare it with. Statements are ranked by their \
             time in it.",
            duration(*seconds)
        ),
        Basis::Windows { before_seconds, after_seconds } => {
            let all = statements.compared.len();
            let changed = statements.notable(|one| !one.changes.is_empty()).count();
            let statements = counted(all, "statement ran", "statements ran");
            format!(
                "{statements} in both windows ({} and {}); {} changed.",
                duration(*before_seconds),
                duration(*after_seconds),
                if changed == 0 {
                    "none".to_owned()
                } else {
                    display::count(i64::try_from(changed).unwrap_or(i64::MAX))
                }
            )
        }
    }
}

/// The server as a whole, where it became slower, faster or unsteady.
fn host(statements: &Statements) -> Option<String> {
    let test = &statements.time_test;
    if !test.is_host_unsteady() {
        return None;
    }
    let certainty = match (test.method, test.is_host_confirmed) {
        (TimeMethod::SeveralWindows, true) => "; several windows confirm it",
        (TimeMethod::SeveralWindows, false) => "; the windows do not confirm it",
        _ => "; one window a side cannot confirm it",
    };
    let ratio = test.host_ratio.filter(|ratio| !(1.0 / 1.1..=1.1).contains(ratio));
    let speed = ratio.map(|ratio| {
        let verb = if ratio > 1.0 { "slower" } else { "faster" };
        let by = if ratio > 1.0 { ratio } else { 1.0 / ratio };
        format!("The server as a whole was {} times {verb} in the second window{certainty}. ", times(by))
    });
    let unsteady = test.unsteadiness.filter(|unsteadiness| *unsteadiness >= 2.0).map(|unsteadiness| {
        format!("The server was unsteady: times deviate {} times as much as calls alone explain. ", times(unsteadiness))
    });
    let text = speed.into_iter().chain(unsteady).collect::<String>();
    Some(format!("{text}Changes of single statements are measured against that and have less confidence."))
}

fn compared(caption: &str, all: &Statements, is: fn(&ComparedStatement) -> bool, tone: Tone) -> Table {
    let notable: Vec<&ComparedStatement> = all.notable(is).collect();
    let rows = notable.iter().take(SHOWN).map(|one| {
        let added = Cell::from(Millis(one.added_ms)).with_tone(Some(tone));
        vec![
            Cell::from(query(one)),
            Cell::from(changes(one)),
            test(one.pages.as_ref()),
            test(one.rows.as_ref()),
            Cell::from(Millis(one.before.mean_ms)),
            Cell::from(Millis(one.after.mean_ms)),
            test(one.time.as_ref()),
            added,
            Cell::from(one.confidence.map(crate::format::Confidence::word)),
            Cell::from(one.cause.as_deref()),
        ]
    });
    let columns = [
        ("query", "query"),
        ("change", "change"),
        ("pages", "pages/call"),
        ("rows", "rows/call"),
        ("before", "time before"),
        ("after", "time after"),
        ("time", "time/call"),
        ("added", "time added"),
        ("confidence", "confidence"),
        ("cause", "cause"),
    ];
    let mut table = Table::whole(caption, &columns, rows).with_long("query").with_long("cause");
    table.hidden = notable.len().saturating_sub(SHOWN) as u64;
    table
}

fn changes(one: &ComparedStatement) -> String {
    let word = |change: &StatementChange| match change {
        StatementChange::MoreWork => "more work",
        StatementChange::Slower => "slower",
        StatementChange::LessWork => "less work",
        StatementChange::Faster => "faster",
        StatementChange::MoreReads => "more reads",
    };
    one.changes.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// `× 1.95 (1.90 to 2.01)`: the ratio and its interval.
fn test(test: Option<&Test>) -> Cell {
    let Some(test) = test else { return Cell::from(Quantity::Unknown) };
    Cell::from(format!("× {} ({} to {})", times(test.ratio), times(test.low), times(test.high)))
}

fn lone(caption: &str, all: &[LoneStatement], tone: Tone) -> Table {
    let whole: f64 = all.iter().map(|one| one.figures.total_ms).sum();
    let rows = all.iter().take(SHOWN).map(|one| {
        let name = words(one.name.query.as_deref(), one.name.query_id.as_deref());
        let why = match one.reason {
            OneSided::NotRecorded => "not in the other snapshot",
            OneSided::DidNotRun => "known, did not run",
            OneSided::Unknown => "known, but its counters were reset",
            OneSided::NotKept => "the other snapshot is incomplete",
        };
        vec![
            Cell::from(name).with_tone(Some(tone)),
            Cell::from(Millis(one.figures.total_ms)),
            Cell::from(Some(Ratio(one.figures.total_ms / whole)).filter(|share| share.0.is_finite())),
            Cell::from(one.figures.calls as i64),
            Cell::from(Millis(one.figures.mean_ms)),
            Cell::from(why),
        ]
    });
    let columns = [
        ("query", "query"),
        ("total_time", "total time"),
        ("share", "share of these"),
        ("calls", "calls"),
        ("mean_time", "mean time"),
        ("reason", "in the other"),
    ];
    let mut table = Table::whole(caption, &columns, rows).with_long("query");
    table.hidden = all.len().saturating_sub(SHOWN) as u64;
    table
}

fn ranked(statements: &Statements) -> Table {
    let rows = statements.ranked.iter().take(SHOWN).map(|one| {
        let tone = one.is_new.then_some(Tone::Added);
        vec![
            Cell::from(words(one.name.query.as_deref(), one.name.query_id.as_deref())).with_tone(tone),
            Cell::from(Millis(one.figures.total_ms)),
            Cell::from(one.figures.calls as i64),
            Cell::from(Millis(one.figures.mean_ms)),
        ]
    });
    let columns = [("query", "query"), ("total_time", "total time"), ("calls", "calls"), ("mean_time", "mean time")];
    let mut table = Table::whole("Between the snapshots, by total time", &columns, rows).with_long("query");
    table.hidden = statements.ranked.len().saturating_sub(SHOWN) as u64;
    table
}

fn notes(statements: &Statements) -> Vec<String> {
    let test = &statements.time_test;
    let is_compared = !statements.compared.is_empty();
    let smallest = test.smallest_seen.map(|smallest| {
        format!(
            "A change of the time per call below {} times would not have been found for half of the statements, so \"unchanged\" is \
             not claimed.",
            times(smallest)
        )
    });
    let minor = statements.compared.iter().filter(|one| one.is_minor && !one.changes.is_empty()).count();
    let minor = (minor > 0).then(|| {
        let count = counted(minor, "statement", "statements");
        format!("Not shown: changes of {count} below 0.5 % of the time; the JSON output has them.")
    });
    let reads = statements.notable(|one| one.changes == [StatementChange::MoreReads]).count();
    let reads = (reads > 0).then(|| {
        let count = counted(reads, "statement", "statements");
        format!("{count} found at least twice as many pages outside shared buffers; the content of the cache changes, so this is not a regression.")
    });
    let evicted = statements.evicted.filter(|evicted| *evicted > 0).map(|evicted| {
        let covered = statements.covered.map(|share| format!(" Compared statements take {} of the recorded time.", display::percent(Ratio(share))));
        let entries = counted(evicted, "entry was", "entries were");
        format!(
            "{entries} evicted from pg_stat_statements meanwhile: what is new may have been evicted before, and what is gone may have \
             been evicted.{}",
            covered.unwrap_or_default()
        )
    });
    let uncovered =
        statements.covered.filter(|share| *share < COVERED && statements.evicted.is_none_or(|evicted| evicted == 0));
    let uncovered = uncovered.map(|share| {
        format!(
            "Compared statements take {} of the recorded time; the rest is of statements in one window only, or without an identifier.",
            display::percent(Ratio(share))
        )
    });
    let uncompared = statements.uncompared.iter().map(|one| {
        let which = if one.snapshot == "before" { "first" } else { "second" };
        let count = counted(one.statements, "statement", "statements");
        format!("Not compared: {count} of the {which} snapshot: {}.", one.reason)
    });
    let is_less = !statements.removed.is_empty() || statements.notable(ComparedStatement::is_better).next().is_some();
    let failed = is_less.then(|| {
        "Statements that fail are not counted: one that began to time out appears to run less often.".to_owned()
    });
    let method = test.reason.clone().filter(|_| is_compared).map(|reason| sentence(&reason));
    [method, smallest, minor, reads, evicted, uncovered].into_iter().flatten().chain(uncompared).chain(failed).collect()
}

/// `reason` as a sentence.
fn sentence(reason: &str) -> String {
    let mut chars = reason.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}
