//! Statements by execution time.

use pgdba_pg::{Bytes, Millis, Ratio, display};
use serde::Serialize;

use super::{Reply, Shown, Topic, largest_first, number_of};
use crate::facts::growth::Sampled;
use crate::facts::statements::{Statement, Statements};
use crate::facts::{View, declared};
use crate::{Bars, Block, Checked, Quantity, Table};

/// Characters of a statement's text that a table shows.
const MAX_TEXT: usize = 160;

/// Characters of a statement's text that a chart shows.
const MAX_LABEL: usize = 40;

/// Share of the execution time below which a statement is left out of the table.
const MIN_SHARE: Ratio = Ratio(0.0005);

/// Statements by execution time.
pub static TOPIC: Topic =
    Topic { name: "queries", title: "Queries", reads: &[&declared::statements, &declared::block_size], show };

fn show(view: &View<'_>) -> Checked<Shown> {
    let recorded = view.statements()?;
    let statements = by_time(recorded);
    let worth_a_row = |statement: &&&Statement| statement.share.is_some_and(|share| share >= MIN_SHARE);
    let rows: Vec<&Statement> = statements.iter().filter(worth_a_row).copied().collect();
    let block_size = view.block_size().ok().copied();
    let table = Table::new(CAPTION, &COLUMNS, rows.iter().map(|statement| row(statement, block_size)));
    Ok(shown(recorded, &statements, table))
}

const CAPTION: &str = "Statements by execution time";

const COLUMNS: [(&str, &str); 8] = [
    ("query", "query"),
    ("calls", "calls"),
    ("total_time", "total time"),
    ("share", "share"),
    ("mean_time", "mean time"),
    ("rows_per_call", "rows per call"),
    ("cache_hit", "cache hit"),
    ("temporary_files", "temporary files"),
];

/// The statements, the costliest first.
fn by_time(recorded: &Statements) -> Vec<&Statement> {
    let mut statements: Vec<&Statement> = recorded.all.iter().collect();
    largest_first(&mut statements, |statement| statement.share);
    statements
}

/// A sentence, a chart, the table, and what ran in the window of a delta.
fn shown(recorded: &Statements, statements: &[&Statement], table: Table) -> Shown {
    let shares = statements.iter().map(|statement| (*statement, statement.share.into()));
    let label = |statement: &Statement| one_line(statement, MAX_LABEL);
    let chart = Bars::shares("Share of execution time", shares, label).map(Block::from);
    let in_window = recorded.sampled.iter().flat_map(|sampled| in_window(sampled, &recorded.all));
    Shown {
        lead: lead(statements, recorded),
        blocks: chart.into_iter().chain([Block::Table(table)]).chain(in_window).collect(),
    }
}

/// A statement of `query top`.
#[derive(Debug, Serialize)]
pub struct TopStatement {
    /// Its text, without constants; none where it is hidden from the collecting role.
    pub query: Option<String>,
    /// `pg_stat_statements.queryid`.
    pub query_id: Option<String>,
    /// Its database.
    pub database: Option<String>,
    /// The role that runs it.
    pub role: Option<String>,
    /// How often it ran.
    pub calls: Option<i64>,
    /// Its execution time, in milliseconds.
    pub total_time_ms: Option<f64>,
    /// Its share of the execution time of all statements, 0 to 1.
    pub share: Option<f64>,
}

/// The data of `query top`.
#[derive(Debug, Serialize)]
pub struct Top {
    /// The statements, the costliest first.
    pub statements: Vec<TopStatement>,
}

/// The `limit` statements with the greatest execution time.
///
/// # Errors
/// pg_stat_statements is missing.
pub fn top(view: &View<'_>, limit: usize) -> Checked<Reply<Top>> {
    let recorded = view.statements()?;
    let statements = by_time(recorded);
    let first: Vec<&Statement> = statements.iter().take(limit).copied().collect();
    let data = |statement: &&Statement| TopStatement {
        query: statement.row.query.clone().filter(|_| !statement.is_hidden()),
        query_id: statement.row.queryid.clone(),
        database: statement.row.datname.clone(),
        role: statement.role.clone(),
        calls: statement.row.calls,
        total_time_ms: statement.row.total_exec_time,
        share: statement.share.map(|share| share.0),
    };
    let block_size = view.block_size().ok().copied();
    let rows = first.iter().map(|statement| row(statement, block_size).into_iter().map(Into::into).collect());
    let table = Table::whole(CAPTION, &COLUMNS, rows);
    let data = Top { statements: first.iter().map(data).collect() };
    Ok(Reply { shown: shown(recorded, &statements, table), data })
}

/// The statements that ran in the window of a delta, by execution time in it.
fn in_window(sampled: &Sampled, statements: &[Statement]) -> [Block; 2] {
    let time = |statement: &Statement| statement.growth.row().and_then(|row| row.total_exec_time);
    let has_run = |statement: &&Statement| statement.growth.row().is_some_and(|row| row.calls > Some(0));
    let mut run: Vec<&Statement> = statements.iter().filter(has_run).collect();
    largest_first(&mut run, |statement| time(statement));
    let total: f64 = run.iter().filter_map(|statement| time(statement)).sum();
    let columns = [
        ("query", "query"),
        ("calls", "calls"),
        ("time", "time"),
        ("share", "share"),
        ("rows", "rows"),
        ("blocks_read", "blocks read"),
    ];
    let rows = run.iter().map(|statement| {
        let share = time(statement).map(|time| time / total).filter(|share| share.is_finite());
        vec![
            one_line(statement, MAX_TEXT).into(),
            statement.growth.per_second(|row| row.calls),
            time(statement).map(Millis).into(),
            share.map(Ratio).into(),
            statement.growth.per_second(|row| row.rows),
            statement.growth.per_second(|row| row.shared_blks_read),
        ]
    });
    let table = Table::new(format!("Statements over the {} of the delta", sampled.words()), &columns, rows);
    [Block::Table(table), Block::List { items: sampled.notes("statement", "statements") }]
}

fn lead(statements: &[&Statement], recorded: &Statements) -> String {
    let Some(first) = statements.first() else { return "pg_stat_statements contains no statements.".to_owned() };
    let largest = first.share.map(|share| format!("; the top statement took {} of that", display::percent(share)));
    format!(
        "{} took {} in total{}{}.",
        display::counted(number_of(statements), "recorded statement", "recorded statements"),
        display::duration(Millis(recorded.total_exec_time)),
        recorded.window.length.map(|length| format!(", measured over {}", display::duration(length))).unwrap_or_default(),
        largest.unwrap_or_default(),
    )
}

fn row(statement: &Statement, block_size: Option<i64>) -> Vec<Quantity> {
    let row = &statement.row;
    let rows_per_call = row.rows.zip(row.calls).filter(|(_, calls)| *calls > 0);
    let pages = row.shared_blks_hit.zip(row.shared_blks_read);
    let written = row.temp_blks_written.zip(block_size);
    vec![
        one_line(statement, MAX_TEXT).into(),
        row.calls.into(),
        row.total_exec_time.map(Millis).into(),
        statement.share.into(),
        row.mean_exec_time.map(Millis).into(),
        rows_per_call.map_or(Quantity::Unknown, |(rows, calls)| Quantity::Number(rows as f64 / calls as f64)),
        pages.and_then(|(hit, read)| Ratio::of(hit, hit.saturating_add(read))).into(),
        written.map(|(blocks, size)| Bytes::from_pages(blocks, size)).into(),
    ]
}

fn one_line(statement: &Statement, longest: usize) -> String {
    if statement.is_hidden() {
        return "<hidden from the collecting role>".to_owned();
    }
    let words: Vec<&str> = statement.row.query.as_deref().unwrap_or_default().split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::Beside;
    use crate::{Facts, example};

    #[test]
    fn the_costliest_are_shown_and_answered_as_many_as_were_asked_for() {
        let statement = |id: i64, time: f64, text: &str| {
            json!({ "queryid": id.to_string(), "query": text, "calls": 2, "total_exec_time": time, "datname": "shop" })
        };
        let document = json!({ "pg_stat_statements": [
            statement(1, 1.0, "select 1"),
            statement(2, 9000.0, "<insufficient privilege>"),
            statement(3, 500.0, "select 3"),
        ] });
        let snapshot = example::snapshot(&document.to_string()).unwrap();
        let facts = Facts::of(&snapshot);
        let view = View::new(&facts, Beside::default(), TOPIC.reads);
        for (limit, expected) in [(2, vec!["2", "3"]), (0, vec![]), (9, vec!["2", "3", "1"])] {
            let Reply { shown, data } = top(&view, limit).unwrap();
            let ids: Vec<&str> = data.statements.iter().filter_map(|top| top.query_id.as_deref()).collect();
            let rows = shown.blocks.iter().find_map(|block| match block {
                Block::Table(table) => Some(table.rows.len()),
                _ => None,
            });
            assert_eq!((ids, rows), (expected.clone(), Some(expected.len())), "{limit}");
            assert!(shown.lead.starts_with("3 recorded statements took 9.5 s in total"), "{}", shown.lead);
        }
        let first = top(&view, 1).unwrap().data.statements.remove(0);
        assert_eq!((first.query, first.total_time_ms), (None, Some(9000.0)), "hidden from the role");
    }
}
